"""Summaries: the sentences that a dialogue's own vector attends to, without repetition, in their order."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests import tiny_encoder
from weaver_core.dialogue import Dialogue, Role, Turn
from weaver_core.encoders import export, sources
from weaver_core.encoders.encoder import OnnxEncoder
from weaver_core.errors import WrongVectorsError
from weaver_core.summary import Sentence, SummaryParameters, log_trust, own_vector, sentences_of, summarise

EVEN = SummaryParameters(sentences=2, scale=7.0, redundancy=1.0, later=0.0, longer=0.0, company=0.0)


def said(count: int) -> list[Sentence]:
    """So many sentences, customer and agent in turn."""
    return [Sentence(f"sentence {place}", (Role.CUSTOMER, Role.AGENT)[place % 2], place) for place in range(count)]


def unit(rows: list[list[float]]) -> NDArray[np.float32]:
    vectors = np.array(rows, np.float32)
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


def test_what_the_dialogue_is_about_is_chosen_and_what_was_said_already_is_not() -> None:
    vectors = unit([[1, 0.1, 0], [1, 0.12, 0], [1, 0.14, 0], [0.2, 1, 0], [-1, 0, 0.2]])
    chosen = summarise(said(5), vectors, EVEN)
    assert [one.place for one in chosen] == [2, 3]
    repeated = summarise(said(5), vectors, replace(EVEN, redundancy=0.0))
    assert [one.place for one in repeated] == [1, 2]


def test_weights_are_the_softmax_of_the_formula() -> None:
    vectors = unit([[1, 0], [1, 1], [0, 1]])
    query = vectors[2]
    chosen = summarise(said(3), vectors, EVEN, query)
    scores = np.exp(7.0 * vectors @ query)
    for one in chosen:
        assert one.weight == pytest.approx(float(scores[one.place] / scores.sum()), rel=1e-5)
    assert 2 in {one.place for one in chosen}


def test_the_dialogues_own_vector_is_the_mean_of_its_sentences_by_trust() -> None:
    vectors = unit([[1, 0], [0, 1]])
    trust = np.log(np.array([3.0, 1.0])).astype(np.float32)
    np.testing.assert_allclose(own_vector(vectors, trust), unit([[3, 1]])[0], atol=1e-6)
    opposite = np.concatenate([vectors[:1], -vectors[:1]])
    assert not np.isnan(own_vector(opposite, np.zeros(2, np.float32))).any()


def test_early_long_and_company_sentences_are_trusted_as_the_parameters_say() -> None:
    spoken = [Sentence("one two three four", Role.CUSTOMER, 0), Sentence("我要退款", Role.AGENT, 3)]
    parameters = SummaryParameters(later=1.0, longer=2.0, company=0.5, enough_terms=6)
    expected = [2.0 * np.log(4), 2.0 * np.log(6) - np.log(4) + 0.5]
    np.testing.assert_allclose(log_trust(spoken, parameters), expected, rtol=1e-6)


def test_no_sentence_has_no_summary_and_one_is_its_own() -> None:
    assert summarise([], np.zeros((0, 3), np.float32)) == ()
    (only,) = summarise(said(1), unit([[1, 2, 3]]))
    assert only.place == 0
    assert only.weight == pytest.approx(1.0)
    assert sentences_of(Dialogue("empty", ())) == []


def test_vectors_that_do_not_belong_to_the_sentences_are_refused() -> None:
    with pytest.raises(WrongVectorsError, match="2 sentences"):
        summarise(said(2), np.zeros((3, 4), np.float32))


@given(st.integers(0, 40), st.integers(0, 2**32 - 1))
def test_a_summary_has_different_sentences_in_their_order_and_never_more_than_asked_for(count: int, seed: int) -> None:
    vectors = np.random.default_rng(seed).normal(size=(count, 5)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True) if count else 1
    chosen = summarise(said(count), vectors, SummaryParameters(sentences=3))
    places = [one.place for one in chosen]
    assert places == sorted(set(places))
    assert len(places) == min(3, count)
    assert sum(one.weight for one in chosen) <= 1 + 1e-5


def test_a_dialogue_of_thousands_of_sentences_gets_a_short_summary() -> None:
    random = np.random.default_rng(0)
    vectors = random.normal(size=(5000, 16)).astype(np.float32) + 0.1
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    chosen = summarise(said(5000), vectors)
    assert len(chosen) == SummaryParameters().sentences


@pytest.mark.slow
def test_a_dialogue_in_either_language_is_split_encoded_and_summarised(tmp_path: Path) -> None:
    turns = (
        Turn(Role.CUSTOMER, "你好！我的包裹三天没动了。能查一下吗？"),
        Turn(Role.AGENT, "包裹卡在武汉，明天下午能送到。"),
        Turn(Role.CUSTOMER, "😀"),
        Turn(Role.CUSTOMER, "Thanks. Where is my other parcel?"),
        Turn(Role.AGENT, "Your other parcel waits at the depot. It comes with the first one."),
    )
    spoken = sentences_of(Dialogue("mixed", turns))
    assert [(one.turn, one.role) for one in spoken] == [
        (0, Role.CUSTOMER),
        (0, Role.CUSTOMER),
        (0, Role.CUSTOMER),
        (1, Role.AGENT),
        (3, Role.CUSTOMER),
        (3, Role.CUSTOMER),
        (4, Role.AGENT),
        (4, Role.AGENT),
    ]
    folder = tiny_encoder.write(tmp_path / "tiny", [one.text for one in spoken])
    encoder = OnnxEncoder(export.exported(sources.find(str(folder)), tmp_path / "cache"))
    chosen = summarise(spoken, encoder.encode([one.text for one in spoken]))
    assert len(chosen) == SummaryParameters().sentences
    assert "Thanks." not in [spoken[one.place].text for one in chosen]
