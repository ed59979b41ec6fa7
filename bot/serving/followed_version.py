"""One model version in one process: its indexes, kept equal to what SQL holds, until nobody asks it any more."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager

from bot.errors import BotError
from bot.serving.loading import ANSWERS_AT_ONCE, Loading
from bot.serving.options import DecisionOptions
from bot.serving.retriever import ActiveVersion, Retriever
from bot.serving.snapshots import Snapshots
from knowledge_base import changes
from knowledge_base.changes import Change
from knowledge_base.database import Database
from knowledge_base.encoding import encode_lagging
from weaver_core.encoders.encoder import Encoder


class NotLoadedError(BotError):
    """A turn came before the memory was loaded."""


class FollowedVersion:
    """The retriever of a version, and how far it has followed the change counter."""

    def __init__(
        self, database: Database, active: ActiveVersion, options: DecisionOptions, snapshots: Snapshots | None
    ) -> None:
        """Nothing is loaded yet."""
        self.snapshots = snapshots
        self.seen, self.in_doubt = 0, False
        self._database = database
        self._active = active
        self._loading = Loading(active.readers.encoders, options, snapshots)
        self._retriever: Retriever | None = None
        self._users, self._retired = 0, False

    @property
    def encoders(self) -> tuple[Encoder, ...]:
        """What it reads with."""
        return self._active.readers.encoders

    @property
    def retriever(self) -> Retriever:
        """The version itself. It must have been loaded."""
        if self._retriever is None:
            raise NotLoadedError("The memory is not loaded yet.")
        return self._retriever

    @contextmanager
    def used(self) -> Generator[Retriever]:
        """The version for as long as it answers a turn: what takes its place does not pull its indexes away."""
        self._users += 1
        try:
            yield self.retriever
        finally:
            self._users -= 1
            self._close_unused()

    async def encode(self) -> None:
        """Make the keys of what was stored while another version answered."""
        for encoder in self.encoders:
            await encode_lagging(self._database, encoder)

    async def load(self) -> None:
        """Read all memories: those that changed since the indexes were kept, else all. Raises IndexUnavailableError."""
        async with self._database.reading() as session:
            # The counter is read first: what changes meanwhile is read twice, never missed.
            seen = await changes.latest(session)
            retriever = await self._loading.load(session, self._active)
        self._retriever = retriever
        self.seen, self.in_doubt = seen, False

    async def news(self) -> list[Change]:
        """What has changed since. Nearly always there is no news, and one number is cheaper to read than a list."""
        async with self._database.reading(brief=True) as session:
            if await changes.latest(session) == self.seen:
                return []
            return await changes.since(session, self.seen)

    async def follow(self, news: Sequence[Change]) -> None:
        """Read again what these changes are about. What an error leaves half followed must be loaded again."""
        self.in_doubt = True
        await self._encode_lagging(news)
        async with self._database.reading() as session:
            await self._loading.follow(session, self.retriever, news)
        self.seen, self.in_doubt = news[-1].number, False

    def read_by(self, active: ActiveVersion) -> None:
        """Read the same memories by another version, whose encoders and centres are the same."""
        self._active, self._retriever = active, self.retriever.following(active)

    def retire(self) -> None:
        """Give the indexes back as soon as no turn needs them."""
        self._retired = True
        self._close_unused()

    async def _encode_lagging(self, news: Sequence[Change]) -> None:
        """Give what another version's process has just stored its keys of this one."""
        subjects = list({change.subject_id for change in news if change.kind is changes.ChangeKind.ANSWER})
        for start in range(0, len(subjects), ANSWERS_AT_ONCE):
            for encoder in self.encoders:
                await encode_lagging(self._database, encoder, subjects[start : start + ANSWERS_AT_ONCE])

    def _close_unused(self) -> None:
        if self._retired and not self._users and self._retriever is not None:
            self._retriever.close()
            self._retriever = None
