"""One model version at most is the active one."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

NAME = "ux_model_version_active"
ACTIVE = sa.text("state = 'active'")


def upgrade() -> None:
    # Where two processes once promoted in the same moment, the newer one answers.
    newest = "SELECT max(number) FROM model_version WHERE state = 'active'"
    op.execute(f"UPDATE model_version SET state = 'retired' WHERE state = 'active' AND number < ({newest})")  # noqa: S608
    op.create_index(NAME, "model_version", ["state"], unique=True, sqlite_where=ACTIVE, postgresql_where=ACTIVE)


def downgrade() -> None:
    op.drop_index(NAME, "model_version")
