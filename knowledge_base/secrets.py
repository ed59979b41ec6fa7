"""Secrets of this installation. They live with the data, so tokens stay good after a restart."""

import secrets

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge_base.tables import SecretRow


async def find(session: AsyncSession, name: str) -> str | None:
    """The secret with this name, None before its first use."""
    row = await session.get(SecretRow, name)
    return None if row is None else row.value


async def get_or_make(session: AsyncSession, name: str) -> str:
    """The secret with this name, made at its first use."""
    row = await session.get(SecretRow, name)
    if row is not None:
        return row.value
    try:
        async with session.begin_nested():
            row = SecretRow(name=name, value=secrets.token_urlsafe(48))
            session.add(row)
            await session.flush()
    except IntegrityError:
        # Another process made it in this very moment; its value is the one that counts.
        row = await session.get_one(SecretRow, name)
    return row.value
