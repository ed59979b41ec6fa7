"""What every command is given: the settings, the database, the encoder."""

import os
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import anyio.to_thread
import click

from bot.settings import Settings
from bot.waiting import sentence
from knowledge_base import keys, models, schema
from knowledge_base.database import Database
from weaver_core.leave_one_out import Progress

if TYPE_CHECKING:
    from bot.serving.encoder_shelf import EncoderShelf
    from knowledge_base.models import ModelVersion
    from weaver_core.encoders.encoder import Encoder


class Environment:
    """One call of the command line. What is slow to load is loaded when it is first asked for."""

    def __init__(self, settings: Settings) -> None:
        """Nothing is opened yet."""
        self.settings = settings
        self._encoders: tuple[Encoder, ...] = ()
        self._shelf: EncoderShelf | None = None

    @asynccontextmanager
    async def open_database(self) -> AsyncGenerator[Database]:
        """The database, its schema checked. Raises SchemaError, DatabaseUnavailableError."""
        await anyio.to_thread.run_sync(schema.check, self.settings.database)
        database = Database(self.settings.database)
        try:
            yield database
        finally:
            await database.close()

    def encoders(self) -> "tuple[Encoder, ...]":
        """The encoders that the settings name, exported first if this machine has not done so yet."""
        if not self._encoders:
            # A command works alone and may use the whole machine; a service encodes many turns at once instead.
            self._encoders = open_encoders(self.settings.encoders, threads=os.cpu_count() or 1)
        return self._encoders

    def shelf(self) -> "EncoderShelf":
        """The same, with the trained states of them that versions read with."""
        from bot.serving.encoder_shelf import EncoderShelf  # noqa: PLC0415 - it needs ONNX Runtime

        if self._shelf is None:
            self._shelf = EncoderShelf(self.encoders(), self.settings.encoders, threads=os.cpu_count() or 1)
        return self._shelf

    async def active_encoders(self, database: Database) -> "tuple[Encoder, ...]":
        """The encoders that the active version reads with. Raises ArtefactDamagedError, TrainedEncoderError."""
        async with database.reading() as session:
            version = await models.active(session)
        return await self.shelf().of(database, version)

    def open_encoders_for_serving(self) -> "tuple[Encoder, ...]":
        """The same with one thread a call, since a service encodes many turns at once, and each turn's text once."""
        from weaver_core.encoders.remembering import RememberingEncoder  # noqa: PLC0415 - most commands do without

        self._encoders = tuple(map(RememberingEncoder, open_encoders(self.settings.encoders)))
        return self._encoders

    async def tell_waiting(self, database: Database) -> None:
        """Say on standard error how many positions cannot be found yet, if any cannot."""
        encoders = await self.active_encoders(database)
        async with database.reading() as session:
            count = await keys.count_waiting(session, [encoder.version for encoder in encoders])
        if count:
            click.echo(sentence(count), err=True)

    async def refit(self, database: Database, progress: Progress | None = None) -> "ModelVersion | None":
        """Fit the read on the memory as it is now, and make the fit the active version."""
        from bot.updates import learning  # noqa: PLC0415 - only commands that change the memory need it

        return await learning.refit(database, await self.active_encoders(database), "import", progress)


def open_encoders(names: Sequence[str], threads: int = 1) -> "tuple[Encoder, ...]":
    """The encoders of these names. Raises ModelError."""
    from threadpoolctl import threadpool_limits  # noqa: PLC0415 - as late as the libraries that it limits

    # A turn's products are small: threads that wait for each other make them ten times slower under load.
    threadpool_limits(limits=1, user_api="blas")
    return tuple(open_encoder(name, threads) for name in names)


def open_encoder(name: str, threads: int = 1) -> "Encoder":
    """The encoder of this name, exported first if this machine has not done so yet. Raises ModelError."""
    from weaver_core.encoders import export, sources  # noqa: PLC0415 - ONNX Runtime takes a while, most commands do without
    from weaver_core.encoders.encoder import OnnxEncoder  # noqa: PLC0415

    source = sources.find(name)
    cache = export.default_cache()
    if not export.is_exported(source, cache):
        click.echo(f"Preparing the encoder {source.name} (once on this machine, some ten seconds) …", err=True)
    return OnnxEncoder(export.exported(source, cache), threads)


pass_environment = click.make_pass_decorator(Environment)
json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
