"""H = TransformerEncoder(X), mean-pooled to a unit vector: the torch module behind an encoder."""

import logging
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from safetensors import SafetensorError
from torch import Tensor, nn
from transformers import AutoModel
from transformers.utils import logging as transformers_logging

from weaver_core.errors import EncoderDamagedError

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_TEXTS, MOST_TOKENS = 4096, 512
NOISY_LOGGERS = ("torch.onnx", "torch.__trace")


class PooledTransformer(nn.Module):
    """A transformer encoder whose token states are averaged under the mask and scaled to unit length.

    Source: Reimers and Gurevych, Sentence-BERT, 2019 (mean pooling).
    """

    def __init__(self, transformer: nn.Module) -> None:
        """Wrap a transformer that returns `last_hidden_state`."""
        super().__init__()
        self.transformer = transformer

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """Token ids and mask (n, t) → unit vectors (n, d)."""
        states = self.transformer(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        mask = attention_mask.unsqueeze(-1).to(states.dtype)
        mean = (states * mask).sum(dim=1) / mask.sum(dim=1).clamp(min=1.0)
        return nn.functional.normalize(mean, dim=-1)


def load(folder: Path) -> PooledTransformer:
    """The transformer in a folder in Hugging Face's layout, in evaluation mode. Raises EncoderDamagedError."""
    logging.getLogger("transformers").setLevel(logging.ERROR)
    hide_progress: Callable[[], None] = transformers_logging.disable_progress_bar
    hide_progress()
    try:
        # transformers' types do not say what a class chosen at run time is.
        chosen: Any = AutoModel
        transformer: nn.Module = chosen.from_pretrained(folder, local_files_only=True, attn_implementation="eager")
    except (OSError, ValueError, RuntimeError, SafetensorError) as error:
        raise EncoderDamagedError(f"The transformer in {folder} cannot be loaded: {error}") from error
    return PooledTransformer(transformer).eval()


def export_graph(folder: Path, target: Path) -> int:
    """Write a folder's transformer as an ONNX graph for any number of texts. Returns the dimension d of its vectors."""
    module = load(folder)
    ids = torch.ones((2, 4), dtype=torch.int64)
    mask = torch.tensor([[1, 1, 1, 1], [1, 1, 0, 0]])
    axes = {0: torch.export.Dim("texts", max=MOST_TEXTS), 1: torch.export.Dim("tokens", max=MOST_TOKENS)}
    # The exporter warns of its own internals and of packages that this graph has no use for.
    for name in NOISY_LOGGERS:
        logging.getLogger(name).setLevel(logging.ERROR)
    with torch.inference_mode(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            module,
            (ids, mask),
            str(target),
            input_names=["input_ids", "attention_mask"],
            output_names=["vectors"],
            dynamic_shapes=(axes, axes),
            dynamo=True,
            external_data=False,
            verbose=False,
        )
        return int(module(ids, mask).shape[1])
