"""Where a training run is: saved every so many steps, so that a run that was killed goes on as if it had not been."""

import os
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import torch
from torch import Tensor


@dataclass(slots=True, eq=False)
class TrainingState:
    """All that the next step depends on besides the settings and the evidence.

    `order` holds the batches of the epoch that is under way, `vectors` (T, d) the texts as they were last encoded,
    `random` the state of torch's generator.
    """

    step: int
    order: list[list[int]]
    weights: dict[str, Tensor]
    optimizer: dict[str, Any]
    vectors: Tensor
    random: Tensor


def save(path: Path, state: TrainingState, fingerprint: str) -> None:
    """Store a state whole or not at all."""
    part = path.with_name(path.name + ".part")
    with part.open("wb") as file:
        torch.save({"fingerprint": fingerprint} | {name: getattr(state, name) for name in _NAMES}, file)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def restore(path: Path, fingerprint: str) -> TrainingState | None:
    """The state of this very run; None when there is none, or it belongs to a run with other settings or evidence."""
    if not path.exists():
        return None
    stored: dict[str, Any] = torch.load(path, weights_only=True)
    if stored["fingerprint"] != fingerprint:
        return None
    return TrainingState(**{name: stored[name] for name in _NAMES})


_NAMES = tuple(field.name for field in fields(TrainingState))
