"""The space of topics: views side by side, without what all texts share."""

from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from weaver_core.encoders.encoder import TokenStates
from weaver_core.readers import Readers
from weaver_core.topic_space import FEWEST_TEXTS, centred, joined


@dataclass(frozen=True)
class Named:
    """An encoder of which only the name and the languages matter here."""

    version: str
    languages: tuple[str, ...]
    dimension: int = 4
    centred: bool = False

    def encode(self, texts: object) -> NDArray[np.float32]:
        """Nothing is encoded here."""
        raise NotImplementedError(texts)

    def whole_words(self) -> list[str]:
        """No words."""
        return []

    def states(self, texts: object) -> list[TokenStates]:
        """No states either."""
        raise NotImplementedError(texts)


def unit(random: np.random.Generator, rows: int) -> NDArray[np.float32]:
    """Some unit vectors."""
    vectors = random.normal(size=(rows, 4))
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


def test_the_cosine_of_two_texts_is_the_mean_of_the_views_that_know_their_language() -> None:
    random = np.random.default_rng(0)
    english, every = Named("english", ("en",)), Named("every", ())
    views = {"english": unit(random, 4), "every": unit(random, 4)}
    found = joined(views, Readers((english, every)), ["en", "en", "zh", None])
    cosines = {name: view @ view.T for name, view in views.items()}
    assert np.linalg.norm(found, axis=1) == pytest.approx(np.ones(4))
    assert (found @ found.T)[0, 1] == pytest.approx((cosines["english"][0, 1] + cosines["every"][0, 1]) / 2, abs=1e-6)
    # Chinese is known to one of them alone, and so is what has no language that is known.
    assert (found @ found.T)[2, 3] == pytest.approx(cosines["every"][2, 3], abs=1e-6)
    assert (found @ found.T)[0, 2] == pytest.approx(cosines["every"][0, 2] / np.sqrt(2), abs=1e-6)


def test_a_language_that_no_encoder_knows_is_read_by_all() -> None:
    views = {"english": unit(np.random.default_rng(0), 2)}
    found = joined(views, Readers((Named("english", ("en",)),)), ["zh", None])
    assert found == pytest.approx(views["english"])


def test_what_all_texts_of_a_language_share_is_taken_off_and_few_are_left_as_they_are() -> None:
    random = np.random.default_rng(0)
    crowded = unit(random, 2 * FEWEST_TEXTS) + np.array([3, 0, 0, 0], np.float32)
    crowded /= np.linalg.norm(crowded, axis=1, keepdims=True)
    crowded[7] = 0
    few = unit(random, FEWEST_TEXTS - 1)
    found = centred(np.concatenate([crowded, few]), ["en"] * len(crowded) + ["zh"] * len(few))
    assert (found[len(crowded) :] == few).all()
    assert not found[7].any()
    others = np.delete(found[: len(crowded)], 7, axis=0)
    assert np.linalg.norm(others, axis=1) == pytest.approx(np.ones(len(others)))
    assert np.abs((others @ others.T).mean()) < 0.05 < (crowded @ crowded.T).mean()
