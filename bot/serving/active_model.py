"""The active model: follows the change counter, so that memories and versions are swapped without a restart."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Self

import anyio
import anyio.to_thread
import numpy as np
import structlog
from numpy.typing import NDArray

from bot.errors import BotError
from bot.reply import Query, Reply
from bot.serving.encoder_shelf import EncoderShelf, TrainedEncoderError, name_of
from bot.serving.followed_version import FollowedVersion, NotLoadedError
from bot.serving.memory_return import give_back
from bot.serving.opened_version import opened
from bot.serving.options import DecisionOptions, options_of
from bot.serving.retriever import UNFITTED, ActiveVersion
from bot.serving.snapshots import Snapshots
from bot.settings import Settings
from knowledge_base import keys, memories, models, unsent_answers
from knowledge_base.change_glance import ChangeGlance
from knowledge_base.changes import ChangeKind
from knowledge_base.database import Database
from knowledge_base.errors import (
    ArtefactDamagedError,
    DatabaseUnavailableError,
    IndexUnavailableError,
    KnowledgeError,
)
from knowledge_base.memories import Memory
from weaver_core.encoders.encoder import Encoder
from weaver_core.errors import ModelError
from weaver_core.readers import Readers
from weaver_core.texts.normalization import canonical, has_words

if TYPE_CHECKING:
    from anyio.abc import TaskGroup

# Other processes' changes are served within a tenth of a second.
POLL_SECONDS = 0.08
# How often an SQLite file is glanced at, which costs next to nothing; and read all the same.
LOOK_SECONDS, READ_SECONDS = 0.02, 1.0
MODEL_THREADS = 2
# A version that could not be taken over is tried again.
AGAIN_SECONDS = 10.0

_log = structlog.get_logger(__name__)


class Serving:
    """One process's model, kept equal to what SQL holds. Another version takes its place when it is ready to answer."""

    def __init__(
        self,
        database: Database,
        encoders: Sequence[Encoder],
        options: DecisionOptions,
        index_folder: Path | None = None,
        names: Sequence[str] = (),
        only: models.ModelVersion | None = None,
    ) -> None:
        """Nothing is loaded yet: enter `following` (a service) or call `load` (a command).

        With a folder, indexes are kept between runs; without, they are made from SQL in each. `names` are what the
        settings call the encoders: trained states are made from them. `only` is a version that is read by, whichever is
        the active one.
        """
        self.ready = False
        self._only, self._names = only, tuple(names)
        self.shelf = EncoderShelf(encoders, names)
        self._database = database
        self._options = options
        self._index_folder = index_folder
        self._model: FollowedVersion | None = None
        self._tasks: TaskGroup | None = None
        self._replaced = anyio.Event()
        self._replaced.set()
        self._catching_up = anyio.Lock()
        self._limiter = anyio.CapacityLimiter(MODEL_THREADS)
        self._glance = ChangeGlance(database.path) if database.path else None

    @classmethod
    def of(cls, database: Database, encoders: Sequence[Encoder], settings: Settings) -> Self:
        """The model as the settings name it. Raises DecoderMismatchError, DecoderDamagedError."""
        options = options_of(settings, encoders)
        return cls(database, encoders, options, settings.index_folder, settings.encoders)

    def beside(self, version: models.ModelVersion) -> "Serving":
        """The same memory as another version reads it, not loaded yet. Its indexes are kept nowhere."""
        return Serving(self._database, self.shelf.base, self._options, None, self._names, version)

    @property
    def encoders(self) -> tuple[Encoder, ...]:
        """The encoders that the version that answers now reads with."""
        return self._model.encoders if self._model else self.shelf.base

    @property
    def readers(self) -> Readers:
        """How the version that answers now reads. Raises NotLoadedError."""
        return self._serving.retriever.active.readers

    @property
    def model_version(self) -> str:
        """The name of the version that answers now."""
        return self._model.retriever.active.name if self._model else UNFITTED

    @property
    def answers(self) -> int:
        """How many answers can be found."""
        return self._model.retriever.answers if self._model else 0

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
                self._tasks = group
                group.start_soon(self._follow)
                yield
                group.cancel_scope.cancel()
        finally:
            self._tasks = None
            self.close()

    def close(self) -> None:
        """Give the indexes back."""
        self.ready = False
        if self._glance is not None:
            self._glance.close()
        if self._model is not None:
            self._model.retire()
            self._model = None

    async def load(self) -> None:
        """Read the active version and all memories: those that changed since the indexes were kept, else all."""
        try:
            active = await self._active()
        except (ArtefactDamagedError, TrainedEncoderError) as error:
            # Answers by the encoders as they were installed are better than none.
            _log.error("version_not_readable", reason=str(error))
            active = ActiveVersion(Readers(self.shelf.base))
        model = self._followed(active)
        async with self._database.reading() as session:
            begun = await keys.begun(session, [encoder.version for encoder in model.encoders])
        if begun:
            await model.encode()
        await model.load()
        self._take(model)
        self.ready = True

    async def catch_up(self) -> None:
        """Follow the change counter now, so that what was just committed is served.

        A version that needs other indexes answers when they are made; meanwhile the one before it does.
        """
        async with self._catching_up:
            model = self._serving
            if model.in_doubt:
                await model.load()
            news = await model.news()
            if not news:
                return
            promoted = self._only is None and any(change.kind is ChangeKind.MODEL for change in news)
            if promoted and not await self._read_by_active(model):
                return
            await model.follow(news)

    async def settle(self) -> None:
        """Wait until the active version answers here."""
        await self.catch_up()
        await self._replaced.wait()

    async def save(self) -> None:
        """Keep the indexes for the next run, if snapshots are kept. Raises DatabaseUnavailableError."""
        model = self._serving
        if model.snapshots:
            await model.snapshots.save(self._database, self._catching_up, lambda: (model.retriever, model.seen))

    async def encode(self, texts: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        """The texts' unit vectors by encoder, made outside the event loop. Shape: n texts → each (n, d)."""
        read = [canonical(text) for text in texts]
        return {
            encoder.version: await anyio.to_thread.run_sync(encoder.encode, read, limiter=self._limiter)
            for encoder in self.encoders
        }

    async def respond(self, query: Query, further: Sequence[Memory] = ()) -> Reply:
        """Decide for a turn, outside the event loop; `further` are memories of no index."""
        with self._serving.used() as retriever:
            return await anyio.to_thread.run_sync(retriever.respond, query, further, limiter=self._limiter)

    async def near_unsent(self, query: Query, limit: int) -> list[Memory]:
        """The memories, nearest to a turn, of answers that the bot may not send: agents may (`unsent_answers`)."""
        if not has_words(query.text):
            return []
        with self._serving.used() as retriever:
            view = retriever.first_view(query.text)
            vectors = await self.encode([query.text])
            async with self._database.reading() as session:
                near = await unsent_answers.nearest(session, view, vectors[view][0], query.collection, limit)
                loaded = await memories.load(session, list(vectors), near)
        return [memory for memory in loaded if memory.positions]

    @property
    def _serving(self) -> FollowedVersion:
        if self._model is None:
            raise NotLoadedError("The memory is not loaded yet.")
        return self._model

    def _followed(self, active: ActiveVersion) -> FollowedVersion:
        folder, encoders = self._index_folder, active.readers.encoders
        snapshots = Snapshots(folder, encoders, self._options) if folder else None
        return FollowedVersion(self._database, active, self._options, snapshots)

    async def _active(self) -> ActiveVersion:
        """The active version with its encoders opened. Raises ArtefactDamagedError, TrainedEncoderError."""
        version = self._only
        if version is None:
            async with self._database.reading() as session:
                version = await models.active(session)
        return await opened(self._database, self.shelf, version)

    async def _read_by_active(self, model: FollowedVersion) -> bool:
        """Let the active version read: at once where the indexes are the same, else as soon as others are made.

        Returns whether the model goes on answering until then.
        """
        if await self._has_encoders_open(model):
            active = await self._active()
            if _same_space(active, model):
                model.read_by(active)
                return True
        if self._tasks is None:
            await self._let_answer(await self._prepared(await self._active()))
            return False
        if self._replaced.is_set():
            self._replaced = anyio.Event()
            self._tasks.start_soon(self._replace)
        return True

    async def _has_encoders_open(self, model: FollowedVersion) -> bool:
        """Whether the active version reads with the encoders of a model that answers."""
        async with self._database.reading() as session:
            version = await models.active(session)
        known = version is not None and self.shelf.reads(version)
        wanted = version.encoder if version and known else name_of(self.shelf.base)
        return wanted == name_of(model.encoders)

    async def _replace(self) -> None:
        """Let the active version answer, whose indexes are made beside those that answer meanwhile if they differ."""
        while True:
            try:
                active = await self._active()
                model = None if _same_space(active, self._serving) else await self._prepared(active)
                async with self._catching_up:
                    await self._let_answer(model) if model else self._serving.read_by(active)
                if await self._is_active(active):
                    break
            except (BotError, KnowledgeError, ModelError) as error:
                # The version before goes on answering.
                _log.error("version_not_taken_over", reason=str(error))
                await anyio.sleep(AGAIN_SECONDS)
        self._replaced.set()

    async def _is_active(self, version: ActiveVersion) -> bool:
        async with self._database.reading() as session:
            newest = await models.active(session)
        return newest is None or newest.id == version.id or not self.shelf.reads(newest)

    async def _prepared(self, active: ActiveVersion) -> FollowedVersion:
        model = self._followed(active)
        await model.encode()
        await model.load()
        return model

    async def _let_answer(self, model: FollowedVersion) -> None:
        if news := await model.news():
            await model.follow(news)
        self._take(model)
        await anyio.to_thread.run_sync(give_back)

    def _take(self, model: FollowedVersion) -> None:
        before, self._model = self._model, model
        if before is not None:
            before.retire()

    async def _wait(self) -> None:
        """Until it is time to read the change counter: where a glance tells, when it has changed or cannot be seen."""
        if self._glance is None:
            await anyio.sleep(POLL_SECONDS)
            return
        for _ in range(int(READ_SECONDS / LOOK_SECONDS)):
            await anyio.sleep(LOOK_SECONDS)
            newest = self._glance.newest()
            if newest is None or newest != self._serving.seen:
                return

    async def _follow(self) -> None:
        while True:
            await self._wait()
            try:
                await self.catch_up()
                model = self._serving
                if model.snapshots and model.snapshots.is_due(model.seen, self.answers):
                    await self.save()
            except DatabaseUnavailableError as error:
                # Turns are answered from what is known; the next look may find the database back.
                _log.warning("change_counter_unreadable", reason=str(error))
                await anyio.sleep(1)
            except IndexUnavailableError as error:
                _log.warning("shared_index_unavailable", reason=str(error))
                await anyio.sleep(1)


def _same_space(active: ActiveVersion, model: FollowedVersion) -> bool:
    """Whether a version reads the very vectors that a model's indexes hold: its encoders' states, centred alike."""
    held = model.retriever.active.readers
    return name_of(active.readers.encoders) == name_of(held.encoders) and active.readers.centring == held.centring
