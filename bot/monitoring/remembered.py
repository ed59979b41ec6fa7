"""What was heard lately, held by the process that keeps the watch: some thousand vectors, and no more."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bot.monitoring.listening import PAST
from bot.monitoring.reading import TopicReader
from knowledge_base.database import Database
from knowledge_base.watching import heard
from knowledge_base.watching.heard import Text
from knowledge_base.watching.hours import ANGRY
from weaver_core import topic_space
from weaver_core.topics import Heard

if TYPE_CHECKING:
    from uuid import UUID

SECONDS_AN_HOUR = 3600


@dataclass(frozen=True, slots=True, eq=False)
class Lately:
    """Texts of the last weeks, with their vectors, without what all share. Shape: (n, d)."""

    texts: tuple[Text, ...]
    vectors: NDArray[np.float32]

    def heard(self) -> Heard:
        """The same as topics are told from."""
        return Heard(
            hours=np.array([hours_of(text.at) for text in self.texts], np.float64),
            people=_numbers([text.person for text in self.texts]),
            streams=_numbers([text.stream for text in self.texts]),
            angry=np.array([text.mood is not None and text.mood <= ANGRY for text in self.texts], bool),
        )

    def of(self, rows: Sequence[int]) -> "Lately":
        """Some of them."""
        return Lately(tuple(self.texts[row] for row in rows), self.vectors[list(rows)])


class Remembered:
    """The vectors that were read from the database already: each is read once."""

    def __init__(self) -> None:
        """Nothing is known yet."""
        self._known: dict[UUID, NDArray[np.float16]] = {}

    async def lately(self, database: Database, reader: TopicReader, moment: datetime) -> Lately:
        """All that was heard in the last weeks, as it stands: what was erased is forgotten here too."""
        async with database.reading() as session:
            texts = await heard.texts(session, reader.space, moment - PAST)
            new = [text.id for text in texts if text.id not in self._known]
            read = await heard.vectors(session, new, reader.dimension)
        held = {text.id for text in texts}
        self._known = {key: vector for key, vector in (self._known | read).items() if key in held}
        kept = tuple(text for text in texts if text.id in self._known)
        vectors = np.zeros((len(kept), reader.dimension), np.float32)
        for row, text in enumerate(kept):
            vectors[row] = self._known[text.id]
        return Lately(kept, topic_space.centred(vectors, [text.language for text in kept]))


def hours_of(moment: datetime) -> float:
    """A moment in hours, as topics count them."""
    return moment.timestamp() / SECONDS_AN_HOUR


def _numbers(names: Sequence[object]) -> NDArray[np.int64]:
    """A number for each name, the same for the same."""
    known: dict[object, int] = {}
    return np.array([known.setdefault(name, len(known)) for name in names], np.int64)
