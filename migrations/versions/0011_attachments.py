"""Images that customers sent."""

import sqlalchemy as sa
from alembic import op

from knowledge_base.tables.base import Identifier, UtcDateTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "attachment",
        sa.Column("id", Identifier(), nullable=False),
        sa.Column("dialogue_id", Identifier(), nullable=False),
        sa.Column("turn_id", Identifier(), nullable=True),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("media_type", sa.String(32), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("text", sa.String(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment")),
        _to("dialogue", "dialogue_id"),
        _to("turn", "turn_id"),
    )
    op.create_index(op.f("ix_attachment_dialogue_id"), "attachment", ["dialogue_id"])
    op.create_index("ix_attachment_turn_id_created_at", "attachment", ["turn_id", "created_at"])


def downgrade() -> None:
    op.drop_table("attachment")


def _to(table: str, column: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_attachment_{column}_{table}")
    return sa.ForeignKeyConstraint([column], [f"{table}.id"], ondelete="CASCADE", name=name)
