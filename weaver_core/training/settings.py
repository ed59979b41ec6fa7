"""How a training run learns: every choice that changes its result, as its job and its checkpoint keep them."""

from dataclasses import asdict, dataclass, fields
from typing import Any

from weaver_core.errors import EvidenceError

# The loss that is lowered: the differentiable read's, or the contrastive one over positions.
READ, CONTRASTIVE = "read", "contrastive"
# The layers that a delta changes.
ATTENTION, ALL = "attention", "all"


@dataclass(frozen=True, slots=True)
class EncoderSettings:
    """The settings of the encoder path; the defaults were chosen on development splits (docs/experiments.md).

    `batch` is in texts; `each` is how many texts of an answer come together; `neighbours` how many answers that are
    nearest to each other share a batch (the hard negatives). `scale` and `beta` are the read's, frozen. `half` computes
    in bfloat16, on processors that have it several times faster. `first_layer` and those above it
    are changed. `save_every` is in steps.
    """

    seed: int = 0
    loss: str = READ
    layers: str = ALL
    rank: int = 16
    epochs: int = 5
    batch: int = 64
    each: int = 4
    neighbours: int = 4
    learning_rate: float = 1e-3
    weight_decay: float = 0.01
    warm_up: float = 0.1
    scale: float = 5.0
    beta: float = 14.0
    temperature: float = 0.1
    most_tokens: int = 64
    half: bool = True
    dropout: bool = False
    first_layer: int = 0
    save_every: int = 50


@dataclass(frozen=True, slots=True)
class AdapterSettings:
    """The settings of the adapter of queries. `replay` is the share of the memory's leave-one-out loss."""

    seed: int = 0
    epochs: int = 2
    batch: int = 64
    learning_rate: float = 1e-3
    weight_decay: float = 0.01
    scale: float = 7.0
    beta: float = 28.0
    replay: float = 0.5


def to_json(settings: EncoderSettings | AdapterSettings) -> dict[str, Any]:
    """The settings as a job keeps them."""
    return asdict(settings)


def encoder_settings(stored: dict[str, Any]) -> EncoderSettings:
    """Settings from a job; what it leaves out is the default. Raises EvidenceError for a name that is no setting."""
    _require_known(stored, EncoderSettings)
    return EncoderSettings(**stored)


def adapter_settings(stored: dict[str, Any]) -> AdapterSettings:
    """The same for an adapter."""
    _require_known(stored, AdapterSettings)
    return AdapterSettings(**stored)


def _require_known(stored: dict[str, Any], settings: type[EncoderSettings | AdapterSettings]) -> None:
    unknown = stored.keys() - {field.name for field in fields(settings)}
    if unknown:
        raise EvidenceError(f"There is no setting of training called {', '.join(sorted(unknown))}.")
