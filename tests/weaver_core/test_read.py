"""The Weaver read: the fast path against a slow reference written from the formulae."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.readings import VIEW, candidates, one_view, parameters, unit
from weaver_core.attention import attend
from weaver_core.errors import ModelError
from weaver_core.memory import Memories, read, read_many
from weaver_core.model import ReadParameters, Space, ViewParameters, read_candidates, read_view
from weaver_core.retrieval import retrieve

DIMENSION = 8


def random_memories(lengths: list[int], seed: int) -> tuple[NDArray[np.float32], Memories]:
    """A query, and memories of so many positions each, some of them trusted less."""
    random = np.random.default_rng(seed)
    vectors = unit(random.normal(size=(sum(lengths), DIMENSION)))
    trust = np.where(random.random(sum(lengths)) < 0.3, -1.5, 0.0).astype(np.float32)
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    return unit(random.normal(size=DIMENSION)), Memories(vectors, offsets, trust)


def slow_read(
    query: NDArray[np.float32], memories: Memories, scale: float, beta: float
) -> tuple[list[float], list[float], list[float]]:
    """A = softmax(s·û·H + b), M = Σ αᵢHᵢ, M̂ = M/|M|, I = softmax(β·û·M̂), with loops and Python floats."""
    weights: list[float] = []
    cosines: list[float] = []
    for start, end in zip(memories.offsets[:-1], memories.offsets[1:], strict=True):
        scores = [
            scale * float(np.dot(query, memories.vectors[i])) + float(memories.trust[i]) for i in range(start, end)
        ]
        raised = [np.exp(score - max(scores)) for score in scores]
        alphas = [value / sum(raised) for value in raised]
        memory = sum(
            alpha * memories.vectors[i].astype(float) for alpha, i in zip(alphas, range(start, end), strict=True)
        )
        weights += alphas
        cosines.append(float(np.dot(query, memory) / np.linalg.norm(memory)))
    raised = [np.exp(beta * (cosine - max(cosines))) for cosine in cosines]
    return weights, cosines, [value / sum(raised) for value in raised]


@given(
    lengths=st.lists(st.integers(1, 9), min_size=1, max_size=12),
    scale=st.floats(0.0, 60.0),
    beta=st.floats(1.0, 80.0),
    seed=st.integers(0, 10_000),
)
def test_the_read_equals_its_slow_reference(lengths: list[int], scale: float, beta: float, seed: int) -> None:
    query, memories = random_memories(lengths, seed)
    reading = one_view(query, memories, scale, beta)
    weights, cosines, probabilities = slow_read(query, memories, scale, beta)
    np.testing.assert_allclose(reading.weights, weights, atol=2e-5)
    np.testing.assert_allclose(reading.scores, cosines, atol=2e-5)
    np.testing.assert_allclose(reading.probabilities, probabilities, atol=2e-3)


@given(lengths=st.lists(st.integers(1, 9), min_size=1, max_size=12), seed=st.integers(0, 10_000))
def test_the_weights_of_each_memory_sum_to_one(lengths: list[int], seed: int) -> None:
    query, memories = random_memories(lengths, seed)
    weights = attend(memories.vectors @ query, memories.offsets, 20.0, memories.trust)
    np.testing.assert_allclose(np.add.reduceat(weights, memories.offsets[:-1]), 1.0, atol=1e-5)


def test_a_masked_position_gets_no_weight_even_where_every_similarity_is_negative() -> None:
    similarities = np.array([-0.9, -0.8, -0.7], np.float32)
    mask = np.array([0.0, -np.inf, 0.0], np.float32)
    weights = attend(similarities, np.array([0, 3]), 10.0, mask)
    assert weights[1] == 0.0
    assert weights.sum() == pytest.approx(1.0)


def test_a_memory_whose_every_position_is_masked_out_reads_as_nothing_and_not_as_nan() -> None:
    weights = attend(np.zeros(2, np.float32), np.array([0, 2]), 10.0, np.full(2, -np.inf, np.float32))
    memories = Memories(unit(np.ones((2, DIMENSION))), np.array([0, 2]), np.zeros(2, np.float32))
    assert not weights.any()
    assert not read(weights, memories).any()


def test_a_memory_of_one_position_is_that_position_at_any_scale() -> None:
    query, memories = random_memories([1, 1, 1], seed=3)
    for scale in (0.0, 7.0, 400.0):
        reading = one_view(query, memories, scale)
        np.testing.assert_allclose(reading.scores, memories.vectors @ query, atol=1e-6)


def test_with_a_scale_of_zero_the_memory_is_the_centroid_and_with_a_large_one_the_nearest_position() -> None:
    query, plain = random_memories([5], seed=11)
    memories = Memories(plain.vectors, plain.offsets, np.zeros(5, np.float32))
    centroid = memories.vectors.mean(axis=0)
    cosine = float(centroid @ query / np.linalg.norm(centroid))
    assert one_view(query, memories, 0.0).scores[0] == pytest.approx(cosine, abs=1e-5)
    nearest = float((memories.vectors @ query).max())
    assert one_view(query, memories, 1e4).scores[0] == pytest.approx(nearest, abs=1e-5)


def test_less_trust_is_less_weight() -> None:
    similarities, offsets = np.array([0.5, 0.5], np.float32), np.array([0, 2])
    weights = attend(similarities, offsets, 7.0, np.log(np.array([1.0, 0.25], np.float32)))
    np.testing.assert_allclose(weights, [0.8, 0.2], atol=1e-6)


def test_retrieval_is_a_distribution_that_keeps_the_order_of_the_cosines() -> None:
    probabilities = retrieve(np.array([0.2, 0.9, 0.5], np.float32), beta=28.0)
    assert probabilities.sum() == pytest.approx(1.0)
    assert list(np.argsort(-probabilities)) == [1, 2, 0]


@pytest.mark.parametrize("offsets", [[0, 2], [1, 3], [0, 0, 3], [0, 2, 1, 3]])
def test_offsets_that_do_not_divide_the_positions_are_refused(offsets: list[int]) -> None:
    with pytest.raises(ModelError, match="3 positions"):
        Memories(np.zeros((3, DIMENSION), np.float32), np.array(offsets), np.zeros(3, np.float32))


def test_trust_for_another_number_of_positions_is_refused() -> None:
    with pytest.raises(ModelError, match="trust for 2"):
        Memories(np.zeros((3, DIMENSION), np.float32), np.array([0, 3]), np.zeros(2, np.float32))


@given(lengths=st.lists(st.integers(1, 9), min_size=1, max_size=8), many=st.integers(1, 4), seed=st.integers(0, 10_000))
def test_reading_under_many_weightings_at_once_is_reading_under_each(lengths: list[int], many: int, seed: int) -> None:
    query, memories = random_memories(lengths, seed)
    similarities = memories.vectors @ query
    weights = np.stack([attend(similarities, memories.offsets, 5.0 * k, memories.trust) for k in range(many)])
    expected = np.stack([read(row, memories) for row in weights])
    np.testing.assert_allclose(read_many(weights, memories), expected, atol=1e-5)


def two_views(seed: int) -> tuple[dict[str, NDArray[np.float32]], dict[str, Memories]]:
    """Two encoders' queries and memories of the same positions."""
    first, second = random_memories([3, 1, 4], seed), random_memories([3, 1, 4], seed + 1)
    other = Memories(second[1].vectors, first[1].offsets, first[1].trust)
    return {"a": first[0], "b": second[0]}, {"a": first[1], "b": other}


