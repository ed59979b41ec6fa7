"""What a version is worth by the votes on what was shown: an off-policy estimate, with its interval."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from bot.updates.gathered import Vote
from weaver_core import off_policy
from weaver_core.off_policy import Logged, Value

# Fewer evenly weighted votes than this say nothing of a version.
FEWEST = 20.0
SEED = 5


def estimate(voted: Sequence[tuple[Vote, bool]]) -> Value | None:
    """How often what a version would show is liked, by the votes on what was shown; None where these say nothing.

    With each vote comes whether the version would have shown the same. A vote on another answer says nothing of the
    version: such turns have no weight.
    """
    if not voted:
        return None
    votes = [vote for vote, _ in voted]
    logged = Logged(np.array([vote.propensity for vote in votes]), np.array([float(vote.up) for vote in votes]))
    found = off_policy.self_normalised(logged, np.array([float(same) for _, same in voted]), SEED)
    return found if found.effective >= FEWEST else None


def to_json(value: Value | None) -> dict[str, Any] | None:
    """A value as a run keeps it."""
    if value is None:
        return None
    interval = value.interval
    return {"mean": interval.mean, "low": interval.low, "high": interval.high, "votes": value.effective}
