"""A real two-layer transformer encoder that a test writes for itself: the real loading code, ready in a moment."""

import json
import re
import string
from collections.abc import Iterable
from pathlib import Path

import torch
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import BertConfig, BertModel

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]


def vocabulary(texts: Iterable[str]) -> dict[str, int]:
    """The texts' words, and every character, so that other words are spelled out. The same in every run."""
    lowered = [text.lower() for text in texts]
    words = {word for text in lowered for word in re.findall(r"[a-z0-9]+", text)}
    characters = {*string.printable.strip().lower(), *(character for text in lowered for character in text)} - {" "}
    pieces = sorted(words | characters) + sorted(f"##{character}" for character in characters)
    return {piece: number for number, piece in enumerate([*SPECIAL, *pieces])}


def write(folder: Path, texts: Iterable[str], dimension: int = 64, seed: int = 7) -> Path:
    """Write a two-layer BERT with random weights and a tokenizer made from these texts, in Hugging Face's layout.

    It says of itself that it knows English.
    """
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = Tokenizer(models.WordPiece(vocabulary(texts), unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    ends = [(token, tokenizer.token_to_id(token)) for token in ("[CLS]", "[SEP]")]
    tokenizer.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=ends)
    tokenizer.save(str(folder / "tokenizer.json"))
    torch.manual_seed(seed)
    config = BertConfig(
        vocab_size=tokenizer.get_vocab_size(),
        hidden_size=dimension,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=2 * dimension,
        max_position_embeddings=128,
        # Wide word embeddings make two texts as alike as the words that they share.
        initializer_range=0.5,
    )
    BertModel(config).save_pretrained(folder)
    (folder / "weaver.json").write_text(json.dumps({"languages": ["en"]}))
    return folder
