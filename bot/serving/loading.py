"""How a process's indexes come to hold what SQL holds: opened, followed, or made anew."""

from collections.abc import AsyncGenerator, Collection, Sequence
from contextlib import asynccontextmanager
from functools import partial
from urllib.parse import urlsplit
from uuid import UUID

import anyio
import anyio.to_thread
import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from bot.serving.index_space import space_of
from bot.serving.options import DecisionOptions
from bot.serving.retriever import ActiveVersion, Retriever
from bot.serving.snapshots import Snapshots
from knowledge_base import changes, memories
from knowledge_base.changes import Change, ChangeKind
from knowledge_base.indexes.milvus import MilvusIndex
from knowledge_base.indexes.pgvector import PgvectorIndex
from knowledge_base.indexes.vector_index import Followed, SharedIndex
from knowledge_base.memories import Memory
from weaver_core.encoders.encoder import Encoder

ANSWERS_AT_ONCE = 200

_log = structlog.get_logger(__name__)


class Loading:
    """What indexes are loaded with: the encoders, the options, and where indexes are kept between runs."""

    def __init__(self, encoders: Sequence[Encoder], options: DecisionOptions, snapshots: Snapshots | None) -> None:
        """Nothing is loaded yet."""
        self._encoders = tuple(encoders)
        self._options = options
        self._snapshots = snapshots

    async def load(self, session: AsyncSession, active: ActiveVersion) -> Retriever:
        """The memories as this version reads them: those that changed since indexes were kept are read, else all.

        Raises IndexUnavailableError.
        """
        if self._options.index_url:
            return await self._load_shared(session, active, self._shared(active))
        retriever, lacking = await self._opened(session, active)
        await (self._read_all(session, retriever) if lacking is None else self.follow(session, retriever, lacking))
        return retriever

    async def follow(self, session: AsyncSession, retriever: Retriever, news: Sequence[Change]) -> None:
        """Read again what these changes are about. Raises IndexUnavailableError."""
        changed = list(dict.fromkeys(change.subject_id for change in news if change.kind is ChangeKind.ANSWER))
        for start in range(0, len(changed), ANSWERS_AT_ONCE):
            some = changed[start : start + ANSWERS_AT_ONCE]
            loaded = await memories.load(session, self._versions, some)
            await _take(retriever, loaded, set(some) - {memory.answer.id for memory in loaded})
        if any(change.kind is ChangeKind.ERASURE for change in news):
            retriever.purge()
        if self._snapshots:
            self._snapshots.note(news)
        if news and retriever.shared:
            await _note(retriever.shared, news[-1])

    async def _load_shared(self, session: AsyncSession, active: ActiveVersion, shared: SharedIndex) -> Retriever:
        async with _claimed(shared):
            missed = await self._missed(session, shared)
            # What only a snapshot knows is of no use without the vectors.
            filled = await self._filled(session, active, shared) if missed is None else None
        retriever = filled or await self._joined(session, active, shared, missed or [])
        await anyio.to_thread.run_sync(shared.tidy)
        return retriever

    def _shared(self, active: ActiveVersion) -> SharedIndex:
        engine = PgvectorIndex if urlsplit(self._options.index_url).scheme.startswith("postgres") else MilvusIndex
        dimensions = {encoder.version: encoder.dimension for encoder in self._encoders}
        return engine(self._options.index_url, space_of(self._encoders, active.readers), dimensions)

    async def _opened(
        self, session: AsyncSession, active: ActiveVersion, shared: SharedIndex | None = None
    ) -> tuple[Retriever, list[Change] | None]:
        """Indexes as they were kept with the changes that they lack, else empty ones."""
        opened = await self._snapshots.opened(session, active, shared) if self._snapshots else None
        return opened or (await self._empty(active, shared), None)

    async def _empty(self, active: ActiveVersion, shared: SharedIndex | None) -> Retriever:
        return await anyio.to_thread.run_sync(partial(Retriever, self._encoders, active, self._options, shared=shared))

    async def _read_all(self, session: AsyncSession, retriever: Retriever) -> None:
        async for page in memories.pages(session, self._versions):
            await _take(retriever, page)

    async def _filled(self, session: AsyncSession, active: ActiveVersion, shared: SharedIndex) -> Retriever:
        """All memories, with which a shared index is made anew."""
        last = (await changes.since(session, await changes.latest(session) - 1))[:1]
        retriever = await self._empty(active, shared)
        await anyio.to_thread.run_sync(shared.clear)
        await self._read_all(session, retriever)
        await _note(shared, last[0] if last else None)
        return retriever

    async def _joined(
        self, session: AsyncSession, active: ActiveVersion, shared: SharedIndex, missed: Sequence[Change]
    ) -> Retriever:
        """All memories, over a shared index that lacks no more than these changes."""
        retriever, lacking = await self._opened(session, active, shared)
        if lacking is None:
            shared.writes = False
            await self._read_all(session, retriever)
            shared.writes = True
        await self.follow(session, retriever, max(lacking or [], missed, key=len))
        return retriever

    async def _missed(self, session: AsyncSession, shared: SharedIndex) -> list[Change] | None:
        """The changes that a shared index lacks, None when it must be made anew."""
        held = await anyio.to_thread.run_sync(shared.followed)
        if held is None:
            return None
        since = await changes.since(session, held.number - 1)
        if held.number and not (since and since[0].number == held.number and since[0].subject_id == held.subject_id):
            _log.warning("indexes_made_again", reason="The shared index is of another database, or of a later moment.")
            return None
        return since[1:] if held.number else since

    @property
    def _versions(self) -> list[str]:
        return [encoder.version for encoder in self._encoders]


@asynccontextmanager
async def _claimed(shared: SharedIndex) -> AsyncGenerator[None]:
    """While it is looked at whether a shared index must be made anew, and while it is, no other process does so."""
    try:
        await anyio.to_thread.run_sync(shared.claim)
        yield
    finally:
        with anyio.CancelScope(shield=True):
            await anyio.to_thread.run_sync(shared.release)


async def _note(shared: SharedIndex, last: Change | None) -> None:
    followed = Followed(0, None) if last is None else Followed(last.number, last.subject_id)
    await anyio.to_thread.run_sync(shared.note, followed)


async def _take(retriever: Retriever, changed: Sequence[Memory], gone: Collection[UUID] = ()) -> None:
    """Replace memories, and drop those of erased answers, outside the event loop: turns are answered meanwhile."""

    def replace_all() -> None:
        retriever.replace(changed)
        retriever.remove(list(gone))

    await anyio.to_thread.run_sync(replace_all)
