"""Pairs of answers that say the same or contradict each other."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from knowledge_base.tables.base import UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Not by batch: SQLite would make the table again, and dropping the old one empties all that refers to it.
    op.add_column("answer", sa.Column("compared_at", UtcDateTime(), nullable=True))
    op.create_table(
        "answer_pair",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("first_id", sa.Uuid(), nullable=False),
        sa.Column("second_id", sa.Uuid(), nullable=False),
        sa.Column("similarity", sa.Double(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column(
            "undo", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("decided_by", sa.String(length=128), nullable=True),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["first_id"], ["answer.id"], name=op.f("fk_answer_pair_first_id_answer"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["second_id"], ["answer.id"], name=op.f("fk_answer_pair_second_id_answer"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer_pair")),
        sa.UniqueConstraint("first_id", "second_id", name=op.f("uq_answer_pair_first_id_second_id")),
    )
    op.create_index("ix_answer_pair_state_kind", "answer_pair", ["state", "kind"])
    op.create_index(op.f("ix_answer_pair_second_id"), "answer_pair", ["second_id"])


def downgrade() -> None:
    op.drop_table("answer_pair")
    op.drop_column("answer", "compared_at")
