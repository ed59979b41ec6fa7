"""A turn's vector by itself, with the last turns' added, or through a trained decoder."""

from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from tests import tiny_encoder
from weaver_core.context.checkpoint import DecoderConfig
from weaver_core.context.decoder import TransformerDecoder
from weaver_core.context.turn_vector import Alone, Decoded, Recent, Said
from weaver_core.dialogue import Role, Turn
from weaver_core.encoders import export, sources
from weaver_core.encoders.encoder import OnnxEncoder
from weaver_core.errors import DecoderMismatchError

LEANING, COMPLETE = "and how long does that take?", "I would like to have my old invoice sent to another address"
HISTORY = (
    Turn(Role.CUSTOMER, "I want my money back"),
    Turn(Role.SYSTEM, "Ada has joined"),
    Turn(Role.AGENT, "the refund is on its way"),
)
TEXTS = [LEANING, COMPLETE, *(turn.text for turn in HISTORY)]

Vector = NDArray[np.float32]


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> OnnxEncoder:
    """A real two-layer encoder."""
    folder = tiny_encoder.write(tmp_path_factory.mktemp("source") / "tiny", TEXTS)
    return OnnxEncoder(export.exported(sources.find(str(folder)), tmp_path_factory.mktemp("cache")))


def as_it_is(vector: Vector) -> Vector:
    """No centre."""
    return vector


def trained(encoder: OnnxEncoder, folder: Path, *, deviation: float = 0.2) -> Path:
    """A decoder in a folder; with no deviation it is an untrained one."""
    torch.manual_seed(3)
    decoder = TransformerDecoder(DecoderConfig(encoder.version, encoder.dimension, 4, 96, 3, 20))
    if deviation:
        for parameter in decoder.parameters():
            torch.nn.init.normal_(parameter, std=deviation)
    decoder.save(folder)
    return folder


def test_a_turn_by_itself_is_the_mean_of_its_passages_without_the_centre(encoder: OnnxEncoder) -> None:
    passages = ["I want my money back", "the refund is on its way"]
    found = Alone().of(Said(passages, HISTORY), encoder, lambda vector: vector * 2)
    mean = encoder.encode(passages).mean(axis=0)
    np.testing.assert_allclose(found, 2 * mean / np.linalg.norm(mean), atol=1e-6)


def test_recent_turns_are_added_to_a_turn_that_points_back(encoder: OnnxEncoder) -> None:
    found = Recent().of(Said([LEANING], HISTORY), encoder, as_it_is)
    own, customer, agent = encoder.encode([LEANING, HISTORY[0].text, HISTORY[2].text])
    expected = own + 0.14 * customer + 0.29 * agent
    np.testing.assert_allclose(found, expected / np.linalg.norm(expected), atol=1e-6)


@pytest.mark.parametrize(("text", "history"), [(COMPLETE, HISTORY), (LEANING, ()), (LEANING, (Turn(Role.AGENT, "…"),))])
def test_a_turn_that_needs_no_context_or_has_none_stands_by_itself(
    encoder: OnnxEncoder, text: str, history: tuple[Turn, ...]
) -> None:
    found = Recent().of(Said([text], history), encoder, as_it_is)
    np.testing.assert_array_equal(found, Alone().of(Said([text]), encoder, as_it_is))


def test_an_untrained_decoder_changes_nothing(encoder: OnnxEncoder, tmp_path: Path) -> None:
    decoded = Decoded.open([trained(encoder, tmp_path, deviation=0)], [encoder])
    for passages in ([LEANING], [COMPLETE, LEANING]):
        expected = Alone().of(Said(passages), encoder, as_it_is)
        np.testing.assert_allclose(decoded.of(Said(passages, HISTORY), encoder, as_it_is), expected, atol=1e-6)


def test_a_trained_decoder_sees_what_was_said_before(encoder: OnnxEncoder, tmp_path: Path) -> None:
    decoded = Decoded.open([trained(encoder, tmp_path)], [encoder])
    with_history, without = (decoded.of(Said([LEANING], said), encoder, as_it_is) for said in (HISTORY, ()))
    assert with_history @ without < 0.99
    np.testing.assert_allclose(np.linalg.norm(with_history), 1.0, atol=1e-6)


def test_an_encoder_without_a_decoder_reads_the_turn_alone(encoder: OnnxEncoder) -> None:
    found = Decoded({}).of(Said([LEANING], HISTORY), encoder, as_it_is)
    np.testing.assert_array_equal(found, Alone().of(Said([LEANING]), encoder, as_it_is))


def test_a_decoder_of_an_encoder_that_is_not_read_is_refused(encoder: OnnxEncoder, tmp_path: Path) -> None:
    folder = trained(encoder, tmp_path)
    with pytest.raises(DecoderMismatchError, match="which is not read here"):
        Decoded.open([folder], [])


def test_two_decoders_of_one_encoder_are_refused(encoder: OnnxEncoder, tmp_path: Path) -> None:
    folders = [trained(encoder, tmp_path / name) for name in ("first", "second")]
    with pytest.raises(DecoderMismatchError, match="the second one"):
        Decoded.open(folders, [encoder])
