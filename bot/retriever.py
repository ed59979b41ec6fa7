"""The two stages of a turn: candidates from the indexes, then the Weaver read over their memories, then a decision."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from bot.reply import Candidate, Decision, Query, Reply, WeightedPosition
from knowledge_base.indexes.embedded import EmbeddedIndex, Group
from knowledge_base.indexes.lexical import LexicalIndex
from knowledge_base.indexes.verbatim import VerbatimIndex
from knowledge_base.ingestion.privacy import mask
from knowledge_base.memories import Memory
from knowledge_base.models import ModelVersion
from weaver_core.calibration import VECTORS, WORDS, Calibrator, features, spread
from weaver_core.decision import decide
from weaver_core.dialogue import PositionKind
from weaver_core.encoders.encoder import Encoder
from weaver_core.memory import Memories
from weaver_core.model import WORDS_PARAMETERS, Reading, ReadParameters, read_memories
from weaver_core.texts import language, normalization, terms

NEAREST_POSITIONS = 64
MOST_CANDIDATES = 10
MOST_POSITIONS_SHOWN = 3
UNFITTED = "v0"
# How often one and the same question has one and the same answer: people mean different things by the same words.
SAME_QUESTION_CONFIDENCE = 0.97


@dataclass(frozen=True, slots=True)
class DecisionOptions:
    """How the model decides: the wrong answers in a hundred that one accepts, and what makes confidences."""

    wrong_per_hundred: float = 10.0
    company_contacts: tuple[str, ...] = ()
    calibrator: Calibrator = field(default_factory=Calibrator.default)


@dataclass(frozen=True, slots=True)
class ActiveVersion:
    """The parameters that answer now, and the registry's version that they are from (None before the first)."""

    parameters: ReadParameters = field(default_factory=ReadParameters)
    version: ModelVersion | None = None

    @property
    def name(self) -> str:
        """The version's name on every face."""
        return self.version.name if self.version else UNFITTED


@dataclass(frozen=True, slots=True, eq=False)
class _Space:
    """The query and the candidates' positions in one vector space. Shapes: query (d,), each of vectors (L, d)."""

    view: str
    query: NDArray[np.float32]
    vectors: Sequence[NDArray[np.float32]]


@dataclass(frozen=True, slots=True, eq=False)
class _Question:
    """The turn's language, and how strongly each candidate is known to answer its very words. Shape: known (N,)."""

    language: str | None
    known: NDArray[np.int64]


