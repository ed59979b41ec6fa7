"""Where PostgreSQL holds vectors to search: tables derived from keys, in a schema that no revision knows."""

from uuid import UUID

from sqlalchemy import Select, Uuid, column, delete, table, text
from sqlalchemy.ext.asyncio import AsyncSession

SCHEMA = "weaver_index"
# Whoever changes rows there holds this advisory lock to the end of the transaction: one at a time, never in a knot.
WRITING = 0x7765617665720001

_TABLES = text(
    "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
    "WHERE n.nspname = :schema AND c.relkind = 'p'"
)


async def erase(session: AsyncSession, position_ids: Select[UUID]) -> None:
    """Erase these positions' vectors, in the transaction that erases the positions. SQLite holds none."""
    connection = await session.connection()
    if connection.dialect.name != "postgresql":
        return
    names = (await session.execute(_TABLES, {"schema": SCHEMA})).scalars().all()
    if names:
        await session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": WRITING})
    for name in names:
        held = table(name, column("position", Uuid()), schema=SCHEMA)
        await session.execute(delete(held).where(held.c.position.in_(position_ids)))
