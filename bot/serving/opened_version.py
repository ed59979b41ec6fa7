"""A version of the registry as this process reads by it: its encoders opened, its readers over them."""

from bot.serving.encoder_shelf import EncoderShelf
from bot.serving.retriever import ActiveVersion
from knowledge_base.database import Database
from knowledge_base.models import ModelVersion
from weaver_core.readers import Readers


async def opened(database: Database, shelf: EncoderShelf, version: ModelVersion | None) -> ActiveVersion:
    """How turns are read by a version; by the installed encoders, unfitted, where it says nothing about their spaces.

    Raises ArtefactDamagedError, TrainedEncoderError.
    """
    if version is None or not shelf.reads(version):
        return ActiveVersion(Readers(shelf.base))
    encoders = await shelf.of(database, version)
    return ActiveVersion(Readers.from_json(version.parameters, encoders), version.name, version.id)
