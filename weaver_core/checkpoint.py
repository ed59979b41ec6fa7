"""A checkpoint: what training changed in an encoder, in a folder of its own, with checksums."""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors import numpy as safetensors

from weaver_core.errors import (
    CheckpointChecksumError,
    CheckpointCutShortError,
    CheckpointError,
    CheckpointNotFiniteError,
    CheckpointOfAnotherEncoderError,
    CheckpointShapeError,
)

CONFIG, DELTA = "config.json", "delta.safetensors"
FORMAT = 1
# What a checkpoint's tensors are: low-rank changes of an encoder's weights, or the adapter of its queries.
LORA, ADAPTER = "lora", "adapter"


@dataclass(frozen=True, slots=True, eq=False)
class Checkpoint:
    """Trained tensors and what they belong to.

    `encoder` is the version of the encoder that was trained, `weights_sha256` the checksum of its weights; `settings`
    are those of the training run, as JSON holds them. Tensors are kept in half precision.
    """

    kind: str
    encoder: str
    weights_sha256: str
    settings: Mapping[str, Any]
    tensors: Mapping[str, NDArray[np.float16]]

    def __post_init__(self) -> None:
        """Raises CheckpointNotFiniteError when some weight is not a finite number."""
        for name, tensor in self.tensors.items():
            if not np.isfinite(tensor).all():
                raise CheckpointNotFiniteError(f"The trained weights {name} are not all finite numbers.")

    @property
    def sha256(self) -> str:
        """The checksum of the delta: it names what was trained."""
        return hashlib.sha256(_packed(self.tensors)).hexdigest()

    def require_encoder(self, weights_sha256: str) -> None:
        """Raises CheckpointOfAnotherEncoderError when these are not the weights that were trained."""
        if weights_sha256 != self.weights_sha256:
            raise CheckpointOfAnotherEncoderError(
                f"The checkpoint was trained on {self.encoder}, whose weights have the checksum "
                f"{self.weights_sha256[:12]}…, not {weights_sha256[:12]}…."
            )

    def require_shapes(self, shapes: Mapping[str, tuple[int, ...]]) -> None:
        """Raises CheckpointShapeError unless the tensors are exactly those named, of these shapes."""
        found = {name: tuple(tensor.shape) for name, tensor in self.tensors.items()}
        for name in sorted(found.keys() | shapes.keys()):
            if found.get(name) != shapes.get(name):
                raise CheckpointShapeError(
                    f"The checkpoint's {name} has the shape {found.get(name)}, where {shapes.get(name)} is wanted."
                )


def write(folder: Path, checkpoint: Checkpoint) -> None:
    """Store a checkpoint whole or not at all; one that lies there already is replaced."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(prefix=folder.name, suffix=".part", dir=folder.parent))
    try:
        delta = _packed(checkpoint.tensors)
        _write_synced(part / DELTA, delta)
        config = {
            "format": FORMAT,
            "kind": checkpoint.kind,
            "encoder": checkpoint.encoder,
            "weights_sha256": checkpoint.weights_sha256,
            "delta_sha256": hashlib.sha256(delta).hexdigest(),
            "settings": dict(checkpoint.settings),
        }
        _write_synced(part / CONFIG, (json.dumps(config, indent=2, sort_keys=True) + "\n").encode())
        if folder.exists():
            # A folder cannot be renamed over another; the old one is whole until it is out of the way.
            old = Path(tempfile.mkdtemp(prefix=folder.name, suffix=".part", dir=folder.parent))
            folder.rename(old / "old")
            part.rename(folder)
            shutil.rmtree(old)
        else:
            part.rename(folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def read(folder: Path) -> Checkpoint:
    """The checkpoint in a folder, its checksum compared.

    Raises CheckpointCutShortError, CheckpointChecksumError, CheckpointNotFiniteError.
    """
    config, delta = _config(folder), _bytes(folder / DELTA)
    try:
        tensors = safetensors.load(delta)
    except SafetensorError as error:
        raise CheckpointCutShortError(
            f"The trained weights in {folder} are cut short or no weights: {error}."
        ) from error
    found = hashlib.sha256(delta).hexdigest()
    if found != config["delta_sha256"]:
        raise CheckpointChecksumError(
            f"The trained weights in {folder} have the checksum {found[:12]}…, not {config['delta_sha256'][:12]}…."
        )
    return Checkpoint(config["kind"], config["encoder"], config["weights_sha256"], config["settings"], tensors)


def _config(folder: Path) -> dict[str, Any]:
    text = _bytes(folder / CONFIG)
    try:
        config: dict[str, Any] = json.loads(text)
        missing = {"format", "kind", "encoder", "weights_sha256", "delta_sha256", "settings"} - config.keys()
    except (ValueError, AttributeError) as error:
        raise CheckpointCutShortError(f"The {CONFIG} in {folder} is cut short or no JSON object.") from error
    if missing:
        raise CheckpointCutShortError(f"The {CONFIG} in {folder} lacks {', '.join(sorted(missing))}.")
    if config["format"] != FORMAT:
        raise CheckpointError(
            f"The checkpoint in {folder} has the format {config['format']}; this Weaver reads {FORMAT}."
        )
    return config


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CheckpointCutShortError(f"The checkpoint's file {path} cannot be read: {error.strerror}.") from error


def _packed(tensors: Mapping[str, NDArray[np.float16]]) -> bytes:
    # Sorted, so that the same tensors are the same bytes.
    return safetensors.save({name: np.ascontiguousarray(tensors[name]) for name in sorted(tensors)})


def _write_synced(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
