"""The first stage of a turn: the answers that may fit it, from the indexes, with what the read needs of them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from knowledge_base.indexes.lexical import Place, WordScores
from knowledge_base.indexes.memory_index import MemoryIndex, Read
from knowledge_base.indexes.snapshot import Snapshot
from knowledge_base.indexes.snapshot_writer import SnapshotWriter
from knowledge_base.indexes.vector_index import Group, SharedIndex, group_of
from knowledge_base.memories import Memory
from knowledge_base.privacy import mask
from weaver_core.coverage import cover
from weaver_core.dialogue import PositionKind
from weaver_core.encoders.encoder import Encoder
from weaver_core.model import Candidates, ReadParameters, Space
from weaver_core.readers import Readers

NEAREST_POSITIONS = 64
NEAREST_BY_WORDS = 16
# More positions of an answer than these cost time and hardly add to it (docs/experiments.md).
MOST_POSITIONS = 128
REPLACED_AT_ONCE = 50


@dataclass(frozen=True, slots=True, eq=False)
class Turn:
    """A customer's turn as it is looked for: as typed, as read, and its unit vectors in the views that are read.

    Shape: each of vectors (d,).
    """

    typed: str
    text: str
    vectors: Mapping[str, NDArray[np.float32]]


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """The answers that may fit a turn. Shape for N answers: known (N,), how strongly each is known for these words."""

    memories: Sequence[Memory]
    candidates: Candidates
    known: NDArray[np.int64]


class CandidateSearch:
    """The indexes of one process, in the views of its encoders. Its methods may be called from any thread."""

    def __init__(
        self,
        encoders: Sequence[Encoder],
        readers: Readers,
        company_contacts: tuple[str, ...] = (),
        snapshot: Snapshot | None = None,
        shared: SharedIndex | None = None,
    ) -> None:
        """Indexes that are empty, or as they were saved; a shared one holds the vectors if it is there.

        The readers' centres are taken off the vectors. Raises SnapshotUnusableError.
        """
        self._encoders = tuple(encoders)
        self._readers = readers
        self._company_contacts = company_contacts
        self._erased = False
        dimensions = {encoder.version: encoder.dimension for encoder in encoders}
        self._index = MemoryIndex(dimensions, snapshot, shared)

    @property
    def shared(self) -> SharedIndex | None:
        """The index outside of this process that holds the vectors, if one does."""
        return self._index.shared

    def save(self, writer: SnapshotWriter) -> None:
        """Keep the indexes in a snapshot. Nobody may change them meanwhile, all may search."""
        self._index.save(writer, purged=self._erased)

    def purge(self) -> None:
        """From now on keep nothing in snapshots of what was removed."""
        self._erased = True

    def close(self) -> None:
        """Give the indexes back."""
        self._index.close()

    @property
    def answers(self) -> int:
        """How many answers can be found."""
        return self._index.answers

    @property
    def groups(self) -> frozenset[Group]:
        """The (collection, language) pairs of the answers that can be found."""
        return self._index.groups

    def replace(self, memories: Sequence[Memory]) -> None:
        """Take answers' memories as they are now; one that the bot may not send is not found."""
        moment = datetime.now(UTC)
        sent = [memory for memory in memories if memory.answer.servable_at(moment) or _servable_later(memory)]
        # In parts, so that no turn waits for long.
        for start in range(0, len(sent), REPLACED_AT_ONCE):
            part = sent[start : start + REPLACED_AT_ONCE]
            self._index.replace([Read(memory, self._compared(covered(memory))) for memory in part])
        found = {memory.answer.id for memory in sent}
        self._index.remove([memory.answer.id for memory in memories if memory.answer.id not in found])

    def remove(self, answer_ids: Sequence[UUID]) -> None:
        """Find these answers no more; one that is not held is passed over."""
        self._index.remove(answer_ids)

    def _compared(self, memory: Memory) -> Memory:
        """A memory with its vectors as they are compared: centred."""
        centred = {
            encoder.version: self._readers.centred(vectors, encoder, memory.answer.language)
            for encoder in self._encoders
            if (vectors := memory.vectors.get(encoder.version)) is not None
        }
        return Memory(memory.answer, memory.positions, centred)

    def find(
        self, turn: Turn, groups: Collection[Group], parameters: ReadParameters, further: Sequence[Memory] = ()
    ) -> Found | None:
        """The answers in these groups that may fit, None when there is none; memories of no index go `further`."""
        # Corrections are stored without what the customer said of themself: "where is ‹order›" is the same question.
        typed = turn.typed
        known = self._index.verbatim(typed) or self._index.verbatim(mask(typed, self._company_contacts).text)
        best, scores = self._index.by_words(turn.text, groups, NEAREST_BY_WORDS)
        memories = self._memories([*known, *self._nearest(turn, groups, parameters), *best], turn, groups)
        fitting = [self._compared(covered(memory)) for memory in further if group_of(memory) in groups]
        if not memories and not fitting:
            return None
        found = self._found([*memories, *fitting], turn, scores, known)
        for place, memory in enumerate(fitting, len(memories)):
            found.candidates.words[place] = max(scores.of_text(position.text) for position in memory.positions)
        return found

    def find_without(
        self,
        turn: Turn,
        answer_id: UUID,
        position_id: UUID | None,
        groups: Collection[Group],
        parameters: ReadParameters,
    ) -> Found:
        """What a stored question would find if it were not stored; its own answer, if it is held, is always among it.

        A position that is not read, since others cover its answer better, need not be left out.
        """
        held = self._index.positions(answer_id)
        row = next((row for row, position in enumerate(held) if position.id == position_id), None)
        place = None if row is None else Place(answer_id, row)
        best, scores = self._index.by_words(turn.text, groups, NEAREST_BY_WORDS, place)
        wanted = [answer_id, *self._nearest(turn, groups, parameters), *best]
        memories = [_without(memory, place) for memory in self._memories(wanted, turn, groups)]
        return self._found([memory for memory in memories if memory.positions], turn, scores, {})

    def memories(self, answer_ids: Sequence[UUID]) -> list[Memory]:
        """These answers' memories with their vectors in all views, as they are compared."""
        return self._index.memories(answer_ids, [encoder.version for encoder in self._encoders])

    def texts(self, answer_id: UUID) -> list[str]:
        """What an answer's positions that can be found say."""
        return [position.text for position in self._index.positions(answer_id)]

    def _nearest(self, turn: Turn, groups: Collection[Group], parameters: ReadParameters) -> list[UUID]:
        preferred = next((view for view in parameters.read_views if view in turn.vectors), None)
        if preferred is None:
            return []
        hits = self._index.by_vector(preferred, turn.vectors[preferred], NEAREST_POSITIONS, groups)
        return [hit.answer_id for hit in hits]

    def _memories(self, answer_ids: Sequence[UUID], turn: Turn, groups: Collection[Group]) -> list[Memory]:
        """The memories of these answers, each once, that the bot may send in these groups at this moment."""
        moment = datetime.now(UTC)
        return [
            memory
            for memory in self._index.memories(list(dict.fromkeys(answer_ids)), list(turn.vectors))
            if (memory.answer.collection, memory.answer.language) in groups and memory.answer.servable_at(moment)
        ]

    def _found(self, memories: Sequence[Memory], turn: Turn, scores: WordScores, known: Mapping[UUID, int]) -> Found:
        ids = [memory.answer.id for memory in memories]
        strength = np.array([known.get(answer_id, 0) for answer_id in ids], np.int64)
        return Found(memories, stack(memories, turn.vectors, self._index.scores(ids, scores)), strength)


