"""Vectors drawn in two dimensions."""

import numpy as np

from weaver_core.projection import project


def test_what_differs_most_is_told_apart_most() -> None:
    random = np.random.default_rng(0)
    vectors = np.zeros((60, 8), np.float32)
    vectors[:30, 2], vectors[30:, 2] = 1, -1
    vectors[::2, 5] = 0.3
    vectors += random.normal(scale=0.01, size=vectors.shape).astype(np.float32)
    places = project(vectors)
    assert places.shape == (60, 2)
    assert np.abs(places).max() <= 1
    assert len(set(np.sign(places[:30, 0]))) == len(set(np.sign(places[30:, 0]))) == 1
    assert np.sign(places[0, 0]) != np.sign(places[30, 0])
    assert (places == project(vectors)).all()


def test_few_and_equal_vectors_have_places_too() -> None:
    for vectors in (np.zeros((0, 4)), np.ones((1, 4)), np.ones((3, 4)), np.ones((2, 1))):
        places = project(vectors.astype(np.float32))
        assert places.shape == (len(vectors), 2)
        assert np.isfinite(places).all()
