"""Which particulars were seen with one customer only, counted by keyed hashes as texts come in."""

import hashlib
from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import Table, case, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge_base import secrets
from knowledge_base.privacy import particulars
from knowledge_base.privacy.slots import has_slot
from knowledge_base.tables import ParticularRow

SECRET = "particulars"  # noqa: S105 - the secret's name
DIGEST_BYTES, OWNER_BYTES = 12, 8
# BLAKE2b takes no longer one.
LONGEST_KEY = 64
ASKED_AT_ONCE = 500
# What the company says to everybody has it for both owners.
COMPANY = bytes(OWNER_BYTES)
_TABLE: Table = ParticularRow.metadata.tables[ParticularRow.__tablename__]


def owner_of(customer: str | None, dialogue: str) -> str:
    """Who is counted: the customer; a dialogue that names none counts as a customer of its own."""
    return f"customer\0{customer}" if customer is not None else f"dialogue\0{dialogue}"


async def note(session: AsyncSession, told: Mapping[str, Collection[str]]) -> None:
    """Count what was said to or by each owner. Saying it twice to the same one counts once."""
    key = await _key(session)
    owners: dict[bytes, list[bytes]] = {}
    for owner, found in told.items():
        by = _hash(key, owner, OWNER_BYTES)
        for particular in found:
            known = owners.setdefault(_hash(key, particular, DIGEST_BYTES), [])
            if by not in known:
                known.append(by)
    await _store(session, {digest: (by[0], by[1] if len(by) > 1 else None) for digest, by in owners.items()})


async def note_own(session: AsyncSession, found: Collection[str]) -> None:
    """What the company says to everybody is nobody's alone."""
    key = await _key(session)
    await _store(session, {_hash(key, particular, DIGEST_BYTES): (COMPANY, COMPANY) for particular in found})


async def lonely(session: AsyncSession, found: Collection[str]) -> frozenset[str]:
    """Those of these particulars that were seen with one customer only, or with none."""
    secret = await secrets.find(session, SECRET)
    if secret is None:
        return frozenset(found)
    key = _key_of(secret)
    digests = {_hash(key, particular, DIGEST_BYTES): particular for particular in found}
    general = await _general(session, list(digests))
    return frozenset(particular for digest, particular in digests.items() if digest not in general)


async def is_anybodys(session: AsyncSession, text: str) -> bool:
    """Whether a masked text may be shown to any customer: it has no slot and nothing that was seen with one only."""
    return not has_slot(text) and not await lonely(session, particulars.of(text))


async def forget(session: AsyncSession, owners: Collection[str]) -> None:
    """These owners said and heard nothing: what a second one shares with them is that one's alone."""
    if not owners:
        return
    key = await _key(session)
    gone = [_hash(key, owner, OWNER_BYTES) for owner in owners]
    await session.execute(update(_TABLE).where(_TABLE.c.second.in_(gone)).values(second=None))
    alone = _TABLE.c.first.in_(gone) & _TABLE.c.second.is_(None)
    await session.execute(delete(_TABLE).where(alone))
    await session.execute(update(_TABLE).where(_TABLE.c.first.in_(gone)).values(first=_TABLE.c.second, second=None))


async def _store(session: AsyncSession, owners: Mapping[bytes, tuple[bytes, bytes | None]]) -> None:
    """Write them in one order for all writers, so that none waits for another in a circle."""
    rows: list[dict[str, Any]] = [
        {"digest": digest, "first": first, "second": second} for digest, (first, second) in sorted(owners.items())
    ]
    if not rows:
        return
    new = await _insert(session)
    joined = case((_TABLE.c.first != new.excluded.first, new.excluded.first), else_=new.excluded.second)
    statement = new.on_conflict_do_update(
        index_elements=[_TABLE.c.digest], set_={"second": joined}, where=_TABLE.c.second.is_(None)
    )
    await session.execute(statement, rows)


async def _insert(session: AsyncSession) -> sqlite.Insert | postgresql.Insert:
    name = (await session.connection()).dialect.name
    return sqlite.insert(_TABLE) if name == "sqlite" else postgresql.insert(_TABLE)


async def _general(session: AsyncSession, digests: list[bytes]) -> set[bytes]:
    found: set[bytes] = set()
    for start in range(0, len(digests), ASKED_AT_ONCE):
        query = select(_TABLE.c.digest).where(
            _TABLE.c.digest.in_(digests[start : start + ASKED_AT_ONCE]), _TABLE.c.second.is_not(None)
        )
        found.update((await session.execute(query)).scalars())
    return found


async def _key(session: AsyncSession) -> bytes:
    return _key_of(await secrets.get_or_make(session, SECRET))


def _key_of(secret: str) -> bytes:
    return secret.encode()[:LONGEST_KEY]


def _hash(key: bytes, text: str, size: int) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=size, key=key).digest()
