"""Positions that wait for encoding: how many there are, and what to say of them."""

from collections.abc import Sequence

from knowledge_base import changes, keys
from knowledge_base.database import Database

COMMAND = "weaver encode"


class Waiting:
    """How many positions lack keys of these encoders; counted again only after something changed."""

    def __init__(self, database: Database, encoders: Sequence[str]) -> None:
        """Nothing is counted yet."""
        self._database = database
        self._encoders = tuple(encoders)
        self._counted: tuple[int, int] | None = None

    async def count(self) -> int:
        """The number now. Raises DatabaseUnavailableError."""
        async with self._database.reading() as session:
            latest = await changes.latest(session)
            if self._counted is None or self._counted[0] != latest:
                self._counted = (latest, await keys.count_waiting(session, self._encoders))
        return self._counted[1]


def sentence(count: int) -> str:
    """What a person is told of so many."""
    waits = "position waits for encoding and is" if count == 1 else "positions wait for encoding and are"
    return f"{count:,} {waits} not found yet: run `{COMMAND}`."
