"""H = TransformerEncoder(X), mean-pooled to a unit vector: the torch module behind an encoder."""

import logging
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
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

    @property
    def embeddings(self) -> Tensor:
        """The word embeddings. Shape: (vocabulary, e)."""
        transformer: Any = self.transformer
        found: Tensor = transformer.get_input_embeddings().weight
        return found

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """Token ids and mask (n, t) → unit vectors (n, d)."""
        words = nn.functional.embedding(input_ids, self.embeddings)
        return self.read(words, attention_mask)[0]

    def read(self, words: Tensor, attention_mask: Tensor) -> tuple[Tensor, Tensor]:
        """Word embeddings (n, t, e) and mask (n, t) → unit vectors (n, d) and token states H (n, t, d)."""
        states: Tensor = self.transformer(inputs_embeds=words, attention_mask=attention_mask).last_hidden_state
        mask = attention_mask.unsqueeze(-1).to(states.dtype)
        mean = (states * mask).sum(dim=1) / mask.sum(dim=1).clamp(min=1.0)
        return nn.functional.normalize(mean, dim=-1), states


class _Graph(nn.Module):
    """What is exported: everything but the word embeddings."""

    def __init__(self, pooled: PooledTransformer) -> None:
        super().__init__()
        self.pooled = pooled

    def forward(self, words: Tensor, attention_mask: Tensor) -> tuple[Tensor, Tensor]:
        return self.pooled.read(words, attention_mask)


def load(folder: Path) -> PooledTransformer:
    """The transformer in a folder in Hugging Face's layout, in evaluation mode. Raises EncoderDamagedError."""
    logging.getLogger("transformers").setLevel(logging.ERROR)
    hide_progress: Callable[[], None] = transformers_logging.disable_progress_bar
    hide_progress()
    try:
        # transformers' types do not say what a class chosen at run time is.
        chosen: Any = AutoModel
        transformer: nn.Module = chosen.from_pretrained(
            folder, local_files_only=True, attn_implementation="eager", dtype=torch.float32
        )
    except (OSError, ValueError, RuntimeError, SafetensorError) as error:
        raise EncoderDamagedError(f"The transformer in {folder} cannot be loaded: {error}") from error
    return PooledTransformer(transformer).eval()


def export_graph(folder: Path, graph: Path, embeddings: Path) -> int:
    """Write a folder's transformer as an ONNX graph over word embeddings, and these as a NumPy array.

    The embeddings are halved in precision where that loses nothing. Returns the dimension d of the vectors.
    Raises EncoderDamagedError when the transformer's weights give no finite vectors.
    """
    module = load(folder)
    table = module.embeddings.detach()
    words, mask = table[:8].reshape(2, 4, -1), torch.tensor([[1, 1, 1, 1], [1, 1, 0, 0]])
    with torch.inference_mode():
        vectors = module.read(words, mask)[0]
    if not bool(torch.isfinite(table).all() and torch.isfinite(vectors).all()):
        raise EncoderDamagedError(f"The transformer in {folder} has weights that are not finite numbers.")
    half = table.half()
    np.save(embeddings, (half if torch.equal(half.float(), table) else table).numpy())
    axes = {0: torch.export.Dim("texts", max=MOST_TEXTS), 1: torch.export.Dim("tokens", max=MOST_TOKENS)}
    # The exporter warns of its own internals and of packages that this graph has no use for.
    for name in NOISY_LOGGERS:
        logging.getLogger(name).setLevel(logging.ERROR)
    with torch.inference_mode(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            _Graph(module),
            (words, mask),
            str(graph),
            input_names=["words", "attention_mask"],
            output_names=["vectors", "states"],
            dynamic_shapes=(axes, axes),
            dynamo=True,
            external_data=False,
            verbose=False,
        )
    return int(vectors.shape[1])
