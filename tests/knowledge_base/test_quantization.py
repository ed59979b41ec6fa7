"""Unit vectors in nine bits: what is lost, and what is not."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from knowledge_base.quantization import cosines, quantize, rounded, scales, vectors_of


def unit(count: int, dimension: int, seed: int) -> NDArray[np.float32]:
    """Random unit vectors."""
    vectors = np.random.default_rng(seed).normal(size=(count, dimension)).astype(np.float32)
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


@given(count=st.integers(0, 5), dimension=st.integers(1, 70), seed=st.integers(0, 1000))
def test_a_vector_comes_back_with_its_length_and_nearly_its_direction(count: int, dimension: int, seed: int) -> None:
    vectors = unit(count, dimension, seed)
    again = vectors_of(quantize(vectors))
    assert again.shape == vectors.shape
    assert np.allclose(np.linalg.norm(again, axis=1), 1.0, atol=1e-6)
    step = np.abs(vectors).max(axis=1, initial=0, keepdims=True) / 255
    assert (np.abs(again - vectors) <= 1.05 * step).all()


@given(dimension=st.integers(1, 70), seed=st.integers(0, 1000))
def test_coding_what_was_coded_changes_nothing(dimension: int, seed: int) -> None:
    once = quantize(unit(4, dimension, seed))
    assert np.array_equal(quantize(vectors_of(once)), once)


@given(dimension=st.sampled_from([1, 2, 8, 70, 384, 1024]), seed=st.integers(0, 1000))
def test_vectors_are_rounded_as_codes_round_them_also_after_half_precision(dimension: int, seed: int) -> None:
    vectors = unit(4, dimension, seed)
    coded = vectors_of(quantize(vectors))
    assert np.array_equal(rounded(vectors), coded)
    assert np.array_equal(rounded(coded.astype(np.float16).astype(np.float32)), coded)


def test_cosines_are_those_of_the_vectors_that_come_back() -> None:
    codes, query = quantize(unit(50, 37, seed=1)), unit(1, 37, seed=2)[0]
    assert np.allclose(cosines(codes, scales(codes), query), vectors_of(codes) @ query, atol=1e-6)


def test_vectors_of_many_coordinates_take_nine_bits_for_each() -> None:
    assert quantize(unit(2, 384, seed=3)).nbytes == 2 * 384 * 9 / 8


def test_a_vector_of_zeros_is_coded_without_a_division_by_zero() -> None:
    assert np.isfinite(vectors_of(quantize(np.zeros((1, 8), np.float32)))).all()
