"""A trained decoder in a folder: what it was trained for, its weights, and their checksum."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors import numpy as safetensors

from weaver_core.context.earlier import SPEAKERS
from weaver_core.errors import DecoderDamagedError, DecoderMismatchError

CONFIG, WEIGHTS = "config.json", "decoder.safetensors"

_SIZES = ("dimension", "heads", "hidden", "turns", "tokens")

Weights = dict[str, NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class DecoderConfig:
    """A decoder's sizes, and the encoder whose token states it was trained on.

    `hidden` is the width of the feed-forward part; the decoder looks back at most `turns` turns and `tokens` tokens.
    """

    encoder_version: str
    dimension: int = 384
    heads: int = 12
    hidden: int = 960
    turns: int = 4
    tokens: int = 128

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The shape of every weight."""
        d = self.dimension
        found: dict[str, tuple[int, ...]] = {"speakers.weight": (SPEAKERS, d), "recency.weight": (self.turns, d)}
        for norm in ("self_norm", "cross_norm", "earlier_norm", "feed_norm"):
            found |= {f"{norm}.weight": (d,), f"{norm}.bias": (d,)}
        for attention in ("self_attention", "cross_attention"):
            for part in ("query", "key", "value", "output"):
                found |= {f"{attention}.{part}.weight": (d, d), f"{attention}.{part}.bias": (d,)}
        found |= {"widen.weight": (self.hidden, d), "widen.bias": (self.hidden,)}
        return found | {"narrow.weight": (d, self.hidden), "narrow.bias": (d,)}


def write(folder: Path, config: DecoderConfig, weights: Mapping[str, NDArray[np.float32]]) -> None:
    """Store a decoder in a folder, made if need be."""
    folder.mkdir(parents=True, exist_ok=True)
    content = safetensors.save({name: np.ascontiguousarray(weight) for name, weight in weights.items()})
    (folder / WEIGHTS).write_bytes(content)
    stored = {**asdict(config), "weights_sha256": hashlib.sha256(content).hexdigest()}
    (folder / CONFIG).write_text(json.dumps(stored, indent=2) + "\n")


def read(folder: Path, encoder_version: str) -> tuple[DecoderConfig, Weights]:
    """The decoder in a folder, for the token states of this encoder.

    Raises DecoderMismatchError when it was trained for another encoder, DecoderDamagedError when its files are not what
    was written: missing, cut short, with another checksum, of other shapes, or not numbers.
    """
    config, checksum = _read_config(folder)
    if config.encoder_version != encoder_version:
        raise DecoderMismatchError(
            f"The decoder in {folder} was trained for the encoder {config.encoder_version}, not for {encoder_version}."
        )
    path = folder / WEIGHTS
    try:
        content = path.read_bytes()
        weights: Weights = safetensors.load(content)
    except (OSError, SafetensorError, KeyError) as error:
        raise DecoderDamagedError(
            f"The decoder's weights {path} cannot be read, perhaps cut short: {error}."
        ) from error
    found = hashlib.sha256(content).hexdigest()
    if found != checksum:
        raise DecoderDamagedError(
            f"The decoder's weights {path} have the checksum {found[:12]}…, not {checksum[:12]}…."
        )
    _check(path, config, weights)
    return config, weights


def trained_for(folder: Path) -> str:
    """The version of the encoder that the decoder in a folder was trained for. Raises DecoderDamagedError."""
    return _read_config(folder)[0].encoder_version


def _read_config(folder: Path) -> tuple[DecoderConfig, str]:
    try:
        stored: dict[str, Any] = json.loads((folder / CONFIG).read_text())
        config = DecoderConfig(str(stored["encoder_version"]), *(int(stored[name]) for name in _SIZES))
        checksum = str(stored["weights_sha256"])
    except OSError as error:
        raise DecoderDamagedError(f"The decoder in {folder} has no readable {CONFIG}: {error.strerror}.") from error
    except (ValueError, KeyError, TypeError) as error:
        raise DecoderDamagedError(f"The decoder in {folder} has no readable {CONFIG}: {error}.") from error
    if config.heads < 1 or config.dimension % config.heads:
        raise DecoderDamagedError(
            f"The decoder in {folder} says in {CONFIG} that {config.dimension} dimensions have {config.heads} heads."
        )
    return config, checksum


def _check(path: Path, config: DecoderConfig, weights: Weights) -> None:
    expected = config.shapes()
    if weights.keys() != expected.keys():
        differing = sorted(weights.keys() ^ expected.keys())
        raise DecoderDamagedError(f"The decoder's weights {path} have other names than a decoder's: {differing[:3]}.")
    for name, weight in weights.items():
        if weight.shape != expected[name] or weight.dtype != np.float32:
            raise DecoderDamagedError(
                f"The decoder's weight {name} in {path} is {weight.dtype} {weight.shape}, not float32 {expected[name]}."
            )
        if not np.isfinite(weight).all():
            raise DecoderDamagedError(f"The decoder's weight {name} in {path} is not made of finite numbers.")
