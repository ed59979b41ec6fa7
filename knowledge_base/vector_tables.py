"""Where PostgreSQL holds vectors to search: tables derived from keys, in a schema that no revision knows."""

import hashlib
from uuid import UUID

from sqlalchemy import Select, Uuid, column, delete, table, text
from sqlalchemy.ext.asyncio import AsyncSession

SCHEMA = "weaver_index"
# Whoever changes rows there holds this advisory lock to the end of the transaction: one at a time, never in a knot.
WRITING = 0x7765617665720001
# Whoever makes a table's graphs holds the lock of this purpose.
GRAPHS = "graphs"

_TABLES = text(
    "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
    "WHERE n.nspname = :schema AND c.relkind = 'p'"
)
_IS_FREE = text("SELECT pg_try_advisory_xact_lock_shared(:key)")


def lock_of(purpose: str, table: str) -> int:
    """The number of an advisory lock."""
    return int.from_bytes(hashlib.blake2b(f"{purpose} {table}".encode(), digest_size=8).digest(), signed=True)


async def erase(session: AsyncSession, position_ids: Select[UUID]) -> None:
    """Erase these positions' vectors, in the transaction that erases the positions. SQLite holds none.

    A table whose graphs are being made is left to who makes them, and then follows the erasure: it may take minutes.
    """
    connection = await session.connection()
    if connection.dialect.name != "postgresql":
        return
    await session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": WRITING})
    for name in (await session.execute(_TABLES, {"schema": SCHEMA})).scalars().all():
        if not (await session.execute(_IS_FREE, {"key": lock_of(GRAPHS, name)})).scalar_one():
            continue
        held = table(name, column("position", Uuid()), schema=SCHEMA)
        await session.execute(delete(held).where(held.c.position.in_(position_ids)))
