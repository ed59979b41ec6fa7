"""Which judgement an answer was mostly read from."""

import sqlalchemy as sa
from alembic import op

from knowledge_base.tables.base import Identifier

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

NAME = "ix_bot_message_taught_by"


def upgrade() -> None:
    op.add_column("bot_message", sa.Column("taught_by", Identifier(), nullable=True))
    op.create_index(NAME, "bot_message", ["taught_by"])


def downgrade() -> None:
    op.drop_index(NAME, "bot_message")
    with op.batch_alter_table("bot_message") as table:
        table.drop_column("taught_by")
