"""Votes judged again: the fast way against a slow reference, and what comes of right and wrong ones."""

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.readings import unit
from weaver_core import batch_read, rejudging, trust
from weaver_core.batch_read import cosines
from weaver_core.errors import ModelError
from weaver_core.memory import Memories
from weaver_core.model import ReadParameters, Space, ViewParameters, read_view
from weaver_core.rejudging import VotedTurns, judge_again

VIEWS = ("first@1", "second@1")
PARAMETERS = ReadParameters({VIEWS[0]: ViewParameters(0.6, 9.0), VIEWS[1]: ViewParameters(0.2, 4.0)}, 0.0, 20.0)


def random_memories(lengths: list[int], seed: int) -> dict[str, Memories]:
    """Two views of memories of so many positions each, around a direction of their own, some trusted less."""
    random = np.random.default_rng(seed)
    owners = np.repeat(np.arange(len(lengths)), lengths)
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    believed = np.where(random.random(len(owners)) < 0.3, -0.4, 0.0).astype(np.float32)
    return {
        view: Memories(
            unit(random.normal(size=(len(lengths), 16))[owners] + 0.7 * random.normal(size=(len(owners), 16))),
            offsets,
            believed,
        )
        for view in VIEWS
    }


def voted_turns(memories: dict[str, Memories], rows: NDArray[np.int64], up: NDArray[np.bool_]) -> VotedTurns:
    """Positions of the memories as turns that were voted on, each for the answer that owns it."""
    owners = memories[VIEWS[0]].owners[rows]
    queries = {view: held.vectors[rows] for view, held in memories.items()}
    return VotedTurns(queries, owners, up, np.full(len(rows), 0.2), rows)


def without(memories: Memories, row: int) -> Memories:
    """The memories as they are read with one position masked out."""
    masked = memories.trust.copy()
    masked[row] = -np.inf
    return Memories(memories.vectors, memories.offsets, masked)


@pytest.mark.parametrize("at_once", [1 << 22, 40])
def test_many_queries_are_read_as_one_is(at_once: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch_read, "MOST_AT_ONCE", at_once)
    held = random_memories([1, 5, 1, 9, 3], 1)[VIEWS[0]]
    rows = np.arange(len(held.vectors))
    found = cosines(held.vectors, held, 7.0, rows)
    slow = [read_view(Space(held.vectors[row], held.vectors), without(held, row), 7.0)[1] for row in rows.tolist()]
    np.testing.assert_allclose(found, slow, atol=1e-5)
    plain = [read_view(Space(vector, held.vectors), held, 7.0)[1] for vector in held.vectors]
    np.testing.assert_allclose(cosines(held.vectors, held, 7.0), plain, atol=1e-5)


@pytest.mark.parametrize("at_once", [1 << 22, 12])
def test_voted_turns_are_judged_again_as_the_formula_says(at_once: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rejudging, "MOST_AT_ONCE", at_once)
    memories = random_memories([4, 6, 2, 7], 2)
    rows = np.array([0, 3, 5, 9, 11, 14, 18])
    up = np.array([True, False, True, True, False, True, False])
    found = judge_again(voted_turns(memories, rows, up), memories, PARAMETERS)
    for place, row in enumerate(rows.tolist()):
        scores = np.zeros(4)
        for view, weight in ((VIEWS[0], 0.75), (VIEWS[1], 0.25)):
            space = Space(memories[view].vectors[row], memories[view].vectors)
            scores += weight * read_view(space, without(memories[view], row), PARAMETERS.views[view].scale)[1]
        likely = np.exp(PARAMETERS.beta * (scores - scores.max()))
        shown = int(memories[VIEWS[0]].owners[row])
        for answer in range(4):
            likely[answer] *= 0.8 if (answer == shown) == bool(up[place]) else 0.2
        likely /= likely.sum()
        assert found.shown[place] == pytest.approx(likely[shown], rel=1e-3)
        assert found.likeliest[place] == likely.argmax()
        assert found.sureness[place] == pytest.approx(likely.max(), rel=1e-3)


def test_a_like_is_worth_what_trust_says() -> None:
    chances = np.array([[0.7, 0.2, 0.1]], np.float32)
    found = rejudging.voted(chances, np.array([1]), np.array([True]), np.array([0.1]))
    assert found[0, 1] == pytest.approx(trust.believed(0.2, 0.1))
    assert found.sum() == pytest.approx(1.0)


def test_a_position_that_its_neighbours_contradict_is_unlikely_whatever_its_vote_said() -> None:
    memories = random_memories([8, 8, 8], 4)
    # The first answer's last position is in truth a question of the second answer.
    for held in memories.values():
        held.vectors[7] = unit(held.vectors[8] + held.vectors[9] + held.vectors[10])
    found = judge_again(voted_turns(memories, np.array([6, 7]), np.array([True, True])), memories, PARAMETERS)
    assert found.shown[0] > trust.LEAST_BELIEVED > found.shown[1]
    assert found.likeliest.tolist() == [0, 1]


def test_a_turn_without_a_position_of_its_own_is_read_against_the_whole_memory() -> None:
    memories = random_memories([3, 5], 5)
    turns = voted_turns(memories, np.array([4]), np.array([True]))
    outside = VotedTurns(turns.queries, turns.shown, turns.up, turns.noise, np.array([-1]))
    assert judge_again(outside, memories, PARAMETERS).shown > judge_again(turns, memories, PARAMETERS).shown


def test_parts_of_different_lengths_are_refused() -> None:
    one, two = np.zeros(1, np.int64), np.zeros(2, np.int64)
    with pytest.raises(ModelError, match=r"different lengths: \[1, 2\]"):
        VotedTurns({}, one, np.ones(1, np.bool_), np.ones(1), two)
