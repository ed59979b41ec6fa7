"""Alembic's entry: migrates over the connection that `knowledge_base.schema` hands in."""

from alembic import context
from sqlalchemy import create_engine

from knowledge_base.database import driver_url
from knowledge_base.tables import Base


def run() -> None:
    """Run the migrations, on the connection handed in or (for developers' `alembic` calls) on `-x url=…`."""
    connection = context.config.attributes.get("connection")
    if connection is not None:
        context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True)
        with context.begin_transaction():
            context.run_migrations()
        return
    url = driver_url(context.get_x_argument(as_dictionary=True)["url"], asynchronous=False)
    with create_engine(url).begin() as connection:
        context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True)
        with context.begin_transaction():
            context.run_migrations()


run()
