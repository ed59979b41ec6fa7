"""The active model: follows the change counter, so that memories and versions are swapped without a restart."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

import anyio
import anyio.to_thread
import numpy as np
import structlog
from numpy.typing import NDArray

from bot.reply import Query, Reply
from bot.retriever import ActiveVersion, DecisionOptions, Retriever
from knowledge_base import changes, memories, models
from knowledge_base.changes import ChangeKind
from knowledge_base.database import Database
from knowledge_base.errors import DatabaseUnavailableError
from knowledge_base.memories import Memory
from weaver_core.encoders.encoder import Encoder
from weaver_core.model import ReadParameters

# Other processes' changes are served within a tenth of a second.
POLL_SECONDS = 0.08
MODEL_THREADS = 2

_log = structlog.get_logger(__name__)


class Serving:
    """One process's model, kept equal to what SQL holds."""

    def __init__(self, database: Database, encoder: Encoder, options: DecisionOptions) -> None:
        """Nothing is loaded yet: enter `following` (a service) or call `load` (a command)."""
        self.encoder = encoder
        self.ready = False
        self._database = database
        self._retriever = Retriever(encoder, options)
        self._seen = 0
        self._catching_up = anyio.Lock()
        self._limiter = anyio.CapacityLimiter(MODEL_THREADS)

    @property
    def model_version(self) -> str:
        """The name of the version that answers now."""
        return self._retriever.active.name

    @property
    def answers(self) -> int:
        """How many answers can be found."""
        return self._retriever.answers

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
        self._retriever.close()

    async def load(self) -> None:
        """Read the active version and all memories."""
        async with self._database.reading() as session:
            # The counter is read first: what changes meanwhile is read twice, never missed.
            self._seen = await changes.latest(session)
            self._take_version(await models.active(session))
            async for memory in memories.every(session, self.encoder.version):
                self._retriever.replace(memory)
        self.ready = True

    async def catch_up(self) -> None:
        """Follow the change counter now, so that what was just committed is served."""
        async with self._catching_up, self._database.reading() as session:
            # Nearly always there is no news, and one number is cheaper to read than a list.
            if await changes.latest(session) == self._seen:
                return
            news = await changes.since(session, self._seen)
            changed = dict.fromkeys(change.subject_id for change in news if change.kind is ChangeKind.ANSWER)
            await self._take(await memories.load(session, self.encoder.version, list(changed)))
            if any(change.kind is ChangeKind.MODEL for change in news):
                self._take_version(await models.active(session))
            self._seen = news[-1].number

    async def encode(self, text: str) -> NDArray[np.float32]:
        """A text's unit vector, made outside the event loop. Shape: (d,)."""
        vectors = await anyio.to_thread.run_sync(self.encoder.encode, [text], limiter=self._limiter)
        first: NDArray[np.float32] = vectors[0]
        return first

    async def respond(self, query: Query) -> Reply:
        """Decide for a turn, outside the event loop."""
        return await anyio.to_thread.run_sync(self._retriever.respond, query, limiter=self._limiter)

    async def _take(self, changed: Sequence[Memory]) -> None:
        def replace_all() -> None:
            for memory in changed:
                self._retriever.replace(memory)

        await anyio.to_thread.run_sync(replace_all)

    def _take_version(self, version: models.ModelVersion | None) -> None:
        # A version of another encoder has nothing to say about this one's space.
        if version is not None and version.encoder == self.encoder.version:
            self._retriever.active = ActiveVersion(ReadParameters.from_json(version.parameters), version)

    async def _follow(self) -> None:
        while True:
            await anyio.sleep(POLL_SECONDS)
            try:
                await self.catch_up()
            except DatabaseUnavailableError as error:
                # Turns are answered from what is known; the next look may find the database back.
                _log.warning("change_counter_unreadable", reason=str(error))
                await anyio.sleep(1)
