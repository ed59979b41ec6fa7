"""Which words of a passage a turn attends to."""

import numpy as np
import pytest

from tests.readings import unit
from weaver_core.encoders.encoder import TokenStates
from weaver_core.explanation import weigh_words

TEXT = "Where is 我的 parcel?"
SPANS = [(0, 5), (6, 8), (9, 10), (10, 11), (12, 15), (15, 18), (18, 19)]


def tokens(text_spans: list[tuple[int, int]], seed: int = 3) -> TokenStates:
    """Random states at these places; "parcel" is two pieces."""
    states = np.random.default_rng(seed).normal(size=(len(text_spans), 8)).astype(np.float32)
    return TokenStates(states, np.ones(len(states), np.bool_), np.array(text_spans, np.int64).reshape(-1, 2))


def test_the_words_weights_sum_to_one_and_pieces_of_a_word_are_one() -> None:
    words = weigh_words(TEXT, tokens(SPANS), unit(np.ones(8)))
    assert [word.text for word in words] == ["Where", "is", "我", "的", "parcel", "?"]
    assert [TEXT[word.start : word.end] for word in words] == [word.text for word in words]
    assert sum(word.weight for word in words) == pytest.approx(1.0, abs=1e-5)


def test_the_word_that_is_like_the_turn_weighs_most() -> None:
    found = tokens(SPANS)
    query = unit((found.states - found.states.mean(axis=0))[2].astype(np.float64))
    words = weigh_words(TEXT, found, query)
    assert max(words, key=lambda word: word.weight).text == "我"


def test_one_token_has_all_the_weight_and_none_has_none() -> None:
    (word,) = weigh_words("hi", tokens([(0, 2)]), unit(np.ones(8)))
    assert word.weight == pytest.approx(1.0)
    assert weigh_words("", tokens([]), unit(np.ones(8))) == []
