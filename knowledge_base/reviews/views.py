"""Saved views: filters that a person keeps under a name."""

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge_base.errors import ViewNotFoundError
from knowledge_base.tables import ReviewViewRow


async def save(session: AsyncSession, owner: str, name: str, query: str) -> None:
    """Keep filters, as the query of an address, under a name; an earlier view of this name is replaced."""
    found = select(ReviewViewRow).where(ReviewViewRow.owner == owner, ReviewViewRow.name == name)
    row = (await session.execute(found)).scalar_one_or_none()
    if row is None:
        row = ReviewViewRow(owner=owner, name=name, query=query)
        session.add(row)
    row.query = query
    await session.flush()


async def of(session: AsyncSession, owner: str) -> dict[str, str]:
    """A person's views, the query of each by its name."""
    query = select(ReviewViewRow).where(ReviewViewRow.owner == owner).order_by(ReviewViewRow.name)
    return {row.name: row.query for row in (await session.execute(query)).scalars()}


async def drop(session: AsyncSession, owner: str, name: str) -> None:
    """Forget a view. Raises ViewNotFoundError."""
    gone = delete(ReviewViewRow).where(ReviewViewRow.owner == owner, ReviewViewRow.name == name)
    if (await session.execute(gone.returning(ReviewViewRow.id))).scalar_one_or_none() is None:
        raise ViewNotFoundError(name)
