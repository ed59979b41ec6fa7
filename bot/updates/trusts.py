"""What an update changed in the trust of votes, kept with its version: undone with it, done again with it."""

import json
from collections.abc import Mapping
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge_base import artefacts, judgements
from knowledge_base.artefacts import Artefact
from knowledge_base.models import ModelVersion

# The part of a version's parameters that names the artefact with the changes.
TRUSTS = "trusts"


async def put(session: AsyncSession, before: Mapping[UUID, float], after: Mapping[UUID, float]) -> str | None:
    """Store what b = log trust becomes of what, position by position. Returns the artefact's checksum."""
    moved = {str(key): [before[key], after[key]] for key in sorted(after) if before.get(key) != after[key]}
    if not moved:
        return None
    return await artefacts.put(session, Artefact({"kind": TRUSTS}, json.dumps(moved).encode()))


async def apply(session: AsyncSession, version: ModelVersion) -> int:
    """Give votes the trust that they have with a version. Returns how many. Raises ArtefactDamagedError."""
    return await judgements.trust_again(
        session, {key: after for key, (_, after) in (await _of(session, version)).items()}
    )


async def take_back(session: AsyncSession, version: ModelVersion) -> int:
    """Give votes the trust back that they had before a version, unless it has changed since. Returns how many."""
    moved = await _of(session, version)
    held = await judgements.trusts(session, list(moved))
    same = {key: before for key, (before, after) in moved.items() if held.get(key) == after}
    return await judgements.trust_again(session, same)


async def _of(session: AsyncSession, version: ModelVersion) -> dict[UUID, tuple[float, float]]:
    sha256 = version.parameters.get(TRUSTS)
    if sha256 is None:
        return {}
    stored: dict[str, tuple[float, float]] = json.loads((await artefacts.get(session, sha256)).content)
    return {UUID(key): (before, after) for key, (before, after) in stored.items()}