def test_two_views_add_their_cosines_and_words_by_their_weights() -> None:
    queries, memories = two_views(seed=1)
    words = np.array([0.0, 1.0, 0.5], np.float32)
    fitted = ReadParameters({"a": ViewParameters(0.6, 5.0), "b": ViewParameters(0.2, 9.0)}, words=0.1, beta=10.0)
    reading = read_candidates(candidates(queries, memories, words=words), fitted)
    (alphas, first), (others, second) = (
        read_view(Space(queries[view], memories[view].vectors), memories[view], fitted.views[view].scale)
        for view in ("a", "b")
    )
    np.testing.assert_allclose(reading.scores, 0.75 * first + 0.25 * second + 0.1 * words, atol=1e-6)
    np.testing.assert_allclose(reading.weights, 0.75 * alphas + 0.25 * others, atol=1e-6)
    np.testing.assert_allclose(np.add.reduceat(reading.weights, memories["a"].offsets[:-1]), 1.0, atol=1e-5)
    assert reading.agreement.sum() == pytest.approx(1.0)
    assert reading.agreement[first.argmax()] >= 0.75


def test_a_view_of_weight_zero_is_dropped() -> None:
    fitted = ReadParameters({"a": ViewParameters(0.0), "b": ViewParameters(0.4), "c": ViewParameters(0.5)})
    assert fitted.read_views == ["c", "b"]


def test_without_any_view_words_alone_decide_and_every_position_weighs_alike() -> None:
    _, memories = random_memories([2, 4], seed=2)
    words = np.array([0.2, 0.7], np.float32)
    reading = read_candidates(candidates({}, {VIEW: memories}, words=words), parameters(words=0.1))
    np.testing.assert_allclose(reading.scores, words)
    np.testing.assert_allclose(reading.weights, [0.5, 0.5, 0.25, 0.25, 0.25, 0.25])


def test_parameters_come_back_from_json_as_they_went() -> None:
    fitted = ReadParameters({"a": ViewParameters(0.6, 5.0, -2.0)}, words=0.2, beta=14.0)
    assert ReadParameters.from_json(fitted.to_json()) == fitted
