"""When customers asked other things than they did."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from knowledge_base.tables.base import Identifier, UtcDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

NAME = "ux_drift_open"
OPEN = sa.text("state = 'open'")


def upgrade() -> None:
    op.create_table(
        "drift",
        sa.Column("id", Identifier(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("since_turn_id", Identifier(), nullable=False),
        sa.Column("seen_turn_id", Identifier(), nullable=False),
        sa.Column("watch", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("before_turns", sa.Integer(), nullable=False),
        sa.Column("before_unsure", sa.Integer(), nullable=False),
        sa.Column("typical", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("typical_of", sa.Integer(), nullable=False),
        sa.Column("began_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("ended_by", sa.String(128), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drift")),
    )
    op.create_index(NAME, "drift", ["state"], unique=True, sqlite_where=OPEN, postgresql_where=OPEN)


def downgrade() -> None:
    op.drop_table("drift")
