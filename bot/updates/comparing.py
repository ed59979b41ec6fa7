"""Two versions compared: what each says to the same questions, how right that is, and what the gate makes of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from bot.serving.retriever import Retriever
from bot.updates import policy_value
from bot.updates.asked import CORRECTIONS, FROZEN, MUST_NOT_BREAK, Pair, Question
from bot.updates.gathered import Vote
from bot.updates.progress import Parts
from weaver_core import evaluation, gate, noisy_votes
from weaver_core.gate import Compared, Measured, Verdict
from weaver_core.off_policy import Value

MOST_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Given:
    """What one version says to a question: its likeliest answer (None: none), how sure, and whether that is right.

    Nobody knows whether another answer than one that was voted down is right: then `right` is None.
    """

    answer_id: UUID | None
    confidence: float
    right: bool | None


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
        lost = [one for one in self.answered if one.before.right and one.after.right is False]
        won = [one for one in self.answered if one.after.right and one.before.right is False]
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


def compare(asked: Sequence[Pair], before: Retriever, after: Retriever, progress: Parts) -> Comparison:
    """Ask both versions, and judge the candidate."""
    answered: list[Answered] = []
    for done, (old, new) in enumerate(asked, start=1):
        answered.append(Answered(old, _ask(before, old), _ask(after, new)))
        progress(done, len(asked))
    kept = [one for one in answered if one.question.of == MUST_NOT_BREAK]
    broken = tuple(one for one in kept if one.before.right and not one.after.right)
    rest = [one for one in answered if one.question.of != MUST_NOT_BREAK]
    elsewhere = _elsewhere(rest)
    before_right = _how_right(rest, [one.before for one in rest], elsewhere)
    after_right = _how_right(rest, [one.after for one in rest], elsewhere)
    return Comparison(
        verdict=gate.judge(_sets(rest, before_right, after_right), len(broken)),
        answered=tuple(answered),
        broken=broken,
        ece_before=_error([one.before for one in rest], before_right),
        ece_after=_error([one.after for one in rest], after_right),
        value_before=policy_value.estimate(_shown((one.question, one.before) for one in rest)),
        value_after=policy_value.estimate(_shown((one.question, one.after) for one in rest)),
    )


def _ask(retriever: Retriever, question: Question) -> Given:
    if question.query is None and question.stored is not None:
        found = retriever.left_out(question.stored)
        same = found.answer_id == question.stored.answer_id
        if question.vote is not None and not question.vote.up:
            return Given(found.answer_id, found.confidence, False if same else None)
        return Given(found.answer_id, found.confidence, same)
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


def _how_right(answered: Sequence[Answered], given: Sequence[Given], elsewhere: float) -> NDArray[np.float64]:
    """How right one version is, question by question: known, or what a vote says of it. Shape: (n,)."""
    right = np.array([float(bool(one.right)) for one in given])
    rows = [row for row, one in enumerate(answered) if one.question.vote]
    voted = _shown((one.question, said) for one, said in zip(answered, given, strict=True))
    right[rows] = noisy_votes.answered_right(
        np.array([same for _, same in voted], np.bool_),
        np.array([vote.up for vote, _ in voted], np.bool_),
        np.array([vote.noise for vote, _ in voted], np.float64),
        elsewhere,
    )
    return right


def _elsewhere(answered: Sequence[Answered]) -> float:
    """How often a version that leaves a wrong answer finds the right one, by the questions that were corrected."""
    wrong = [one for one in answered if one.question.of == CORRECTIONS and one.question.shown is not None]
    left = [given for one in wrong for given in (one.before, one.after) if given.answer_id != one.question.shown]
    return noisy_votes.found_elsewhere(sum(bool(given.right) for given in left), len(left))


def _sets(answered: Sequence[Answered], before: NDArray[np.float64], after: NDArray[np.float64]) -> list[Compared]:
    """The sets that the gate looks at, in the order in which they were asked."""
    rows: dict[str, list[int]] = {}
    for row, one in enumerate(answered):
        rows.setdefault(one.question.of, []).append(row)
    weights = np.array([one.question.weight for one in answered])
    return [
        Compared(name, before[some], after[some], weights[some], holds_alone=name == FROZEN)
        for name, some in rows.items()
    ]


def _error(given: Sequence[Given], right: NDArray[np.float64]) -> float:
    """The calibration error of the confidences."""
    if not given:
        return 0.0
    return evaluation.expected_calibration_error(np.array([one.confidence for one in given]), right)


def _shown(given: Iterable[tuple[Question, Given]]) -> list[tuple[Vote, bool]]:
    """The votes, each with whether the version would have shown what was voted on."""
    return [(asked.vote, said.answer_id == asked.shown) for asked, said in given if asked.vote]


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
