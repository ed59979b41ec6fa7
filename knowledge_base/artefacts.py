"""Artefacts: what training made, kept in the database under its content's checksum, so that every host has it."""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge_base.errors import ArtefactDamagedError
from knowledge_base.tables import ArtefactRow


@dataclass(frozen=True, slots=True)
class Artefact:
    """Trained weights as bytes (safetensors), and what they belong to."""

    config: dict[str, Any]
    content: bytes

    @property
    def sha256(self) -> str:
        """The checksum of the content, by which it is known."""
        return hashlib.sha256(self.content).hexdigest()


async def put(session: AsyncSession, artefact: Artefact) -> str:
    """Store an artefact, once. Returns its checksum."""
    sha256 = artefact.sha256
    if await session.get(ArtefactRow, sha256) is None:
        session.add(ArtefactRow(sha256=sha256, config=artefact.config, content=artefact.content))
        await session.flush()
    return sha256


async def get(session: AsyncSession, sha256: str) -> Artefact:
    """An artefact, its checksum compared. Raises ArtefactDamagedError."""
    row = await session.get(ArtefactRow, sha256)
    if row is None:
        raise ArtefactDamagedError(sha256, "are missing")
    found = Artefact(row.config, row.content)
    if found.sha256 != sha256:
        raise ArtefactDamagedError(sha256, "are not what was stored")
    return found


async def keep_only(session: AsyncSession, wanted: Collection[str]) -> int:
    """Delete the artefacts that no version needs any more. Returns how many went."""
    unwanted = select(ArtefactRow.sha256).where(ArtefactRow.sha256.not_in(list(wanted)))
    found = list((await session.execute(unwanted)).scalars())
    gone = delete(ArtefactRow).where(ArtefactRow.sha256.in_(found))
    await session.execute(gone.execution_options(synchronize_session=False))
    return len(found)
