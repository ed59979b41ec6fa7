"""The product without one of the parts that stand against wrong votes, to see what that part is worth."""

from collections.abc import Callable, Generator, Mapping
from contextlib import AbstractContextManager, contextmanager
from unittest.mock import patch

import numpy as np
from numpy.typing import NDArray

from bot.updates.judging_again import Verdicts
from weaver_core import trust


@contextmanager
def _no_trust() -> Generator[None]:
    """Every like is believed in full, and judged never again."""
    with (
        patch("weaver_core.trust.log_trust", _certain),
        patch("bot.updates.run.judge_again", lambda *_: Verdicts({}, ())),
    ):
        yield


@contextmanager
def _no_noise_estimate() -> Generator[None]:
    """One vote in ten is taken for wrong, always."""
    with patch("weaver_core.trust.noise", _prior), patch("weaver_core.trust.noises", _priors):
        yield


@contextmanager
def _no_gate() -> Generator[None]:
    """Whatever an update makes answers."""
    with patch("weaver_core.gate.PROBABLY_WORSE", 2.0):
        yield


def _certain(probability: float, noise: float) -> float:
    del probability, noise
    return 0.0


def _prior(probabilities: NDArray[np.float64], down: NDArray[np.bool_]) -> float:
    del probabilities, down
    return trust.PRIOR_NOISE


def _priors(probabilities: NDArray[np.float64], down: NDArray[np.bool_]) -> NDArray[np.float64]:
    del probabilities
    return np.full(len(down), trust.PRIOR_NOISE)


WITHOUT: Mapping[str, Callable[[], AbstractContextManager[None]]] = {
    "trust": _no_trust,
    "the noise estimate": _no_noise_estimate,
    "the gate": _no_gate,
}