class Retriever:
    """The encoder, the indexes of one process, and the active version. Its methods may be called from any thread."""

    def __init__(self, encoder: Encoder, options: DecisionOptions) -> None:
        """Empty indexes; `replace` fills them."""
        self.encoder = encoder
        self.active = ActiveVersion()
        self._options = options
        self._vectors = EmbeddedIndex(encoder.dimension)
        self._words = LexicalIndex()
        self._verbatim = VerbatimIndex()

    def close(self) -> None:
        """Give the indexes back."""
        self._words.close()

    @property
    def answers(self) -> int:
        """How many answers can be found."""
        return self._vectors.answers

    def replace(self, memory: Memory) -> None:
        """Take an answer's memory as it is now; one that the bot may not send is not found."""
        servable = memory.answer.servable_at(datetime.now(UTC)) or _servable_later(memory)
        for index in (self._vectors, self._words, self._verbatim):
            if servable:
                index.replace(memory)
            else:
                index.remove(memory.answer.id)

    def respond(self, query: Query) -> Reply:
        """Decide for a turn."""
        text = normalization.clean(query.text).text
        spoken = language.detect(text)
        if not normalization.has_words(text):
            return self._without_candidates(Decision.CLARIFY, spoken, "no_words")
        groups = {group for group in self._vectors.groups if group[0] == query.collection}
        if not groups:
            return self._without_candidates(Decision.HANDOFF, spoken, "empty_memory")
        understood = {group for group in groups if spoken is None or group[1] in (None, spoken)}
        if not understood:
            return self._without_candidates(Decision.HANDOFF, spoken, "unknown_language")
        return self._read(text, spoken, understood)

    def _read(self, text: str, spoken: str | None, groups: set[Group]) -> Reply:
        by_vector = not self.encoder.languages or spoken in self.encoder.languages
        query = self.encoder.encode([text])[0] if by_vector else None
        if query is None:
            hits = self._words.search(text, NEAREST_POSITIONS, groups)
        else:
            hits = self._vectors.search(query, NEAREST_POSITIONS, groups)
        # Corrections are stored without what the customer said of themself: "where is ‹order›" is the same question.
        verbatim = self._verbatim.search(text) or self._verbatim.search(mask(text, self._options.company_contacts).text)
        found = self._candidates(dict.fromkeys([*verbatim, *(hit.answer_id for hit in hits)]), groups)
        if not found:
            return self._without_candidates(Decision.HANDOFF, spoken, "unsure")
        space = self._word_space(text, found) if query is None else _Space(VECTORS, query, [m.vectors for m in found])
        known = np.array([verbatim.get(memory.answer.id, 0) for memory in found])
        return self._decide(_Question(spoken, known), found, space)

    def _candidates(self, answer_ids: Iterable[UUID], groups: set[Group]) -> list[Memory]:
        """The memories of these answers that the bot may send in this collection and language at this moment."""
        moment = datetime.now(UTC)
        return [
            memory
            for memory in self._vectors.memories(list(answer_ids))
            if (memory.answer.collection, memory.answer.language) in groups and memory.answer.servable_at(moment)
        ]

    def _word_space(self, text: str, found: Sequence[Memory]) -> _Space:
        asked = terms.terms(text)
        passages = [self._words.passages(memory.answer.id) for memory in found]
        weights = self._words.term_weights([asked, *(passage for texts in passages for passage in texts)])
        return _Space(WORDS, terms.vectors([asked], weights)[0], [terms.vectors(texts, weights) for texts in passages])

    def _decide(self, question: _Question, found: Sequence[Memory], space: _Space) -> Reply:
        parameters = WORDS_PARAMETERS if space.view == WORDS else self.active.parameters
        memories = _stack(space.vectors, found, parameters)
        reading = read_memories(space.query, memories, parameters)
        known = question.known
        # What a reviewer decided for this very question comes before what the read thinks of it.
        order = np.lexsort((-reading.cosines, -known))
        top = int(order[0])
        calibrator, probabilities = self._options.calibrator, reading.probabilities[order]
        seen = features(reading.cosines[order], probabilities, len(found[top].positions))
        confidence = float(calibrator.confidences(space.view, seen))
        if known[top] and not (known == known[top])[order[1:]].any():
            confidence = max(confidence, SAME_QUESTION_CONFIDENCE)
        chances = spread(confidence, probabilities)
        candidates = tuple(
            Candidate(
                found[place].answer,
                float(reading.cosines[place]),
                float(chance),
                _heaviest(found, memories, reading, place),
            )
            for place, chance in zip(map(int, order[:MOST_CANDIDATES]), chances[:MOST_CANDIDATES], strict=True)
        )
        decision = decide(chances, calibrator.threshold(space.view, self._options.wrong_per_hundred))
        why = {Decision.ANSWER: "answer", Decision.CLARIFY: "clarify", Decision.HANDOFF: "unsure"}[decision]
        return self._reply(decision, confidence, candidates, question.language, why)

    def _without_candidates(self, decision: Decision, spoken: str | None, why: str) -> Reply:
        return self._reply(decision, 0.0, (), spoken, why)

    def _reply(
        self, decision: Decision, confidence: float, candidates: tuple[Candidate, ...], spoken: str | None, why: str
    ) -> Reply:
        version = self.active.version
        return Reply(
            decision=decision,
            confidence=confidence,
            candidates=candidates,
            language=spoken,
            model_version=self.active.name,
            model_version_id=version.id if version else None,
            why=why,
        )


def _servable_later(memory: Memory) -> bool:
    """An approved answer whose validity is yet to begin is indexed already; the read looks at the clock."""
    answer = memory.answer
    return answer.valid_from is not None and answer.servable_at(answer.valid_from)


def _stack(vectors: Sequence[NDArray[np.float32]], found: Sequence[Memory], parameters: ReadParameters) -> Memories:
    """The candidates' positions one after the other, with their trust."""
    lengths = [len(memory.positions) for memory in found]
    trust = [
        position.trust + (parameters.sentence_trust if position.kind is PositionKind.SENTENCE else 0.0)
        for memory in found
        for position in memory.positions
    ]
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    return Memories(np.concatenate(vectors), offsets, np.array(trust, np.float32))


def _heaviest(
    found: Sequence[Memory], memories: Memories, reading: Reading, place: int
) -> tuple[WeightedPosition, ...]:
    """The positions of a candidate that weighed most, heaviest first."""
    start, end = int(memories.offsets[place]), int(memories.offsets[place + 1])
    weights = reading.weights[start:end]
    heaviest = np.argsort(-weights, kind="stable")[:MOST_POSITIONS_SHOWN]
    return tuple(WeightedPosition(found[place].positions[row], float(weights[row])) for row in map(int, heaviest))
