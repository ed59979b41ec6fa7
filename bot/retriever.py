"""A turn from beginning to end: encoded, its candidates found, the Weaver read over them, a decision."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from bot.candidates import CandidateSearch, Found, Turn
from bot.reply import Candidate, Decision, Query, Reply, WeightedPosition
from knowledge_base.indexes.embedded import Group
from knowledge_base.memories import Memory
from weaver_core.calibration import features, spread
from weaver_core.decision import decide
from weaver_core.encoders.encoder import Encoder
from weaver_core.model import Reading, read_candidates
from weaver_core.readers import ANY, Reader, Readers
from weaver_core.texts import language, normalization

MOST_CANDIDATES = 10
MOST_POSITIONS_SHOWN = 3
UNFITTED = "v0"
# How often one and the same question has one and the same answer: people mean different things by the same words.
SAME_QUESTION_CONFIDENCE = 0.97


@dataclass(frozen=True, slots=True)
class DecisionOptions:
    """How the model decides: the wrong answers in a hundred that one accepts, and which contacts are the company's."""

    wrong_per_hundred: float = 10.0
    company_contacts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class ActiveVersion:
    """How turns are read now, and the registry's version that this is from: its name and id (None before the first)."""

    readers: Readers
    name: str = UNFITTED
    id: UUID | None = None


class Retriever:
    """The encoders, the indexes of one process, and the active version. Its methods may be called from any thread."""

    def __init__(self, encoders: Sequence[Encoder], active: ActiveVersion, options: DecisionOptions) -> None:
        """Empty indexes; `replace` fills them."""
        self.active = active
        self._encoders = tuple(encoders)
        self._options = options
        self._search = CandidateSearch(encoders, active.readers, options.company_contacts)

    def close(self) -> None:
        """Give the indexes back."""
        self._search.close()

    @property
    def answers(self) -> int:
        """How many answers can be found."""
        return self._search.answers

    def replace(self, memory: Memory) -> None:
        """Take an answer's memory as it is now; one that the bot may not send is not found."""
        self._search.replace(memory)

    def respond(self, query: Query) -> Reply:
        """Decide for a turn."""
        text = normalization.clean(query.text).text
        spoken = language.detect(text)
        if not normalization.has_words(text):
            return self._without_candidates(Decision.CLARIFY, spoken, "no_words")
        groups = {group for group in self._search.groups if group[0] == query.collection}
        if not groups:
            return self._without_candidates(Decision.HANDOFF, spoken, "empty_memory")
        understood = {group for group in groups if spoken is None or group[1] in (None, spoken)}
        reply = self._read(text, spoken, understood, spoken or ANY) if understood else None
        foreign = groups - understood
        if foreign and (reply is None or reply.decision is Decision.HANDOFF):
            other = self._in_other_languages(text, spoken, foreign)
            if other is not None and (reply is None or other.decision is not Decision.HANDOFF):
                reply = other
        return reply or self._without_candidates(Decision.HANDOFF, spoken, "unknown_language" if foreign else "unsure")

    def _in_other_languages(self, text: str, spoken: str | None, groups: Collection[Group]) -> Reply | None:
        """What answers in another language say, None where no encoder knows both."""
        if not self.active.readers.of(ANY).parameters.read_views:
            return None
        return self._read(text, spoken, groups, ANY)

    def _read(self, text: str, spoken: str | None, groups: Collection[Group], reader_of: str) -> Reply | None:
        reader = self.active.readers.of(reader_of)
        turn = Turn(text, self._encode(text, spoken, reader))
        found = self._search.find(turn, groups, reader.parameters)
        return None if found is None else self._decide(found, reader, spoken)

    def _encode(self, text: str, spoken: str | None, reader: Reader) -> dict[str, NDArray[np.float32]]:
        read = set(reader.parameters.read_views)
        return {
            encoder.version: self.active.readers.centred(encoder.encode([text])[0], encoder, spoken)
            for encoder in self._encoders
            if encoder.version in read
        }

    def _decide(self, found: Found, reader: Reader, spoken: str | None) -> Reply:
        reading = read_candidates(found.candidates, reader.parameters)
        known = found.known
        # What a reviewer decided for this very question comes before what the read thinks of it.
        order = np.lexsort((-reading.scores, -known))
        top = int(order[0])
        seen = features(reading, order, len(found.memories[top].positions))
        confidence = float(reader.calibration.confidences(seen))
        if known[top] and not (known == known[top])[order[1:]].any():
            confidence = max(confidence, SAME_QUESTION_CONFIDENCE)
        chances = spread(confidence, reading.probabilities[order])
        candidates = tuple(
            Candidate(
                found.memories[place].answer,
                float(reading.scores[place]),
                float(chance),
                _heaviest(found, reading, place),
            )
            for place, chance in zip(map(int, order[:MOST_CANDIDATES]), chances[:MOST_CANDIDATES], strict=True)
        )
        decision = decide(chances, reader.calibration.threshold(self._options.wrong_per_hundred))
        why = {Decision.ANSWER: "answer", Decision.CLARIFY: "clarify", Decision.HANDOFF: "unsure"}[decision]
        return self._reply(decision, confidence, candidates, spoken, why)

    def _without_candidates(self, decision: Decision, spoken: str | None, why: str) -> Reply:
        return self._reply(decision, 0.0, (), spoken, why)

    def _reply(
        self, decision: Decision, confidence: float, candidates: tuple[Candidate, ...], spoken: str | None, why: str
    ) -> Reply:
        return Reply(
            decision=decision,
            confidence=confidence,
            candidates=candidates,
            language=spoken,
            model_version=self.active.name,
            model_version_id=self.active.id,
            why=why,
        )


def _heaviest(found: Found, reading: Reading, place: int) -> tuple[WeightedPosition, ...]:
    """The positions of a candidate that weighed most, heaviest first."""
    offsets = found.candidates.offsets
    weights = reading.weights[int(offsets[place]) : int(offsets[place + 1])]
    heaviest = np.argsort(-weights, kind="stable")[:MOST_POSITIONS_SHOWN]
    positions = found.memories[place].positions
    return tuple(WeightedPosition(positions[row], float(weights[row])) for row in map(int, heaviest))
