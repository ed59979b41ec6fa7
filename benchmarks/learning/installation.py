"""An installation of its own in a folder: the ten questions an answer imported, and copies of it to go on from."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

from benchmarks.learning.world import World
from bot.schedule import OFF
from bot.settings import Settings
from bot.updates.learning import refit
from knowledge_base import schema
from knowledge_base.database import Database
from knowledge_base.encoding import encode_missing
from knowledge_base.ingestion.importing import ImportOptions, import_file
from weaver_core.encoders.encoder import Encoder

DATABASE = "weaver.db"
# Every turn is answered, so that every turn can be voted on.
ALWAYS_ANSWER = 100.0


def settings_of(folder: Path) -> Settings:
    """The settings of the installation in a folder."""
    url = f"sqlite:///{(folder / DATABASE).absolute()}"
    return Settings(home=folder, database_url=url, wrong_per_hundred=ALWAYS_ANSWER, update_schedule=OFF)


async def install(folder: Path, world: World, encoders: Sequence[Encoder]) -> None:
    """Make the installation: its schema, its memory, and the read fitted on that, as `weaver import` does."""
    settings = settings_of(folder)
    faq = _empty(folder, world)
    database = Database(settings.database)
    try:
        await import_file(database, faq, ImportOptions())
        for encoder in encoders:
            await encode_missing(database, encoder)
        await refit(database, encoders, "import")
    finally:
        await database.close()


def _empty(folder: Path, world: World) -> Path:
    """A database without content, and the FAQ beside it."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    schema.upgrade(settings_of(folder).database)
    faq = folder / "faq.jsonl"
    faq.write_text("".join(json.dumps(line) + "\n" for line in world.faq()), encoding="utf-8")
    return faq


def keep(folder: Path, name: str) -> None:
    """Copy the database of an installation that is closed."""
    part = folder / f"{name}.part"
    shutil.copyfile(folder / DATABASE, part)
    part.replace(folder / name)


def go_back(folder: Path, name: str) -> None:
    """Put a copy in the database's place; indexes that were kept may be newer than it, and go."""
    for suffix in ("-wal", "-shm"):
        (folder / f"{DATABASE}{suffix}").unlink(missing_ok=True)
    shutil.rmtree(folder / f"{DATABASE}-index", ignore_errors=True)
    shutil.copyfile(folder / name, folder / DATABASE)
