"""What the reviewer's queue keeps: clusters, notes, decisions with what takes them back, saved views."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from knowledge_base.tables.base import Identifier, UtcDateTime

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

TABLES = ("review_view", "review_decision", "review_note", "review_cluster", "review_vector", "review_member")


def upgrade() -> None:
    op.create_table(
        "review_member",
        sa.Column("turn_id", Identifier(), nullable=False),
        sa.Column("cluster_id", Identifier(), nullable=False),
        sa.Column("answer_id", Identifier(), nullable=True),
        sa.Column("collection", sa.String(64), nullable=False),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("encoder", sa.String(255), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("damage", sa.Double(), nullable=False),
        sa.Column("pinned", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("turn_id", name=op.f("pk_review_member")),
        _to_turn("review_member"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "review_vector",
        sa.Column("turn_id", Identifier(), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("turn_id", name=op.f("pk_review_vector")),
        sa.ForeignKeyConstraint(
            ["turn_id"],
            ["review_member.turn_id"],
            ondelete="CASCADE",
            name=op.f("fk_review_vector_turn_id_review_member"),
        ),
    )
    op.create_index(op.f("ix_review_member_cluster_id"), "review_member", ["cluster_id"])
    op.create_index("ix_review_member_answer_id_language", "review_member", ["answer_id", "language"])
    op.create_table(
        "review_cluster",
        sa.Column("id", Identifier(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("flagged", sa.Boolean(), nullable=False),
        sa.Column("assignee", sa.String(128), nullable=True),
        sa.Column("changed_by", sa.String(128), nullable=True),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_cluster")),
    )
    op.create_index(op.f("ix_review_cluster_assignee"), "review_cluster", ["assignee"])
    op.create_table(
        "review_note",
        sa.Column("id", Identifier(), nullable=False),
        sa.Column("turn_id", Identifier(), nullable=False),
        sa.Column("author", sa.String(128), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_note")),
        _to_turn("review_note"),
    )
    op.create_index(op.f("ix_review_note_turn_id"), "review_note", ["turn_id"])
    op.create_table(
        "review_decision",
        sa.Column("id", Identifier(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("actor", sa.String(128), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("undo", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("undone_by", sa.String(128), nullable=True),
        sa.Column("undone_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_decision")),
    )
    op.create_table(
        "review_view",
        sa.Column("id", Identifier(), nullable=False),
        sa.Column("owner", sa.String(128), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("query", sa.String(2000), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_view")),
        sa.UniqueConstraint("owner", "name", name=op.f("uq_review_view_owner_name")),
    )
    op.add_column("feedback", sa.Column("decision_id", Identifier(), nullable=True))
    # The trail of one item is read by its subject.
    op.create_index(op.f("ix_audit_subject"), "audit", ["subject"])


def downgrade() -> None:
    op.drop_index(op.f("ix_audit_subject"), "audit")
    op.drop_column("feedback", "decision_id")
    for table in TABLES:
        op.drop_table(table)


def _to_turn(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_turn_id_turn")
    return sa.ForeignKeyConstraint(["turn_id"], ["turn.id"], ondelete="CASCADE", name=name)
