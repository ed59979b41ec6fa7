"""What is watched: outside texts, what was heard lately, alarms on topics, figures by the hour."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from knowledge_base.tables.base import Identifier, UtcDateTime

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "observation",
        sa.Column("id", Identifier(), nullable=False),
        sa.Column("source", sa.String(64), nullable=False),
        sa.Column("external_id", sa.String(255), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("language", sa.String(16), nullable=True),
        sa.Column("rating", sa.Double(), nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_observation")),
        sa.UniqueConstraint("source", "external_id", name=op.f("uq_observation_source_external_id")),
    )
    op.create_index(op.f("ix_observation_at"), "observation", ["at"])
    _heard()
    _alarms()
    op.create_table(
        "watched_hour",
        sa.Column("hour", UtcDateTime(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("answered", "clarified", "handed_off")),
        sa.Column("courtesies", sa.Integer(), nullable=False),
        sa.Column("sounded", sa.Integer(), nullable=False),
        sa.Column("moods", sa.Double(), nullable=False),
        sa.Column("angry", sa.Integer(), nullable=False),
        sa.Column("waits", _json(), nullable=False),
        sa.Column("cpu_seconds", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("hour", name=op.f("pk_watched_hour")),
    )
    op.create_table(
        "watch",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("holder", sa.String(128), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=False),
        sa.Column("counted_turn_id", Identifier(), nullable=True),
        sa.Column("seen", _json(), nullable=False),
        sa.Column("memory_map", _json(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_watch")),
    )


def downgrade() -> None:
    for table in ("watch", "watched_hour", "topic_alarm", "heard", "observation"):
        op.drop_table(table)


def _json() -> sa.JSON:
    return sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def _heard() -> None:
    op.create_table(
        "heard",
        sa.Column("id", Identifier(), nullable=False),
        sa.Column("turn_id", Identifier(), nullable=True),
        sa.Column("observation_id", Identifier(), nullable=True),
        sa.Column("person", Identifier(), nullable=False),
        sa.Column("stream", sa.String(80), nullable=False),
        sa.Column("language", sa.String(16), nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("mood", sa.Double(), nullable=True),
        sa.Column("unanswered", sa.Boolean(), nullable=False),
        sa.Column("space", sa.String(255), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_heard")),
        sa.UniqueConstraint("turn_id", name=op.f("uq_heard_turn_id")),
        sa.UniqueConstraint("observation_id", name=op.f("uq_heard_observation_id")),
        sa.ForeignKeyConstraint(["turn_id"], ["turn.id"], ondelete="CASCADE", name=op.f("fk_heard_turn_id_turn")),
        sa.ForeignKeyConstraint(
            ["observation_id"],
            ["observation.id"],
            ondelete="CASCADE",
            name=op.f("fk_heard_observation_id_observation"),
        ),
    )
    op.create_index(op.f("ix_heard_at"), "heard", ["at"])


def _alarms() -> None:
    op.create_table(
        "topic_alarm",
        sa.Column("id", Identifier(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("hours", sa.Double(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("expected", sa.Double(), nullable=False),
        sa.Column("chance", sa.Double(), nullable=False),
        sa.Column("typical", _json(), nullable=False),
        sa.Column("space", sa.String(255), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.Column("raised_at", UtcDateTime(), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.Column("acknowledged_at", UtcDateTime(), nullable=True),
        sa.Column("acknowledged_by", sa.String(128), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_topic_alarm")),
    )
    op.create_index("ix_topic_alarm_state", "topic_alarm", ["state"])
