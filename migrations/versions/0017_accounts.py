"""Who was invited, which accounts are suspended, where a login sits, when a key was used."""

import sqlalchemy as sa
from alembic import op

from knowledge_base.tables.base import Identifier, UtcDateTime

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

ADDED: tuple[tuple[str, str, UtcDateTime | sa.String], ...] = (
    ("account", "suspended_at", UtcDateTime()),
    ("login", "seen_at", UtcDateTime()),
    ("login", "browser", sa.String(200)),
    ("login", "address", sa.String(64)),
    ("api_key", "created_by", sa.String(128)),
    ("api_key", "used_at", UtcDateTime()),
)


def upgrade() -> None:
    for table, name, kind in ADDED:
        op.add_column(table, sa.Column(name, kind, nullable=True))
    op.create_table(
        "invitation",
        sa.Column("id", Identifier(), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("account_id", Identifier(), nullable=True),
        sa.Column("name", sa.String(128), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("created_by", sa.String(128), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_invitation_token_hash")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], ondelete="CASCADE", name=op.f("fk_invitation_account_id_account")
        ),
    )
    op.create_index(op.f("ix_invitation_account_id"), "invitation", ["account_id"])
    op.create_index(op.f("ix_invitation_name"), "invitation", ["name"])


def downgrade() -> None:
    op.drop_table("invitation")
    for table, name, _ in ADDED:
        op.drop_column(table, name)
