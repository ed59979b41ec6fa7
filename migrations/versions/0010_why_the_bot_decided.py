"""Why the bot decided as it did, which part of a message it answered, and how that message sounded."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

ADDED = ("why", "asked_from", "asked_to", "sentiment")


def upgrade() -> None:
    op.add_column("bot_message", sa.Column("why", sa.String(32), nullable=False, server_default=""))
    op.add_column("bot_message", sa.Column("asked_from", sa.Integer(), nullable=True))
    op.add_column("bot_message", sa.Column("asked_to", sa.Integer(), nullable=True))
    op.add_column("bot_message", sa.Column("sentiment", sa.Double(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("bot_message") as table:
        for name in ADDED:
            table.drop_column(name)
