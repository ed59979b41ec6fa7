"""How far votes are to be believed: the share of wrong ones, told without labels, and the trust in what was liked."""

import numpy as np
from numpy.typing import NDArray

# Answers shown with less chance than this tell little of the votes' own mistakes.
SURE = 0.9
# Before so many votes on sure answers, the share of wrong ones is the prior's.
FEWEST_VOTES = 50
PRIOR_NOISE = 0.1
LEAST_NOISE, MOST_NOISE = 0.01, 0.4
# Votes that came one after the other are judged together: an attack that is over must not make all others doubtful, nor
# be believed because they are good. So few still tell ε to .03.
BATCH = 250
# A liked question that is its answer's own with less chance than this is not written.
LEAST_BELIEVED = 0.7


def noise(probabilities: NDArray[np.float64], down: NDArray[np.bool_]) -> float:
    """ε̂ = (d − (1 − p̄)) / (2p̄ − 1): the share of votes that are wrong, over answers that were shown with P ≥ .9.

    d is the share of thumbs-down among them and p̄ their mean P, the chance that the answer was right. Clipped to
    [.01, .4]; the prior .1 while there are fewer than 50 such votes.

    Shapes: probabilities (n,), down (n,).
    """
    sure = probabilities >= SURE
    if int(sure.sum()) < FEWEST_VOTES:
        return PRIOR_NOISE
    mean = float(probabilities[sure].mean())
    wrong = (float(down[sure].mean()) - (1.0 - mean)) / (2.0 * mean - 1.0)
    return min(max(wrong, LEAST_NOISE), MOST_NOISE)


def noises(probabilities: NDArray[np.float64], down: NDArray[np.bool_]) -> NDArray[np.float64]:
    """ε̂ of each vote by those that came about when it did, in batches of as equal size as may be, BATCH at most.

    Shapes: probabilities (n,), down (n,), oldest first → (n,).
    """
    found = np.empty(len(down), np.float64)
    for batch in np.array_split(np.arange(len(down)), max(1, -(-len(down) // BATCH))):
        found[batch] = noise(probabilities[batch], down[batch])
    return found


def believed(probability: float, noise: float) -> float:
    """P' = p(1 − ε) / (p(1 − ε) + (1 − p)ε): the chance that a liked answer is right, when p was it before the vote."""
    liked = probability * (1.0 - noise)
    return liked / max(liked + (1.0 - probability) * noise, np.finfo(np.float64).tiny)


def log_trust(probability: float, noise: float) -> float | None:
    """The b = log p' of the position that a like writes; None where p' ≤ .7, which writes none."""
    chance = believed(probability, noise)
    return float(np.log(chance)) if chance > LEAST_BELIEVED else None
