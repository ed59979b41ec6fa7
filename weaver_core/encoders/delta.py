"""W + B A: a trained low-rank delta, merged into the weights of the encoder that it was trained on."""

import shutil
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors import numpy as safetensors

from weaver_core.checkpoint import LORA, Checkpoint
from weaver_core.encoders.sources import WEIGHTS
from weaver_core.errors import CheckpointShapeError, EncoderDamagedError

DOWN, UP = ".down", ".up"


def merge(transformer: Path, checkpoint: Checkpoint, folder: Path) -> None:
    """Write a transformer with the delta merged into its weights into an existing folder, in Hugging Face's layout.

    Raises CheckpointShapeError when the delta does not fit the weights, EncoderDamagedError when these cannot be read.
    """
    if checkpoint.kind != LORA:
        raise CheckpointShapeError(f"The checkpoint holds {checkpoint.kind} weights, no delta of an encoder.")
    try:
        weights = safetensors.load_file(transformer / WEIGHTS)
    except (OSError, SafetensorError) as error:
        raise EncoderDamagedError(f"The weights in {transformer} cannot be read: {error}.") from error
    names = sorted({tensor.removesuffix(DOWN).removesuffix(UP) for tensor in checkpoint.tensors})
    keys = {name: _key(weights, name) for name in names}
    wanted: dict[str, tuple[int, ...]] = {}
    for name, key in keys.items():
        rank = len(checkpoint.tensors.get(name + DOWN, ()))
        outputs, inputs = weights[key].shape
        wanted |= {name + DOWN: (rank, inputs), name + UP: (outputs, rank)}
    checkpoint.require_shapes(wanted)
    for name, key in keys.items():
        down, up = (checkpoint.tensors[name + part].astype(np.float32) for part in (DOWN, UP))
        weights[key] = np.asarray(weights[key] + up @ down, weights[key].dtype)
    for file in transformer.glob("*.json"):
        if not (folder / file.name).exists():
            shutil.copyfile(file, folder / file.name)
    safetensors.save_file(weights, folder / WEIGHTS, metadata={"format": "pt"})


def _key(weights: dict[str, NDArray[np.float32]], name: str) -> str:
    """The name of a linear layer's weights: some files put the model's own name before every layer's."""
    wanted = f"{name}.weight"
    for key, weight in weights.items():
        if (key == wanted or key.endswith("." + wanted)) and weight.ndim == 2:  # noqa: PLR2004 - a matrix
            return key
    raise CheckpointShapeError(f"The encoder has no layer {name}, which the checkpoint changes.")