def stack(
    memories: Sequence[Memory], query: Mapping[str, NDArray[np.float32]], words: NDArray[np.float32]
) -> Candidates:
    """The memories' positions one after the other. Shapes: query by view (d,), words (N,)."""
    positions = [position for memory in memories for position in memory.positions]
    return Candidates(
        spaces={
            view: Space(vector, np.concatenate([memory.vectors[view] for memory in memories]))
            for view, vector in query.items()
        },
        offsets=np.concatenate([[0], np.cumsum([len(memory.positions) for memory in memories])]).astype(np.int64),
        trust=np.array([position.trust for position in positions], np.float32),
        sentences=np.array([position.kind is PositionKind.SENTENCE for position in positions]),
        words=words,
    )


def covered(memory: Memory) -> Memory:
    """A memory with the positions that are read: those that cover it best, corrections always among them."""
    if len(memory.positions) <= MOST_POSITIONS:
        return memory
    corrections = [row for row, position in enumerate(memory.positions) if position.kind is PositionKind.CORRECTION]
    trust = np.exp([position.trust for position in memory.positions]).astype(np.float32)
    vectors = next(iter(memory.vectors.values()))
    rows = cover(vectors, MOST_POSITIONS, trust, corrections[-MOST_POSITIONS:])
    kept = {view: vectors[rows] for view, vectors in memory.vectors.items()}
    return Memory(memory.answer, tuple(memory.positions[int(row)] for row in rows), kept)


def _without(memory: Memory, place: Place | None) -> Memory:
    if place is None or memory.answer.id != place.answer_id:
        return memory
    kept = [row for row in range(len(memory.positions)) if row != place.position]
    vectors = {view: vectors[kept] for view, vectors in memory.vectors.items()}
    return Memory(memory.answer, tuple(memory.positions[row] for row in kept), vectors)


def _servable_later(memory: Memory) -> bool:
    """An approved answer whose validity is yet to begin is indexed already; the read looks at the clock."""
    answer = memory.answer
    return answer.valid_from is not None and answer.servable_at(answer.valid_from)
