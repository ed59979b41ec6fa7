"""Text → unit vectors: a pretrained transformer, mean-pooled, run by ONNX Runtime."""

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from weaver_core.encoders.tokenizing import Tokens, open_tokenizer
from weaver_core.errors import EncoderDamagedError, NoTokensError

CONFIG, GRAPH, EMBEDDINGS = "encoder.json", "model.onnx", "embeddings.npy"
BATCH = 32
# SentencePiece's sign for the white space before a word.
_BEGINS = "▁"
_HAN = re.compile(r"[\u4e00-\u9fff]")


@dataclass(frozen=True, slots=True, eq=False)
class TokenStates:
    """A text's tokens as the encoder sees them, without padding.

    Shapes: pooled (p, d), not scaled: all tokens whose mean is the text's vector, special ones and the prefix with
    them; own (p,): which of them are the text's own; spans (t, 2): where each own token begins and ends in the text,
    in characters.
    """

    pooled: NDArray[np.float32]
    own: NDArray[np.bool_]
    spans: NDArray[np.int64]

    @property
    def states(self) -> NDArray[np.float32]:
        """The own tokens' states H. Shape: (t, d)."""
        return self.pooled[self.own]


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
        """The languages (ISO 639-1) whose texts this encoder understands; empty: any."""
        ...

    @property
    def centred(self) -> bool:
        """Whether its vectors crowd around a mean, which the memory subtracts before it compares them."""
        ...

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """The texts' unit vectors. Shape: n texts → (n, d)."""
        ...

    def states(self, texts: Sequence[str]) -> list[TokenStates]:
        """The texts' token states, of which a text's vector is the mean."""
        ...

    def whole_words(self) -> list[str]:
        """The words that its tokenizer does not cut into pieces, roughly the most usual first."""
        ...


@dataclass(frozen=True, slots=True)
class EncoderConfig:
    """What a folder's `encoder.json` says of the encoder in it.

    `max_tokens` is the longest text, in tokens; `prefix` is put before every text.
    """

    version: str
    dimension: int
    max_tokens: int
    languages: tuple[str, ...]
    prefix: str
    centred: bool
    weights_sha256: str

    def write(self, folder: Path) -> None:
        """Store this beside the graph and the tokenizer."""
        (folder / CONFIG).write_text(json.dumps(asdict(self), indent=2) + "\n")


def read_config(folder: Path) -> EncoderConfig:
    """The configuration of the encoder in a folder. Raises EncoderDamagedError."""
    try:
        stored: dict[str, Any] = json.loads((folder / CONFIG).read_text())
        stored["languages"] = tuple(stored["languages"])
        return EncoderConfig(**{field.name: stored[field.name] for field in fields(EncoderConfig)})
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise EncoderDamagedError(f"The encoder in {folder} has no readable {CONFIG}: {error}.") from error


class OnnxEncoder:
    """An encoder exported to a folder: `encoder.json`, `model.onnx`, `embeddings.npy` and a tokenizer.

    The word embeddings are mapped from the file: only rows that some text touched are resident.
    """

    def __init__(self, folder: Path, threads: int = 1) -> None:
        """Open the folder's encoder with so many threads a call. Raises EncoderDamagedError."""
        self._config = read_config(folder)
        # ONNX Runtime ships without types.
        runtime: Any = onnxruntime
        options = runtime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        try:
            self._tokenizer = open_tokenizer(folder, self._config.max_tokens)
            self._embeddings = np.load(folder / EMBEDDINGS, mmap_mode="r")
            self._session = runtime.InferenceSession(str(folder / GRAPH), options, providers=["CPUExecutionProvider"])
        except Exception as error:  # the libraries raise plain Exception subclasses of their own making
            raise EncoderDamagedError(f"The encoder in {folder} cannot be opened: {error}") from error
        if (known := len(self._tokenizer.pieces())) > len(self._embeddings):
            raise EncoderDamagedError(
                f"The tokenizer in {folder} knows {known} tokens, but the encoder only {len(self._embeddings)}."
            )

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
        """The languages whose texts this encoder understands; empty: any."""
        return self._config.languages

    @property
    def centred(self) -> bool:
        """Whether its vectors crowd around a mean."""
        return self._config.centred

    def whole_words(self) -> list[str]:
        """The words that the tokenizer does not cut into pieces, in its order: roughly the most usual first."""
        tokens = self._tokenizer.pieces()
        # Some tokenizers mark where a word goes on, others where it begins; Chinese words begin anywhere.
        begun = [token.removeprefix(_BEGINS) for token in tokens if token.startswith(_BEGINS) or _HAN.match(token)]
        return [word for word in (begun if _BEGINS in tokens else tokens) if word.isalpha()]

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """The texts' unit vectors, in their order. Shape: n texts → (n, d).

        Raises NoTokensError for a text that the tokenizer makes nothing of.
        """
        vectors = np.zeros((len(texts), self.dimension), np.float32)
        # Texts of one length share a batch, so that little of it is padding.
        order = sorted(range(len(texts)), key=lambda index: len(texts[index]))
        for start in range(0, len(order), BATCH):
            rows = order[start : start + BATCH]
            vectors[rows] = self._run("vectors", self._tokenize([texts[row] for row in rows]))
        return vectors

    def states(self, texts: Sequence[str]) -> list[TokenStates]:
        """The texts' token states, in their order. Raises NoTokensError as `encode` does."""
        found: list[TokenStates] = []
        for start in range(0, len(texts), BATCH):
            batch = self._tokenize(texts[start : start + BATCH])
            for tokens, states in zip(batch, self._run("states", batch), strict=True):
                spans = tokens.spans - len(self._config.prefix)
                # Special tokens have no characters; the prefix lies before the text.
                own = ~tokens.special & (spans[:, 1] > 0)
                found.append(TokenStates(states[: len(own)], own, np.maximum(spans[own], 0)))
        return found

    def _tokenize(self, texts: Sequence[str]) -> list[Tokens]:
        found = self._tokenizer.tokenize([self._config.prefix + text for text in texts])
        for text, tokens in zip(texts, found, strict=True):
            if not len(tokens.ids):
                raise NoTokensError(f"The tokenizer of {self.version} makes no tokens of the text {text[:40]!r}.")
        return found

    def _run(self, output: str, batch: Sequence[Tokens]) -> NDArray[np.float32]:
        """The graph's output for a batch, padded to its longest text with tokens that the mask hides."""
        lengths = np.array([len(tokens.ids) for tokens in batch])
        mask: NDArray[np.bool_] = np.arange(int(lengths.max())) < lengths[:, None]
        ids = np.zeros(mask.shape, np.int64)
        ids[mask] = np.concatenate([tokens.ids for tokens in batch])
        inputs = {"words": self._embeddings[ids].astype(np.float32), "attention_mask": mask.astype(np.int64)}
        return np.asarray(self._session.run([output], inputs)[0], np.float32)
