"""Where a process's indexes are kept between runs: opened if they agree with SQL, saved when enough has changed."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import anyio
import anyio.to_thread
import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from bot.serving.index_space import space_of
from bot.serving.options import DecisionOptions
from bot.serving.retriever import ActiveVersion, Retriever
from knowledge_base import changes, memories
from knowledge_base.changes import Change, ChangeKind
from knowledge_base.database import Database
from knowledge_base.errors import SnapshotUnusableError, SnapshotUnwritableError
from knowledge_base.indexes import snapshot, snapshot_writer
from knowledge_base.indexes.snapshot import Snapshot, Stamp
from knowledge_base.indexes.vector_index import SharedIndex
from weaver_core.encoders.encoder import Encoder

# What is not in the snapshot is read again from SQL at the next start: some milliseconds an answer.
MOST_CHANGES, MOST_CHANGES_ONE_IN = 1000, 20
# Fewer changes than these are saved once nothing has changed for a while.
FEWEST_CHANGES, QUIET_SECONDS = 100, 60.0

_log = structlog.get_logger(__name__)


class Snapshots:
    """The snapshots of one process's indexes, in one folder."""

    def __init__(self, folder: Path, encoders: Sequence[Encoder], options: DecisionOptions) -> None:
        """Nothing is opened yet."""
        self._folder = folder
        self._encoders = tuple(encoders)
        self._options = options
        self._saved, self._wanted = 0, False
        self._changed_at = 0.0
        self._erasures = 0

    async def opened(
        self, session: AsyncSession, active: ActiveVersion, shared: SharedIndex | None = None
    ) -> tuple[Retriever, list[Change]] | None:
        """The indexes of the newest snapshot, and the changes that they lack; None if they must be made from SQL."""
        try:
            found = await anyio.to_thread.run_sync(snapshot.newest, self._folder)
            if found is None:
                return None
            if found.stamp.space != self._space_of(active):
                _log.info(
                    "indexes_made_again",
                    reason="They were made for another version of the model, or by other encoders.",
                )
                return None
            lacking = await self._checked(session, found)
            opened = partial(Retriever, self._encoders, active, self._options, found, shared)
            retriever = await anyio.to_thread.run_sync(opened)
        except SnapshotUnusableError as error:
            _log.warning("indexes_made_again", reason=str(error))
            return None
        self._saved = found.stamp.seen
        return retriever, lacking

    def note(self, news: Sequence[Change]) -> None:
        """Hear of changes that the indexes followed: snapshots that hold what was erased are removed."""
        if any(change.kind is not ChangeKind.MARK for change in news):
            self._changed_at = anyio.current_time()
        if any(change.kind is ChangeKind.ERASURE for change in news):
            self._erasures += 1
            self._discard()

    def is_due(self, seen: int, answers: int) -> bool:
        """Whether so much has changed since the last snapshot, up to this change, that another is worth its while."""
        lacking = seen - self._saved
        if self._wanted:
            return True
        quiet = anyio.current_time() - self._changed_at >= QUIET_SECONDS
        return lacking >= max(MOST_CHANGES, answers // MOST_CHANGES_ONE_IN) or (quiet and lacking >= FEWEST_CHANGES)

    async def save(self, database: Database, still: anyio.Lock, held: Callable[[], tuple[Retriever, int]]) -> None:
        """Write the indexes, which are still while the lock is held, with the number of the last change in them.

        Raises DatabaseUnavailableError.
        """
        # A snapshot that cannot be written now is not tried again until there is more to save.
        (_, self._saved), self._wanted = held(), False
        try:
            with snapshot_writer.writing(self._folder) as writer:
                await anyio.to_thread.run_sync(writer.begin)
                async with still:
                    retriever, seen = held()
                    erasures = self._erasures
                    totals = await _totals(database, seen)
                    await anyio.to_thread.run_sync(retriever.save, writer)
                async with database.writing() as session:
                    mark = await changes.mark(session)
                space = self._space_of(retriever.active)
                stamp = Stamp(seen, mark.number, mark.subject_id, space, totals)
                await anyio.to_thread.run_sync(writer.finish, stamp)
            if erasures != self._erasures:
                # What was erased while the files went to the disk is in them.
                self._discard()
        except SnapshotUnwritableError as error:
            _log.warning("indexes_not_written", reason=str(error))

    def _discard(self) -> None:
        """Remove the snapshots, and want another one if there were any."""
        try:
            self._wanted = snapshot_writer.discard(self._folder) or self._wanted
        except SnapshotUnwritableError as error:
            _log.error("erased_texts_remain", reason=str(error))

    def _space_of(self, active: ActiveVersion) -> str:
        """What a snapshot's stamp says of this process; with a shared index it holds no vectors."""
        return space_of(self._encoders, active.readers) + (" shared" if self._options.index_url else "")

    async def _checked(self, session: AsyncSession, found: Snapshot) -> list[Change]:
        """The changes that a snapshot lacks. Raises SnapshotUnusableError when it is not of this database."""
        stamp = found.stamp
        if not await changes.holds_mark(session, stamp.mark, stamp.mark_id):
            raise SnapshotUnusableError(self._folder, "this database is not the one that they were made from")
        lacking = await changes.since(session, stamp.seen)
        unchanged = all(change.kind is ChangeKind.MARK for change in lacking)
        if unchanged and stamp.totals and stamp.totals != await memories.totals(session):
            raise SnapshotUnusableError(self._folder, "the database has rows that no change tells of")
        return lacking


async def _totals(database: Database, seen: int) -> dict[str, int]:
    """How many rows the database has while a change is the last one; empty when another came meanwhile."""
    async with database.reading() as session:
        counted = await memories.totals(session)
        return counted if await changes.latest(session) == seen else {}
