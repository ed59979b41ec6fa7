"""What customers with the same question needed too, as it was told beside an answer; and what customers are called."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    kind = sa.JSON().with_variant(JSONB(), "postgresql")
    op.add_column("bot_message", sa.Column("related", kind, nullable=False, server_default="[]"))
    op.add_column("conversation", sa.Column("customer_name", sa.String(128), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("bot_message") as table:
        table.drop_column("related")
    with op.batch_alter_table("conversation") as table:
        table.drop_column("customer_name")
