"""A turn from beginning to end: encoded, its candidates found, the Weaver read over them, a decision."""

from collections.abc import Collection, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from functools import partial
from typing import Self
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from bot.reply import Candidate, Decision, Query, Reply, WeightedPosition
from bot.serving.candidates import CandidateSearch, Found, Turn
from bot.serving.options import DecisionOptions
from knowledge_base.indexes.snapshot import Snapshot
from knowledge_base.indexes.snapshot_writer import SnapshotWriter
from knowledge_base.indexes.vector_index import Group, SharedIndex, group_of
from knowledge_base.memories import Memory
from weaver_core import dialogue
from weaver_core.calibration import features, spread
from weaver_core.context.turn_vector import Said
from weaver_core.decision import decide
from weaver_core.encoders.encoder import Encoder
from weaver_core.explanation import weigh_words
from weaver_core.exploration import near_equals
from weaver_core.model import Reading, read_candidates
from weaver_core.readers import ANY, GENERAL, SPECIALIST, Reader, Readers, role_of
from weaver_core.texts import language, normalization
from weaver_core.texts.passages import MOST_TOKENS, estimated_tokens, split_passages
from weaver_core.texts.spelling import Vocabulary

MOST_CANDIDATES = 10
MOST_POSITIONS_SHOWN = 3
# The passages that a long turn is encoded in, in tokens.
LONG_TURN_PASSAGE = 64
UNFITTED = "v0"
# How often one and the same question has one and the same answer: people mean different things by the same words.
SAME_QUESTION_CONFIDENCE = 0.97


@dataclass(frozen=True, slots=True, eq=False)
class ActiveVersion:
    """How turns are read now, and the registry's version that this is from: its name and id (None before the first)."""

    readers: Readers
    name: str = UNFITTED
    id: UUID | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Stored:
    """A question that is known to be stored, or was judged (then without a position), its answer and their group.

    Shapes: vectors by encoder (d,), as they are stored.
    """

    answer_id: UUID
    position_id: UUID | None
    text: str
    group: Group
    vectors: Mapping[str, NDArray[np.float32]]


@dataclass(frozen=True, slots=True, eq=False)
class LeftOut:
    """What a stored question gets while it is left out: the likeliest answer, how sure that is, and all that were read.

    Shapes: answers N; probabilities I (N,); `own` is the place of the question's own answer, None if it was not read.
    """

    answer_id: UUID
    confidence: float
    answers: tuple[UUID, ...]
    probabilities: NDArray[np.float32]
    own: int | None


@dataclass(frozen=True, slots=True)
class _Text:
    """A turn's text in canonical form as typed, as read (misspelt words replaced), its language, what came before.

    `further` are memories of no index that are read with those of the indexes.
    """

    typed: str
    read: str
    language: str | None
    history: tuple[dialogue.Turn, ...]
    explain: bool
    further: Sequence[Memory] = ()


