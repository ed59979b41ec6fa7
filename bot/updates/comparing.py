"""Two versions asked the same: stored questions left out one by one, frozen ones, those that must not break."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import numpy as np

from bot.reply import Query
from bot.retriever import Retriever, Stored
from bot.updates import policy_value
from bot.updates.gathered import Gathered, questions_of
from bot.updates.progress import Parts
from knowledge_base.frozen_questions import FrozenQuestion
from knowledge_base.memories import Memory
from knowledge_base.positions import Position
from weaver_core import evaluation, gate
from weaver_core.dialogue import PositionKind
from weaver_core.gate import Compared, Measured, Verdict
from weaver_core.off_policy import Value

MEMORY, CORRECTIONS, LIKES, FROZEN, MUST_NOT_BREAK = "memory", "corrections", "likes", "frozen", "must_not_break"
# More of a memory's questions make the gate slower and hardly surer.
MOST_OF_MEMORY, MOST_JUDGED = 1000, 2000
SEED = 5
# Positions with less trust than this are not known to be right.
TRUSTED = -0.05
MOST_SHOWN = 20
# A correction stands for at most so many that nobody wrote.
MOST_WEIGHT = 10.0


@dataclass(frozen=True, slots=True)
class Given:
    """What one version says to a question: its likeliest answer (None: none), how sure, and whether that is right."""

    answer_id: UUID | None
    confidence: float
    right: bool


@dataclass(frozen=True, slots=True)
class Question:
    """A question with what is right for it. `stored` is left out of the memory when it is asked."""

    of: str
    weight: float
    stored: Stored | None = None
    frozen: FrozenQuestion | None = None
    query: Query | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """A question as the version that answers and as the candidate answers it."""

    question: Question
    before: Given
    after: Given


@dataclass(frozen=True, slots=True)
class Comparison:
    """What the gate saw and said."""

    verdict: Verdict
    answered: tuple[Answered, ...]
    broken: tuple[Answered, ...]
    ece_before: float
    ece_after: float
    value_before: Value | None = None
    value_after: Value | None = None

    def changed(self) -> tuple[list[Answered], list[Answered]]:
        """The questions that were lost, and those that were won, the surest first."""
        lost = [one for one in self.answered if one.before.right and not one.after.right]
        won = [one for one in self.answered if one.after.right and not one.before.right]
        return (
            sorted(lost, key=lambda one: -one.after.confidence)[:MOST_SHOWN],
            sorted(won, key=lambda one: -one.after.confidence)[:MOST_SHOWN],
        )

    def to_json(self) -> dict[str, Any]:
        """The report as a run keeps it. It names stored questions and answers, and quotes none: they may be erased."""
        lost, won = self.changed()
        verdict = self.verdict
        return {
            "passed": verdict.passed,
            "refusals": [{"cause": refusal.cause.value, "of": refusal.of} for refusal in verdict.refusals],
            "overall": _figures(verdict.overall) if verdict.overall else None,
            "sets": [_figures(measured) for measured in verdict.sets],
            "calibration": {"before": self.ece_before, "after": self.ece_after},
            "value": {
                "before": policy_value.to_json(self.value_before),
                "after": policy_value.to_json(self.value_after),
            },
            "lost": [_changed(one) for one in lost],
            "won": [_changed(one) for one in won],
            "broken": [_changed(one) for one in self.broken[:MOST_SHOWN]],
        }


def questions(before: Gathered, after: Gathered, *, every: bool) -> list[tuple[Question, Question]]:
    """What both versions are asked, as each sees it: of the memory's questions those that nothing is trained on.

    Where no encoder was trained, `every` question of the memory may be asked.
    """
    seen = {position.id: stored for memory in after.memories for position, stored in questions_of(memory)}
    asked: dict[str, list[tuple[Question, Question]]] = {MEMORY: [], CORRECTIONS: [], LIKES: []}
    for memory in before.memories:
        for position, stored in questions_of(memory):
            if position.id in seen and (known := _set_of(position, after, every=every)):
                of, weight = known
                asked[of].append((Question(of, weight, stored), Question(of, weight, seen[position.id])))
    random = np.random.default_rng(SEED)
    pairs = [
        pair
        for of, found in asked.items()
        for pair in _sample(found, MOST_OF_MEMORY if of == MEMORY else MOST_JUDGED, random)
    ]
    frozen = [Question(FROZEN, 1.0, frozen=question, query=_query(question)) for question in before.frozen]
    kept = [question for memory in before.memories if memory.answer.must_not_break for question in _kept(memory)]
    return pairs + [(question, question) for question in (*frozen, *kept)]


def compare(
    asked: Sequence[tuple[Question, Question]], before: Retriever, after: Retriever, progress: Parts
) -> Comparison:
    """Ask both versions, and judge the candidate."""
    answered: list[Answered] = []
    for done, (old, new) in enumerate(asked, start=1):
        answered.append(Answered(old, _ask(before, old), _ask(after, new)))
        progress(done, len(asked))
    kept = [one for one in answered if one.question.of == MUST_NOT_BREAK]
    rest = [one for one in answered if one.question.of != MUST_NOT_BREAK]
    broken = tuple(one for one in kept if one.before.right and not one.after.right)
    names = list(dict.fromkeys(one.question.of for one in rest))
    verdict = gate.judge([_compared(name, rest) for name in names], len(broken))
    return Comparison(verdict, tuple(answered), broken, *_calibration(rest))


def _set_of(position: Position, gathered: Gathered, *, every: bool) -> tuple[str, float] | None:
    """Which set a stored question belongs to, and how much it counts; None where nobody knows what is right."""
    if not every and not gathered.is_held_out(position):
        return None
    if gathered.is_vote(position):
        return LIKES, max(0.0, 1.0 - 2.0 * gathered.noise_of(position))
    if position.kind is PositionKind.CORRECTION:
        return CORRECTIONS, min(MOST_WEIGHT, 1.0 / max(gathered.correction_rate, 1.0 / MOST_WEIGHT))
    return (MEMORY, 1.0) if position.trust >= TRUSTED else None


def _kept(memory: Memory) -> Iterator[Question]:
    """The trusted questions of an answer that must not break, as customers ask them."""
    for position, stored in questions_of(memory):
        if position.trust >= TRUSTED and position.kind is not PositionKind.LIKE:
            yield Question(MUST_NOT_BREAK, 1.0, stored, query=Query(position.text, (), memory.answer.collection))


def _query(question: FrozenQuestion) -> Query:
    return Query(question.text, question.history, question.collection)


def _ask(retriever: Retriever, question: Question) -> Given:
    if question.query is None and question.stored is not None:
        found = retriever.left_out(question.stored)
        return Given(found.answer_id, found.confidence, found.answer_id == question.stored.answer_id)
    if question.query is None:
        raise ValueError("a question is stored or has words")
    reply = retriever.respond(question.query)
    top = reply.candidates[0].answer if reply.candidates else None
    if question.frozen is None:
        right = top is not None and question.stored is not None and top.id == question.stored.answer_id
    elif question.frozen.answer_ids or question.frozen.answers:
        known = (question.frozen.answer_ids, question.frozen.answers)
        right = top is not None and (top.answer_id in known[0] or top.text in known[1])
    else:
        right = reply.answer is None
    return Given(top.id if top else None, reply.confidence, right)


def _compared(name: str, answered: Sequence[Answered]) -> Compared:
    theirs = [one for one in answered if one.question.of == name]
    return Compared(
        name,
        np.array([one.before.right for one in theirs], np.bool_),
        np.array([one.after.right for one in theirs], np.bool_),
        np.array([one.question.weight for one in theirs], np.float64),
        holds_alone=name == FROZEN,
    )


def _calibration(answered: Sequence[Answered]) -> tuple[float, float]:
    """The calibration error of the confidences, before and after."""
    return _error([one.before for one in answered]), _error([one.after for one in answered])


def _error(given: Sequence[Given]) -> float:
    if not given:
        return 0.0
    confidences = np.array([one.confidence for one in given])
    return evaluation.expected_calibration_error(confidences, np.array([one.right for one in given]))


def _sample(
    found: list[tuple[Question, Question]], most: int, random: np.random.Generator
) -> list[tuple[Question, Question]]:
    return [found[row] for row in sorted(random.permutation(len(found))[:most])]


def _figures(measured: Measured) -> dict[str, Any]:
    gain = measured.gain
    return {
        "name": measured.name,
        "questions": measured.questions,
        "before": measured.before,
        "after": measured.after,
        "gain": {"mean": gain.mean, "low": gain.low, "high": gain.high, "negative": gain.negative},
    }


def _changed(one: Answered) -> dict[str, Any]:
    question = one.question
    return {
        "of": question.of,
        "position": str(question.stored.position_id) if question.stored else None,
        "question": question.frozen.text if question.frozen else None,
        "before": str(one.before.answer_id) if one.before.answer_id else None,
        "after": str(one.after.answer_id) if one.after.answer_id else None,
        "right": str(question.stored.answer_id) if question.stored else None,
        "confidence": [one.before.confidence, one.after.confidence],
    }
