"""News of conversations between processes: which log goes how far, told by PostgreSQL as it commits. Ids only."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from uuid import UUID

import psycopg
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge_base.database import Database
from knowledge_base.errors import DatabaseUnavailableError

CHANNEL = "weaver_events"


@dataclass(frozen=True, slots=True)
class News:
    """A conversation's log goes as far as this seq."""

    conversation_id: UUID
    seq: int


async def tell(session: AsyncSession, conversation_id: UUID, seq: int) -> None:
    """Tell every process that listens, when this transaction commits. On SQLite one process serves: nobody listens."""
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(select(func.pg_notify(CHANNEL, f"{conversation_id} {seq}")))


async def heard(database: Database) -> AsyncGenerator[News]:
    """What is told from now on, own news too. Raises DatabaseUnavailableError when the connection is lost."""
    address = database.url.set(drivername="postgresql").render_as_string(hide_password=False)
    try:
        async with await psycopg.AsyncConnection.connect(address, autocommit=True) as connection:
            await connection.execute(f"LISTEN {CHANNEL}")
            async for told in connection.notifies():
                key, _, seq = told.payload.partition(" ")
                yield News(UUID(key), int(seq))
    except psycopg.OperationalError as error:
        raise DatabaseUnavailableError(f"The database does not tell its news: {str(error).splitlines()[0]}") from error
