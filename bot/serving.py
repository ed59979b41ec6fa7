"""The active model: follows the change counter, so that memories and versions are swapped without a restart."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import Self

import anyio
import anyio.to_thread
import numpy as np
import structlog
from numpy.typing import NDArray

from bot.errors import BotError
from bot.learning import name_of
from bot.loading import Loading
from bot.memory_return import give_back
from bot.options import DecisionOptions, options_of
from bot.reply import Query, Reply
from bot.retriever import UNFITTED, ActiveVersion, Retriever
from bot.settings import Settings
from bot.snapshots import Snapshots
from knowledge_base import changes, models
from knowledge_base.changes import ChangeKind
from knowledge_base.database import Database
from knowledge_base.errors import DatabaseUnavailableError, IndexUnavailableError
from weaver_core.encoders.encoder import Encoder
from weaver_core.readers import Readers
from weaver_core.texts.normalization import canonical

# Other processes' changes are served within a tenth of a second.
POLL_SECONDS = 0.08
# How often an SQLite file is looked at from outside, which costs next to nothing.
LOOK_SECONDS = 0.01
MODEL_THREADS = 2

_log = structlog.get_logger(__name__)


class ServingError(BotError):
    """A turn came before the memory was loaded."""


class Serving:
    """One process's model, kept equal to what SQL holds."""

    def __init__(
        self,
        database: Database,
        encoders: Sequence[Encoder],
        options: DecisionOptions,
        snapshots: Snapshots | None = None,
    ) -> None:
        """Nothing is loaded yet: enter `following` (a service) or call `load` (a command).

        With snapshots, indexes are kept between runs; without, they are made from SQL in each.
        """
        self.encoders = tuple(encoders)
        self.ready = False
        self._database = database
        self._snapshots = snapshots
        self._loading = Loading(encoders, options, snapshots)
        self._retriever: Retriever | None = None
        self._seen, self._in_doubt = 0, False
        self._catching_up = anyio.Lock()
        self._limiter = anyio.CapacityLimiter(MODEL_THREADS)

    @classmethod
    def of(cls, database: Database, encoders: Sequence[Encoder], settings: Settings) -> Self:
        """The model as the settings name it. Raises DecoderMismatchError, DecoderDamagedError."""
        options = options_of(settings, encoders)
        return cls(database, encoders, options, Snapshots(settings.index_folder, encoders, options))

    @property
    def model_version(self) -> str:
        """The name of the version that answers now."""
        return self._retriever.active.name if self._retriever else UNFITTED

    @property
    def answers(self) -> int:
        """How many answers can be found."""
        return self._retriever.answers if self._retriever else 0

    @asynccontextmanager
    async def loaded(self) -> AsyncGenerator[Self]:
        """Load all memories once, for a command, and give the indexes back at the end."""
        await self.load()
        try:
            yield self
        finally:
            self.close()

    @asynccontextmanager
    async def following(self) -> AsyncGenerator[None]:
        """Load all memories, then follow the change counter until the end."""
        await self.load()
        try:
            async with anyio.create_task_group() as group:
                group.start_soon(self._follow)
                yield
                group.cancel_scope.cancel()
        finally:
            self.close()

    def close(self) -> None:
        """Give the indexes back."""
        self.ready = False
        if self._retriever is not None:
            self._retriever.close()

    async def load(self) -> None:
        """Read the active version and all memories: those that changed since the indexes were kept, else all."""
        async with self._database.reading() as session:
            # The counter is read first: what changes meanwhile is read twice, never missed.
            seen = await changes.latest(session)
            retriever = await self._loading.load(session, self._version(await models.active(session)))
        self._retriever, self._seen, self._in_doubt = retriever, seen, False
        await anyio.to_thread.run_sync(give_back)
        self.ready = True

    async def catch_up(self) -> None:
        """Follow the change counter now, so that what was just committed is served."""
        async with self._catching_up, self._database.reading() as session:
            if self._in_doubt:
                await self.load()
            # Nearly always there is no news, and one number is cheaper to read than a list.
            if await changes.latest(session) == self._seen:
                return
            news = await changes.since(session, self._seen)
            if any(change.kind is ChangeKind.MODEL for change in news):
                version = self._version(await models.active(session))
                if version.readers.centring != self._loaded.active.readers.centring:
                    # Other centres move every vector: the indexes are made again beside those that answer meanwhile.
                    await self.load()
                    return
                self._retriever = self._loaded.following(version)
            # What an error leaves half followed is loaded again.
            self._in_doubt = True
            await self._loading.follow(session, self._loaded, news)
            self._seen, self._in_doubt = news[-1].number, False

    async def save(self) -> None:
        """Keep the indexes for the next run, if snapshots are kept. Raises DatabaseUnavailableError."""
        if self._snapshots:
            await self._snapshots.save(self._database, self._catching_up, lambda: (self._loaded, self._seen))

    async def encode(self, texts: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        """The texts' unit vectors by encoder, made outside the event loop. Shape: n texts → each (n, d)."""
        read = [canonical(text) for text in texts]
        return {
            encoder.version: await anyio.to_thread.run_sync(encoder.encode, read, limiter=self._limiter)
            for encoder in self.encoders
        }

    async def respond(self, query: Query) -> Reply:
        """Decide for a turn, outside the event loop."""
        return await anyio.to_thread.run_sync(self._loaded.respond, query, limiter=self._limiter)

    @property
    def _loaded(self) -> Retriever:
        if self._retriever is None:
            raise ServingError("The memory is not loaded yet.")
        return self._retriever

    @property
    def _versions(self) -> list[str]:
        return [encoder.version for encoder in self.encoders]

    def _version(self, version: models.ModelVersion | None) -> ActiveVersion:
        # A version of other encoders has nothing to say about these ones' spaces.
        if version is None or version.encoder != name_of(self.encoders):
            return ActiveVersion(Readers(self.encoders))
        return ActiveVersion(Readers.from_json(version.parameters, self.encoders), version.name, version.id)

    async def _wait(self) -> None:
        """Until it is time to look at the change counter: at once where it can be seen that somebody wrote."""
        before, looks = self._database.touched(), int(POLL_SECONDS / LOOK_SECONDS)
        if before is None:
            await anyio.sleep(POLL_SECONDS)
            return
        for _ in range(looks):
            await anyio.sleep(LOOK_SECONDS)
            if self._database.touched() != before:
                return

    async def _follow(self) -> None:
        while True:
            await self._wait()
            try:
                await self.catch_up()
                if self._snapshots and self._snapshots.is_due(self._seen, self.answers):
                    await self.save()
            except DatabaseUnavailableError as error:
                # Turns are answered from what is known; the next look may find the database back.
                _log.warning("change_counter_unreadable", reason=str(error))
                await anyio.sleep(1)
            except IndexUnavailableError as error:
                _log.warning("shared_index_unavailable", reason=str(error))
                await anyio.sleep(1)