class Retriever:
    """The encoders, the indexes of one process, and the active version. Its methods may be called from any thread."""

    def __init__(
        self,
        encoders: Sequence[Encoder],
        active: ActiveVersion,
        options: DecisionOptions,
        snapshot: Snapshot | None = None,
        shared: SharedIndex | None = None,
    ) -> None:
        """Indexes that are empty, or as they were saved by these encoders and readers that centre alike.

        A shared one holds the vectors if it is there. Raises SnapshotUnusableError.
        """
        self.active = active
        self._encoders = tuple(encoders)
        self._options = options
        self._search = CandidateSearch(encoders, active.readers, options.company_contacts, snapshot, shared)
        self._vocabulary = _vocabulary(encoders)
        if snapshot:
            self._vocabulary.restore(snapshot.value("vocabulary"))

    @property
    def shared(self) -> SharedIndex | None:
        """The index outside of this process that holds the vectors, if one does."""
        return self._search.shared

    def save(self, writer: SnapshotWriter) -> None:
        """Keep what was learned of the memories in a snapshot. Nothing may change meanwhile."""
        self._search.save(writer)
        writer.value("vocabulary", self._vocabulary.counts())

    def purge(self) -> None:
        """From now on keep nothing in snapshots of what was removed."""
        self._search.purge()

    def following(self, active: ActiveVersion) -> Self:
        """The same memories read by another version, whose readers centre alike."""
        other = copy(self)
        other.active = active
        return other

    def close(self) -> None:
        """Give the indexes back."""
        self._search.close()

    @property
    def answers(self) -> int:
        """How many answers can be found."""
        return self._search.answers

    def replace(self, memories: Sequence[Memory]) -> None:
        """Take answers' memories as they are now; one that the bot may not send is not found."""
        answer_ids = [memory.answer.id for memory in memories]
        self._unlearn(answer_ids)
        self._search.replace(memories)
        for answer_id in answer_ids:
            for text in self._search.texts(answer_id):
                self._vocabulary.add(normalization.canonical(text))

    def remove(self, answer_ids: Sequence[UUID]) -> None:
        """Drop the memories of answers that are gone, and the words that were known from them."""
        self._unlearn(answer_ids)
        self._search.remove(answer_ids)

    def _unlearn(self, answer_ids: Sequence[UUID]) -> None:
        for answer_id in answer_ids:
            for text in self._search.texts(answer_id):
                self._vocabulary.remove(normalization.canonical(text))

    def first_view(self, text: str) -> str:
        """The encoder whose vectors tell first which answers may fit a text; some one where only words are read."""
        spoken = language.detect(normalization.canonical(text))
        views = self.active.readers.of(spoken or ANY).parameters.read_views
        return next(iter(views), self._encoders[0].version)

    def respond(self, query: Query, further: Sequence[Memory] = ()) -> Reply:
        """Decide for a turn; `further` are memories of no index, which are considered like those of the indexes."""
        typed = normalization.canonical(normalization.clean(query.text).text)
        spoken = language.detect(typed)
        if not normalization.has_words(typed):
            return self._without_candidates(Decision.CLARIFY, spoken, "no_words")
        held = self._search.groups.union(map(group_of, further))
        groups = {group for group in held if group[0] == query.collection}
        if not groups:
            return self._without_candidates(Decision.HANDOFF, spoken, "empty_memory")
        understood = {group for group in groups if spoken is None or group[1] in (None, spoken)}
        text = _Text(typed, self._vocabulary.corrected(typed).text, spoken, query.history, query.explain, further)
        reply = self._read(text, understood, spoken or ANY) if understood else None
        foreign = groups - understood
        if foreign and (reply is None or reply.decision is Decision.HANDOFF):
            other = self._in_other_languages(text, foreign)
            # Guesses in a language that the customer did not write in help only where there are none in theirs.
            if other is not None and (reply is None or other.decision is Decision.ANSWER):
                reply = other
        return reply or self._without_candidates(Decision.HANDOFF, spoken, "unknown_language" if foreign else "unsure")

    def left_out(self, question: Stored) -> LeftOut:
        """What a stored question would get if it were not stored."""
        language = question.group[1]
        reader = self.active.readers.of(language or ANY)
        vectors = {
            encoder.version: self.active.readers.centred(question.vectors[encoder.version], encoder, language)
            for encoder in self._encoders
            if encoder.version in reader.parameters.read_views
        }
        turn = Turn(question.text, question.text, vectors)
        found = self._search.find_without(
            turn, question.answer_id, question.position_id, [question.group], reader.parameters
        )
        reading = read_candidates(found.candidates, reader.parameters)
        order = np.argsort(-reading.scores, kind="stable")
        top = found.memories[int(order[0])]
        confidence = float(reader.calibration.confidences(features(reading, order, len(top.positions))))
        answers = tuple(memory.answer.id for memory in found.memories)
        own = answers.index(question.answer_id) if question.answer_id in answers else None
        return LeftOut(top.answer.id, confidence, answers, reading.probabilities, own)

    def beta_of(self, language: str | None) -> float:
        """The β that turns of a language are read with."""
        return self.active.readers.of(language or ANY).parameters.beta

    def _in_other_languages(self, text: _Text, groups: Collection[Group]) -> Reply | None:
        """What answers in another language say, None where no encoder knows both."""
        if not self.active.readers.of(ANY).parameters.read_views:
            return None
        return self._read(text, groups, ANY)

    def _read(self, text: _Text, groups: Collection[Group], reader_of: str) -> Reply | None:
        reader = self.active.readers.of(reader_of)
        turn = Turn(text.typed, text.read, self._encode(text, reader))
        found = self._search.find(turn, groups, reader.parameters, text.further)
        if found is None:
            return None
        reply = self._decide(found, reader, text)
        return self._explained(reply, turn, reader) if text.explain else reply

    def _encode(self, text: _Text, reader: Reader) -> dict[str, NDArray[np.float32]]:
        """The turn's vectors; a long one is encoded in passages, since an encoder reads a beginning only."""
        views = set(reader.parameters.read_views)
        long = estimated_tokens(text.read) > MOST_TOKENS
        said = Said(split_passages(text.read, most=LONG_TURN_PASSAGE) if long else [text.read], text.history)
        readers, spoken = self.active.readers, text.language
        return {
            encoder.version: self._options.turn_vector.of(
                said, encoder, partial(readers.centred, encoder=encoder, language=spoken)
            )
            for encoder in self._encoders
            if encoder.version in views
        }

    def _decide(self, found: Found, reader: Reader, text: _Text) -> Reply:
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
                _heaviest(found, reading, place, None if text.explain else MOST_POSITIONS_SHOWN),
            )
            for place, chance in zip(map(int, order[:MOST_CANDIDATES]), chances[:MOST_CANDIDATES], strict=True)
        )
        threshold = reader.calibration.threshold(self._options.wrong_per_hundred)
        decision = decide(chances, threshold)
        why = {Decision.ANSWER: "answer", Decision.CLARIFY: "clarify", Decision.HANDOFF: "unsure"}[decision]
        reply = self._reply(decision, confidence, candidates, text.language, why)
        # Where these very words were stored or decided on there is nothing to explore.
        return reply if known[top] else replace(reply, near_equals=near_equals(chances, decision, threshold))

    def _explained(self, reply: Reply, turn: Turn, reader: Reader) -> Reply:
        """The reply with the words of each candidate's heaviest position, as the heaviest view attends to them."""
        view = next((view for view in reader.parameters.read_views if view in turn.vectors), None)
        encoder = next((encoder for encoder in self._encoders if encoder.version == view), None)
        if encoder is None:
            return reply
        texts = [normalization.canonical(candidate.positions[0].position.text) for candidate in reply.candidates]
        weighed = [
            tuple(weigh_words(text, states, turn.vectors[encoder.version]))
            for text, states in zip(texts, encoder.states(texts), strict=True)
        ]
        pairs = zip(reply.candidates, weighed, strict=True)
        return replace(reply, candidates=tuple(replace(candidate, words=words) for candidate, words in pairs))

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


def _vocabulary(encoders: Sequence[Encoder]) -> Vocabulary:
    """The words that any text may hold: English from a specialist if there is one, Chinese from whoever knows it."""
    by_role = {role_of(encoder, "en"): encoder for encoder in reversed(encoders)}
    english = by_role.get(SPECIALIST) or by_role.get(GENERAL)
    chinese = next((encoder for encoder in encoders if role_of(encoder, "zh")), None)
    words = chinese.whole_words() if chinese else []
    return Vocabulary(english.whole_words() if english else (), [word for word in words if not word.isascii()])


def _heaviest(found: Found, reading: Reading, place: int, most: int | None) -> tuple[WeightedPosition, ...]:
    """So many positions of a candidate that weighed most (None: all), heaviest first."""
    offsets = found.candidates.offsets
    weights = reading.weights[int(offsets[place]) : int(offsets[place + 1])]
    heaviest = np.argsort(-weights, kind="stable")[:most]
    positions = found.memories[place].positions
    return tuple(WeightedPosition(positions[row], float(weights[row])) for row in map(int, heaviest))
