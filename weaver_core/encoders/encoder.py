"""Text → unit vectors: a pretrained transformer, mean-pooled, run by ONNX Runtime."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

from weaver_core.errors import EncoderDamagedError

CONFIG, GRAPH, TOKENIZER = "encoder.json", "model.onnx", "tokenizer.json"
BATCH = 32


class Encoder(Protocol):
    """What makes a vector of a text. Two encoders' vectors are comparable only when their `version` is the same."""

    @property
    def version(self) -> str:
        """The name of the vector space: a key made by another version is no key of this one."""
        ...

    @property
    def dimension(self) -> int:
        """The length d of a vector."""
        ...

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages (ISO 639-1) whose texts this encoder understands."""
        ...

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """The texts' unit vectors. Shape: n texts → (n, d)."""
        ...


@dataclass(frozen=True, slots=True)
class EncoderConfig:
    """What a folder's `encoder.json` says of the encoder in it. `max_tokens` is the longest text, in tokens."""

    version: str
    dimension: int
    max_tokens: int
    languages: tuple[str, ...]
    weights_sha256: str

    def write(self, folder: Path) -> None:
        """Store this beside the graph and the tokenizer."""
        (folder / CONFIG).write_text(json.dumps(asdict(self), indent=2) + "\n")


def read_config(folder: Path) -> EncoderConfig:
    """The configuration of the encoder in a folder. Raises EncoderDamagedError."""
    try:
        stored: dict[str, Any] = json.loads((folder / CONFIG).read_text())
        return EncoderConfig(
            version=stored["version"],
            dimension=stored["dimension"],
            max_tokens=stored["max_tokens"],
            languages=tuple(stored["languages"]),
            weights_sha256=stored["weights_sha256"],
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise EncoderDamagedError(f"The encoder in {folder} has no readable {CONFIG}: {error}.") from error


class OnnxEncoder:
    """An encoder exported to a folder: `encoder.json`, `model.onnx`, `tokenizer.json`."""

    def __init__(self, folder: Path, threads: int = 1) -> None:
        """Open the folder's encoder with so many threads a call. Raises EncoderDamagedError."""
        self._config = read_config(folder)
        # ONNX Runtime ships without types.
        runtime: Any = onnxruntime
        options = runtime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        try:
            self._tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
            self._session = runtime.InferenceSession(str(folder / GRAPH), options, providers=["CPUExecutionProvider"])
        except Exception as error:  # both libraries raise plain Exception subclasses of their own making
            raise EncoderDamagedError(f"The encoder in {folder} cannot be opened: {error}") from error
        self._tokenizer.enable_truncation(self._config.max_tokens)
        self._tokenizer.enable_padding()

    @property
    def version(self) -> str:
        """The name of the vector space."""
        return self._config.version

    @property
    def dimension(self) -> int:
        """The length d of a vector."""
        return self._config.dimension

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages whose texts this encoder understands."""
        return self._config.languages

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """The texts' unit vectors, in their order. Shape: n texts → (n, d)."""
        vectors = np.zeros((len(texts), self.dimension), np.float32)
        # Texts of one length share a batch, so that little of it is padding.
        order = sorted(range(len(texts)), key=lambda index: len(texts[index]))
        for start in range(0, len(order), BATCH):
            rows = order[start : start + BATCH]
            vectors[rows] = self._encode_batch([texts[row] for row in rows])
        return vectors

    def _encode_batch(self, texts: list[str]) -> NDArray[np.float32]:
        encodings = self._tokenizer.encode_batch(texts)
        inputs = {
            "input_ids": np.array([encoding.ids for encoding in encodings], np.int64),
            "attention_mask": np.array([encoding.attention_mask for encoding in encodings], np.int64),
        }
        return np.asarray(self._session.run(["vectors"], inputs)[0], np.float32)
