"""What training made, questions that no update may lose, what shadows said, runs that one process works on."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from knowledge_base.tables.base import Identifier, UtcDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

NAME = "ux_update_run_running"
RUNNING = sa.text("state = 'running'")


def upgrade() -> None:
    json = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
    op.create_table(
        "artefact",
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("config", json, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_artefact")),
    )
    op.create_table(
        "frozen_question",
        sa.Column("id", Identifier(), nullable=False),
        sa.Column("source", sa.String(255), nullable=False),
        sa.Column("content_hash", sa.LargeBinary(16), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("history", json, nullable=False),
        sa.Column("collection", sa.String(64), nullable=False),
        sa.Column("answer_ids", json, nullable=False),
        sa.Column("answers", json, nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_frozen_question")),
        sa.UniqueConstraint("content_hash", name=op.f("uq_frozen_question_content_hash")),
    )
    op.create_index(op.f("ix_frozen_question_source"), "frozen_question", ["source"])
    op.create_table(
        "shadow_reply",
        sa.Column("turn_id", Identifier(), nullable=False),
        sa.Column("model_version_id", Identifier(), nullable=False),
        sa.Column("decision", sa.String(16), nullable=False),
        sa.Column("answer_id", Identifier(), nullable=True),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("turn_id", "model_version_id", name=op.f("pk_shadow_reply")),
        _to("turn", "turn_id", "CASCADE"),
        _to("model_version", "model_version_id", "CASCADE"),
        _to("answer", "answer_id", "SET NULL"),
    )
    op.create_index(op.f("ix_shadow_reply_model_version_id"), "shadow_reply", ["model_version_id"])
    op.add_column("answer", sa.Column("must_not_break", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("update_run", sa.Column("requested_by", sa.String(128), nullable=True))
    op.add_column("update_run", sa.Column("stage", sa.String(32), nullable=True))
    op.add_column("update_run", sa.Column("holder", sa.String(128), nullable=True))
    op.add_column("update_run", sa.Column("heartbeat_at", UtcDateTime(), nullable=True))
    op.create_index(NAME, "update_run", ["state"], unique=True, sqlite_where=RUNNING, postgresql_where=RUNNING)


def downgrade() -> None:
    op.drop_index(NAME, "update_run")
    for column in ("requested_by", "stage", "holder", "heartbeat_at"):
        op.drop_column("update_run", column)
    op.drop_column("answer", "must_not_break")
    op.drop_table("shadow_reply")
    op.drop_table("frozen_question")
    op.drop_table("artefact")


def _to(table: str, column: str, ondelete: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_shadow_reply_{column}_{table}")
    return sa.ForeignKeyConstraint([column], [f"{table}.id"], ondelete=ondelete, name=name)
