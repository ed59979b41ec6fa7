"""What each version is worth by the votes on what was shown: an off-policy estimate, with its interval."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

import numpy as np

from bot.retriever import Retriever, Stored
from bot.updates.gathered import Gathered, questions_of
from knowledge_base.judgements import Shown
from weaver_core import off_policy
from weaver_core.encoders.encoder import Encoder
from weaver_core.off_policy import Logged, Value

# Each vote is read twice; more than these make the interval hardly narrower.
MOST_VOTES = 1000
# Fewer evenly weighted votes than this say nothing of a version.
FEWEST = 20.0
SEED = 5


def voted(gathered: Gathered, *, every: bool) -> dict[UUID, Stored]:
    """The questions that votes were given on, by judgement, the newest ones: of those that nothing is trained on.

    Where no encoder was trained, `every` question may be asked.
    """
    found: dict[UUID, Stored] = {}
    for memory in gathered.memories:
        for position, stored in questions_of(memory):
            if gathered.is_vote(position) and (every or gathered.is_held_out(position)):
                found.setdefault(gathered.judged[position.id].feedback_id, stored)
    for vote in gathered.unwritten:
        if every or gathered.keeps(vote.feedback_id):
            found[vote.feedback_id] = vote.question
    # Ids sort by time.
    return {key: found[key] for key in sorted(found, reverse=True)[:MOST_VOTES]}


def estimate(retriever: Retriever, questions: Mapping[UUID, Stored], shown: Mapping[UUID, Shown]) -> Value | None:
    """How often what this version would show is liked, by the votes on what was shown; None where these say nothing.

    A question is left out of the memory when it is read. What a vote on another answer than the version's says of the
    version is nothing: such turns have no weight.
    """
    asked = [(questions[key], about) for key, about in shown.items() if key in questions]
    if not asked:
        return None
    same = [float(retriever.left_out(question).answer_id == about.answer_id) for question, about in asked]
    logged = Logged(
        np.array([about.propensity for _, about in asked]), np.array([float(about.up) for _, about in asked])
    )
    found = off_policy.self_normalised(logged, np.array(same), SEED)
    return found if found.effective >= FEWEST else None


def of_both(
    questions: Mapping[UUID, Stored], shown: Mapping[UUID, Shown], before: Retriever, after: Retriever
) -> tuple[Value | None, Value | None]:
    """What the version that answers and the candidate are worth, each asked with vectors of its own encoders."""
    seen = _encoded(questions, after.active.readers.encoders)
    return estimate(before, questions, shown), estimate(after, seen, shown)


def _encoded(questions: Mapping[UUID, Stored], encoders: Sequence[Encoder]) -> dict[UUID, Stored]:
    """The questions as these encoders see them; those that were encoded by them already stay as they are."""
    new = [key for key, question in questions.items() if any(one.version not in question.vectors for one in encoders)]
    if not new:
        return dict(questions)
    texts = [questions[key].text for key in new]
    vectors = {encoder.version: encoder.encode(texts) for encoder in encoders}
    changed = {
        key: replace(questions[key], vectors={version: rows[row] for version, rows in vectors.items()})
        for row, key in enumerate(new)
    }
    return {**questions, **changed}


def to_json(value: Value | None) -> dict[str, Any] | None:
    """A value as a run keeps it."""
    if value is None:
        return None
    interval = value.interval
    return {"mean": interval.mean, "low": interval.low, "high": interval.high, "votes": value.effective}
