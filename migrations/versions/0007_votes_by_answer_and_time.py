"""An answer's votes are found by their time."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

BEFORE, NOW = "ix_feedback_answer_id", "ix_feedback_answer_id_created_at"


def upgrade() -> None:
    op.drop_index(BEFORE, "feedback")
    op.create_index(NOW, "feedback", ["answer_id", "created_at"])


def downgrade() -> None:
    op.drop_index(NOW, "feedback")
    op.create_index(BEFORE, "feedback", ["answer_id"])
