"""What a person does with a file: sends it, to be looked at next, has it imported, stops that, discards it."""

from dataclasses import asdict, dataclass
from functools import partial
from typing import BinaryIO, Literal
from uuid import UUID

import anyio.to_thread

from bot.imports import uploads
from bot.settings import Settings
from knowledge_base import import_runs
from knowledge_base.database import Database
from knowledge_base.identifiers import new_id
from knowledge_base.import_runs import ImportRun, Upload
from knowledge_base.ingestion.formats import AUTO


@dataclass(frozen=True, slots=True)
class Wish:
    """How a file is to be imported, as `weaver import` has it. `approve` None is the format's own habit."""

    format: str = AUTO
    collection: str = "default"
    approve: Literal["auto", "review"] | None = None
    strict: bool = False


@dataclass(frozen=True, slots=True)
class Received:
    """What arrived: a file's name, its bytes, and how many it was said to have."""

    name: str
    content: BinaryIO
    announced: int | None = None


async def receive(database: Database, settings: Settings, received: Received, wish: Wish, by: str) -> ImportRun:
    """Take a file; a process looks at it at once, nothing of it is imported before somebody says so.

    Raises UploadEmptyError, UploadHalfError, UploadTooLargeError, TooManyImportsError.
    """
    import_id = new_id()
    keep = partial(uploads.keep, settings.home, import_id, received.name, received.content, received.announced)
    size = await anyio.to_thread.run_sync(keep)
    try:
        async with database.writing() as session:
            return await import_runs.receive(session, Upload(import_id, received.name, size, asdict(wish)), by)
    except BaseException:
        await anyio.to_thread.run_sync(uploads.drop, settings.home, import_id)
        raise


async def start(database: Database, import_id: UUID, by: str) -> ImportRun:
    """Import a file that was looked at, or go on with one that was stopped.

    Raises ImportNotFoundError, ImportStateError.
    """
    async with database.writing() as session:
        return await import_runs.start(session, import_id, by)


async def stop(database: Database, import_id: UUID, by: str) -> ImportRun:
    """Stop an import; what it has stored stays. Raises ImportNotFoundError, ImportStateError."""
    async with database.writing() as session:
        return await import_runs.stop(session, import_id, by)


async def discard(database: Database, settings: Settings, import_id: UUID) -> ImportRun:
    """Forget a file that is not being imported. Raises ImportNotFoundError, ImportStateError."""
    async with database.writing() as session:
        run = await import_runs.discard(session, import_id)
    await anyio.to_thread.run_sync(uploads.drop, settings.home, import_id)
    return run
