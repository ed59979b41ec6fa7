"""Which version of the model answers: another one by hand, or the one before again."""

from collections.abc import Sequence

from bot.errors import BotError
from bot.learning import name_of
from knowledge_base import models
from knowledge_base.database import Database
from knowledge_base.models import ModelVersion
from weaver_core.encoders.encoder import Encoder


class OtherEncodersError(BotError):
    """A version was fitted on the vectors of other encoders than those in use."""

    def __init__(self, version: ModelVersion) -> None:
        super().__init__(f"{version.name} reads the vectors of {version.encoder}, which WEAVER_ENCODERS does not name.")


async def promote(database: Database, encoders: Sequence[Encoder], name: str, by: str) -> ModelVersion:
    """Let a version answer from now on. Raises VersionNotFoundError, OtherEncodersError."""
    async with database.writing() as session:
        return await models.promote(session, _readable(await models.by_name(session, name), encoders), by)


async def roll_back(database: Database, encoders: Sequence[Encoder], by: str) -> ModelVersion:
    """Let the version before the active one answer again. Raises NoEarlierVersionError, OtherEncodersError."""
    async with database.writing() as session:
        return _readable(await models.roll_back(session, by), encoders)


def _readable(version: ModelVersion, encoders: Sequence[Encoder]) -> ModelVersion:
    if version.encoder != name_of(encoders):
        raise OtherEncodersError(version)
    return version
