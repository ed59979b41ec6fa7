"""W + B A: low-rank adaptation of an encoder's linear layers, which changes nothing before it is trained."""

import math
import re
from collections.abc import Mapping
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from weaver_core.encoders.delta import DOWN, UP
from weaver_core.errors import TrainingFailedError
from weaver_core.training.settings import ATTENTION as ATTENTION_ALONE
from weaver_core.training.settings import EncoderSettings

ATTENTION = ("attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense")
FEED_FORWARD = ("intermediate.dense", "output.dense")
_NUMBER = re.compile(r"\.(\d+)\.")


class LowRankLinear(nn.Module):
    """A frozen linear layer and its trained change: y = W x + b + B A x.

    Shapes: A `down` (r, inputs), B `up` (outputs, r), zero at first.
    Source: Hu et al., LoRA, 2021; the scale α/r is a constant of A's initial size here.
    """

    def __init__(self, linear: nn.Linear, rank: int, generator: torch.Generator) -> None:
        """Wrap a linear layer, which is trained no longer."""
        super().__init__()
        self.linear = linear.requires_grad_(requires_grad=False)
        bound = 2.0 * math.sqrt(3.0 / linear.in_features)
        self.down = nn.Parameter(torch.empty(rank, linear.in_features).uniform_(-bound, bound, generator=generator))
        self.up = nn.Parameter(torch.zeros(linear.out_features, rank))

    def forward(self, inputs: Tensor) -> Tensor:
        """Shapes: (…, inputs) → (…, outputs)."""
        out: Tensor = self.linear(inputs)
        return out + nn.functional.linear(nn.functional.linear(inputs, self.down), self.up)


def attach(transformer: nn.Module, settings: EncoderSettings) -> dict[str, LowRankLinear]:
    """Wrap the linear layers that the settings name; everything else is frozen. Those wrapped, by their names.

    Raises TrainingFailedError when the transformer has none of them.
    """
    endings = ATTENTION if settings.layers == ATTENTION_ALONE else ATTENTION + FEED_FORWARD
    generator = torch.Generator().manual_seed(settings.seed)
    transformer.requires_grad_(requires_grad=False)
    wrapped: dict[str, LowRankLinear] = {}
    # torch's types leave it open which modules there are.
    whole: Any = transformer
    modules: list[tuple[str, nn.Module]] = list(whole.named_modules())
    for parent_name, parent in modules:
        for child_name, child in list(parent.named_children()):
            name = f"{parent_name}.{child_name}".lstrip(".")
            if isinstance(child, nn.Linear) and name.endswith(endings) and _number(name) >= settings.first_layer:
                wrapped[name] = LowRankLinear(child, settings.rank, generator)
                setattr(parent, child_name, wrapped[name])
    if not wrapped:
        raise TrainingFailedError(f"The transformer has no layers named {', '.join(endings)} to be trained.")
    return wrapped


def _number(name: str) -> int:
    """The layer's number in a name like `encoder.layer.3.output.dense`; 0 where there is none."""
    found = _NUMBER.search(name)
    return int(found[1]) if found else 0


def tensors(wrapped: Mapping[str, LowRankLinear]) -> dict[str, NDArray[np.float16]]:
    """The trained change as a checkpoint keeps it."""
    kept: dict[str, NDArray[np.float16]] = {}
    for name, layer in wrapped.items():
        for part, parameter in ((DOWN, layer.down), (UP, layer.up)):
            kept[name + part] = cast("Any", parameter.detach().half().numpy())
    return kept


def load(wrapped: Mapping[str, LowRankLinear], kept: Mapping[str, NDArray[np.float16]]) -> None:
    """Put a checkpoint's tensors, whose shapes were checked, into the layers."""
    with torch.no_grad():
        for name, layer in wrapped.items():
            for part, parameter in ((DOWN, layer.down), (UP, layer.up)):
                parameter.copy_(torch.from_numpy(np.array(kept[name + part])))
