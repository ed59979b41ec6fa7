"""How often answers are right, from votes on what was shown, some of which are wrong."""

import numpy as np
from numpy.typing import NDArray

from weaver_core.errors import ModelError
from weaver_core.trust import MOST_NOISE


def shown_right(up: NDArray[np.bool_], noise: NDArray[np.float64]) -> NDArray[np.float64]:
    """(1[up] − ε)/(1 − 2ε), whose mean is the share of shown answers that are right. Shapes: (n,) → (n,).

    Noise ε, the share of wrong votes among those of a vote's source, is at most MOST_NOISE; raises ModelError.
    Source: Natarajan et al., Learning with Noisy Labels, NeurIPS 2013, lemma 1.
    """
    if (noise > MOST_NOISE).any():
        raise ModelError(f"Votes of which more than {MOST_NOISE:g} are wrong say nothing of a single answer.")
    found: NDArray[np.float64] = (up - noise) / (1 - 2 * noise)
    return found


def answered_right(
    same: NDArray[np.bool_], up: NDArray[np.bool_], noise: NDArray[np.float64], elsewhere: float
) -> NDArray[np.float64]:
    """What each vote says of a version that answers with what was shown (`same`) or with something else.

    The mean estimates the share of turns that the version answers rightly, whichever version chose what was shown:
    where it shows the same it is as right as that was; where it does not, another answer is right with probability
    `elsewhere` if what was shown is wrong. Liked answers alone would be those that one version gave rightly, on which
    any other can but lose. Shapes: (n,) → (n,).
    """
    right = shown_right(up, noise)
    return np.where(same, right, elsewhere * (1 - right))


def found_elsewhere(right: int, of: int) -> float:
    """P(another answer is right | what was shown is wrong), of so many that are known, by Laplace's rule."""
    return (right + 1) / (of + 2)
