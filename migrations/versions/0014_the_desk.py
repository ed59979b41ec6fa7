"""What agents share at their desk: canned texts, notes on conversations, who is there."""

import sqlalchemy as sa
from alembic import op

from knowledge_base.tables.base import Identifier, UtcDateTime

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "canned_text",
        sa.Column("id", Identifier(), nullable=False),
        sa.Column("shortcut", sa.String(32), nullable=False),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("author", sa.String(128), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_canned_text")),
        sa.UniqueConstraint("shortcut", "language", name=op.f("uq_canned_text_shortcut_language")),
    )
    op.create_table(
        "note",
        sa.Column("id", Identifier(), nullable=False),
        sa.Column("dialogue_id", Identifier(), nullable=False),
        sa.Column("author", sa.String(128), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_note")),
        _to_dialogue("note", "CASCADE"),
    )
    op.create_index(op.f("ix_note_dialogue_id"), "note", ["dialogue_id"])
    op.create_table(
        "presence",
        sa.Column("agent", sa.String(128), nullable=False),
        sa.Column("dialogue_id", Identifier(), nullable=True),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("agent", name=op.f("pk_presence")),
        _to_dialogue("presence", "SET NULL"),
    )
    op.create_index(op.f("ix_presence_dialogue_id"), "presence", ["dialogue_id"])


def downgrade() -> None:
    for table in ("presence", "note", "canned_text"):
        op.drop_table(table)


def _to_dialogue(table: str, ondelete: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_dialogue_id_dialogue")
    return sa.ForeignKeyConstraint(["dialogue_id"], ["dialogue.id"], ondelete=ondelete, name=name)
