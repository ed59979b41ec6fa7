"""How far a training run is."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """Steps done, of how many, and the loss of the last one (nats)."""

    step: int
    total: int
    loss: float


Report = Callable[[Progress], None]
