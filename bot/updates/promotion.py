"""Which version of the model answers: another one by hand, or the one before again."""

from collections.abc import Collection
from uuid import UUID

from bot.errors import BotError
from bot.serving.encoder_shelf import EncoderShelf, deltas_of
from bot.updates import trusts
from knowledge_base import audit, forgetting, models
from knowledge_base.database import Database
from knowledge_base.models import ModelVersion


class OtherEncodersError(BotError):
    """A version was fitted on the vectors of other encoders than those in use."""

    def __init__(self, version: ModelVersion) -> None:
        super().__init__(f"{version.name} reads the vectors of {version.encoder}, which WEAVER_ENCODERS does not name.")


class UnlearnedVersionError(BotError):
    """A version's encoders were trained on what a person wrote who is to be forgotten."""

    def __init__(self, version: ModelVersion) -> None:
        super().__init__(
            f"{version.name} was trained on data of a person who is forgotten since, and cannot answer again."
        )


def is_unlearned(version: ModelVersion, saw: Collection[UUID]) -> bool:
    """Whether a version may not answer again: trained on data of somebody who is forgotten, it does not answer now.

    `saw` are the versions that saw such data. Until an update has made another one, the one that answers goes on.
    """
    return version.id in saw and version.state != models.ACTIVE and bool(deltas_of(version))


async def promote(database: Database, shelf: EncoderShelf, name: str, by: str) -> ModelVersion:
    """Let a version answer from now on, once its encoders open here; votes are trusted as it was measured with.

    Raises VersionNotFoundError, OtherEncodersError, UnlearnedVersionError, ArtefactDamagedError, TrainedEncoderError.
    """
    async with database.reading() as session:
        version = await models.by_name(session, name)
    await _require_usable(database, shelf, version)
    async with database.writing() as session:
        promoted = await models.promote(session, version, by)
        await trusts.apply(session, version)
    return promoted


async def roll_back(
    database: Database, shelf: EncoderShelf, by: str, only: UUID | None = None, why: str = ""
) -> ModelVersion:
    """Let the version before the active one answer again, and trust votes as before it. Raises what `promote` raises.

    `only` says which version it must be that is rolled back: NoEarlierVersionError, where another answers by now, and
    where there was none before.
    """
    async with database.reading() as session:
        active = await models.active(session)
        before = await models.parent(session, active) if active else None
    if before is not None:
        await _require_usable(database, shelf, before)
    async with database.writing() as session:
        found = await models.roll_back(session, by, only, why)
        if active is not None:
            await trusts.take_back(session, active)
    return found


async def to_shadow(database: Database, shelf: EncoderShelf, name: str, by: str) -> ModelVersion:
    """Ask a version in the background from now on, in place of any other. Raises what `promote` raises."""
    async with database.reading() as session:
        version = await models.by_name(session, name)
    await _require_usable(database, shelf, version)
    async with database.writing() as session:
        before = await models.in_shadow(session)
        was = before.name if before else None
        await audit.record(session, by, "shadow", version.name, before=was, after=version.name)
        return await models.shadow(session, version)


async def end_shadow(database: Database, by: str) -> None:
    """Ask nobody in the background any more."""
    async with database.writing() as session:
        before = await models.in_shadow(session)
        was = before.name if before else None
        await audit.record(session, by, "end shadow", was or "", before=was, after=None)
        await models.end_shadow(session)


async def _require_usable(database: Database, shelf: EncoderShelf, version: ModelVersion) -> None:
    if not shelf.reads(version):
        raise OtherEncodersError(version)
    async with database.reading() as session:
        if is_unlearned(version, await forgetting.saw_forgotten(session)):
            raise UnlearnedVersionError(version)
    await shelf.of(database, version)
