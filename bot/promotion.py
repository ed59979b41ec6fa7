"""Which version of the model answers: another one by hand, or the one before again."""

from bot.encoder_shelf import EncoderShelf
from bot.errors import BotError
from knowledge_base import models
from knowledge_base.database import Database
from knowledge_base.models import ModelVersion


class OtherEncodersError(BotError):
    """A version was fitted on the vectors of other encoders than those in use."""

    def __init__(self, version: ModelVersion) -> None:
        super().__init__(f"{version.name} reads the vectors of {version.encoder}, which WEAVER_ENCODERS does not name.")


async def promote(database: Database, shelf: EncoderShelf, name: str, by: str) -> ModelVersion:
    """Let a version answer from now on, once its encoders open here. Raises VersionNotFoundError, OtherEncodersError.

    Also ArtefactDamagedError and TrainedEncoderError.
    """
    async with database.reading() as session:
        version = await models.by_name(session, name)
    await _require_readable(database, shelf, version)
    async with database.writing() as session:
        return await models.promote(session, version, by)


async def roll_back(database: Database, shelf: EncoderShelf, by: str) -> ModelVersion:
    """Let the version before the active one answer again. Raises NoEarlierVersionError and what `promote` raises."""
    async with database.reading() as session:
        active = await models.active(session)
        before = await models.parent(session, active) if active else None
    if before is not None:
        await _require_readable(database, shelf, before)
    async with database.writing() as session:
        return await models.roll_back(session, by)


async def _require_readable(database: Database, shelf: EncoderShelf, version: ModelVersion) -> None:
    if not shelf.reads(version):
        raise OtherEncodersError(version)
    await shelf.of(database, version)
