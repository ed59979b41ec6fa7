"""How a process's indexes come to hold what SQL holds: opened, followed, or made anew."""

from collections.abc import Collection, Sequence
from functools import partial
from uuid import UUID

import anyio.to_thread
import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from bot.options import DecisionOptions
from bot.retriever import ActiveVersion, Retriever
from bot.snapshots import Snapshots
from knowledge_base import changes, memories
from knowledge_base.changes import Change, ChangeKind
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
        opened = await self._snapshots.opened(session, active) if self._snapshots else None
        retriever, lacking = opened or (await self._empty(active), None)
        shared = retriever.shared
        if shared is None:
            await (self._read_all(session, retriever) if lacking is None else self.follow(session, retriever, lacking))
            return retriever
        missed = await self._missed(session, shared)
        if missed is None:
            # What only the snapshot knows is of no use without the vectors.
            retriever.close()
            retriever = await self._empty(active)
            await self._fill(session, retriever)
        elif lacking is None:
            shared.writes = False
            await self._read_all(session, retriever)
            shared.writes = True
            await self.follow(session, retriever, missed)
        else:
            await self.follow(session, retriever, max(lacking, missed, key=len))
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

    async def _empty(self, active: ActiveVersion) -> Retriever:
        return await anyio.to_thread.run_sync(partial(Retriever, self._encoders, active, self._options))

    async def _read_all(self, session: AsyncSession, retriever: Retriever) -> None:
        async for page in memories.pages(session, self._versions):
            await _take(retriever, page)

    async def _fill(self, session: AsyncSession, retriever: Retriever) -> None:
        """Make a shared index anew."""
        last = (await changes.since(session, await changes.latest(session) - 1))[:1]
        if retriever.shared:
            await anyio.to_thread.run_sync(retriever.shared.clear)
            await self._read_all(session, retriever)
            await _note(retriever.shared, last[0] if last else None)
            await anyio.to_thread.run_sync(retriever.shared.tidy)

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


async def _note(shared: SharedIndex, last: Change | None) -> None:
    followed = Followed(0, None) if last is None else Followed(last.number, last.subject_id)
    await anyio.to_thread.run_sync(shared.note, followed)


async def _take(retriever: Retriever, changed: Sequence[Memory], gone: Collection[UUID] = ()) -> None:
    """Replace memories, and drop those of erased answers, outside the event loop: turns are answered meanwhile."""

    def replace_all() -> None:
        retriever.replace(changed)
        retriever.remove(list(gone))

    await anyio.to_thread.run_sync(replace_all)
