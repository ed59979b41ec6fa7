"""The encoder that knows the last texts' vectors: the same vectors, and no second run for what it just read."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests import tiny_encoder
from weaver_core.encoders import export, sources
from weaver_core.encoders.encoder import OnnxEncoder
from weaver_core.encoders.remembering import MOST_AT_ONCE, RememberingEncoder
from weaver_core.errors import NoTokensError


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small exported encoder."""
    source = tiny_encoder.write(tmp_path_factory.mktemp("source") / "tiny", ["one two three", "我的包裹在哪里"])
    return export.exported(sources.find(str(source)), tmp_path_factory.mktemp("cache"))


@pytest.fixture
def encoder(folder: Path) -> OnnxEncoder:
    """The same, opened."""
    return OnnxEncoder(folder)


@pytest.fixture
def ran(encoder: OnnxEncoder, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts that the transformer was run for."""
    seen: list[str] = []
    encode = encoder.encode

    def noted(texts: Sequence[str]) -> NDArray[np.float32]:
        seen.extend(texts)
        return encode(texts)

    monkeypatch.setattr(encoder, "encode", noted)
    return seen


@pytest.mark.slow
def test_it_tells_what_the_other_encoder_tells(encoder: OnnxEncoder, ran: list[str]) -> None:
    remembering = RememberingEncoder(encoder)
    texts = ["Where is my parcel?", "我的包裹在哪里？", "Where is my parcel?"]
    for _ in range(2):
        np.testing.assert_allclose(remembering.encode(texts), encoder.encode(texts), atol=1e-6)
    assert ran.count("Where is my parcel?") == 1 + 2 * 2
    assert (remembering.version, remembering.dimension) == (encoder.version, encoder.dimension)
    assert (remembering.languages, remembering.centred) == (encoder.languages, encoder.centred)
    assert remembering.whole_words() == encoder.whole_words()
    np.testing.assert_array_equal(remembering.states(texts)[0].pooled, encoder.states(texts)[0].pooled)
    assert remembering.encode([]).shape == (0, encoder.dimension)


def test_a_text_is_read_once_until_enough_others_came(encoder: OnnxEncoder, ran: list[str]) -> None:
    remembering = RememberingEncoder(encoder, most=2)
    for text in ("one", "two", "one", "three", "one", "two"):
        remembering.encode([text])
    assert ran == ["one", "two", "three", "two"]


def test_what_a_caller_does_to_its_vectors_stays_with_it(encoder: OnnxEncoder) -> None:
    remembering = RememberingEncoder(encoder)
    for _ in range(3):
        vectors = remembering.encode(["one", "two"])
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
        vectors *= 2


def test_many_texts_at_once_push_nothing_out(encoder: OnnxEncoder, ran: list[str]) -> None:
    remembering = RememberingEncoder(encoder, most=2)
    remembering.encode(["one"])
    many = ["one", *(f"text {number}" for number in range(MOST_AT_ONCE))]
    assert remembering.encode(many).shape == (len(many), encoder.dimension)
    remembering.encode(["one"])
    assert ran.count("one") == 1


def test_a_text_that_is_refused_is_refused_again(encoder: OnnxEncoder, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(texts: Sequence[str]) -> NDArray[np.float32]:
        raise NoTokensError(f"No tokens: {texts}.")

    remembering = RememberingEncoder(encoder)
    remembering.encode(["one"])
    monkeypatch.setattr(encoder, "encode", refuse)
    for _ in range(2):
        with pytest.raises(NoTokensError, match="two"):
            remembering.encode(["one", "two"])
