"""What became of an update, in plain words."""

from collections.abc import Iterator
from typing import Any

from bot.updates.asked import CORRECTIONS, FROZEN, MEMORY, VOTES
from bot.updates.comparing import Comparison
from bot.updates.run import Outcome
from weaver_core.gate import Cause, Measured, Refusal
from weaver_core.off_policy import Value

STAGES = {
    "gather": "Reading the memory",
    "judge": "Judging the votes again",
    "train": "Training the encoders",
    "encode": "Encoding the memory",
    "fit": "Fitting the read",
    "gate": "Measuring both versions",
}
SETS = {
    MEMORY: "the memory's own questions",
    CORRECTIONS: "corrected questions",
    VOTES: "questions that were voted on",
    FROZEN: "the frozen set",
    "": "all together",
}


def lines(outcome: Outcome) -> Iterator[str]:
    """The report for a person at a terminal."""
    if outcome.comparison is not None:
        yield from _compared(outcome.comparison)
    yield outcome.said


def document(outcome: Outcome) -> dict[str, Any]:
    """The report for programs."""
    return {
        "version": outcome.version.name if outcome.version else None,
        "promoted": outcome.promoted,
        "said": outcome.said,
        "gate": outcome.comparison.to_json() if outcome.comparison else None,
    }


def reason(refusal: Refusal) -> str:
    """Why a candidate is refused, as a sentence."""
    if refusal.cause is Cause.BROKEN:
        return "It loses a question of an answer that must not break."
    if refusal.cause is Cause.TOO_FEW:
        return "There are too few questions to measure it on."
    return f"It is probably worse on {SETS.get(refusal.of, refusal.of)}."


def _compared(comparison: Comparison) -> Iterator[str]:
    verdict = comparison.verdict
    for measured in (*verdict.sets, *([verdict.overall] if verdict.overall else [])):
        yield _figures(measured)
    yield f"calibration error: {comparison.ece_before:.3f} before, {comparison.ece_after:.3f} after"
    values = (("before", comparison.value_before), ("after", comparison.value_after))
    yield from (f"liked, by the votes on what was shown: {_value(value)} {when}" for when, value in values if value)
    for refusal in verdict.refusals:
        yield reason(refusal)


def _value(value: Value) -> str:
    interval = value.interval
    return f"{interval.mean:.1%} ({interval.low:.1%} to {interval.high:.1%}, {value.effective:.0f} votes' worth)"


def _figures(measured: Measured) -> str:
    gain, name = measured.gain, SETS.get(measured.name, measured.name)
    return (
        f"{name}: {measured.questions} questions, right {measured.before:.1%} before, "
        f"{measured.after:.1%} after (gain {gain.mean:+.2%}, 95 % interval {gain.low:+.2%} to {gain.high:+.2%})"
    )
