"""Files that are uploaded to be imported: what was found in them, how far their import is, what came of it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from knowledge_base.tables.base import Identifier, UtcDateTime

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "import_run",
        sa.Column("id", Identifier(), nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("options", _JSON, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("stage", sa.String(32), nullable=True),
        sa.Column("progress", sa.Double(), nullable=False),
        sa.Column("found", _JSON, nullable=False),
        sa.Column("result", _JSON, nullable=False),
        sa.Column("problem", sa.String(), nullable=True),
        sa.Column("requested_by", sa.String(128), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.Column("holder", sa.String(128), nullable=True),
        sa.Column("heartbeat_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_run")),
    )
    op.create_index(op.f("ix_import_run_state"), "import_run", ["state"])


def downgrade() -> None:
    op.drop_table("import_run")
