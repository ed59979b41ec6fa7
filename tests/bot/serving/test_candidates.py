"""The first stage of a turn: what is read of an answer's memory, and what a stored question finds without itself."""

from collections.abc import Iterator

import numpy as np
import pytest

from bot.serving.candidates import MOST_POSITIONS, CandidateSearch, Turn, covered
from knowledge_base.memories import Memory
from tests.knowledge_base.test_indexes import GROUP, VIEW, memory
from tests.readings import parameters, unit
from weaver_core.dialogue import PositionKind
from weaver_core.encoders.encoder import OnnxEncoder
from weaver_core.readers import Readers


def wide(texts: list[str], encoder: OnnxEncoder) -> Memory:
    """A memory whose keys are this encoder's."""
    item = memory(texts)
    return Memory(item.answer, item.positions, {encoder.version: encoder.encode(texts)})


@pytest.fixture
def search(encoder: OnnxEncoder) -> Iterator[CandidateSearch]:
    """A search without answers."""
    search = CandidateSearch([encoder], Readers((encoder,)))
    yield search
    search.close()


def test_a_large_memory_is_read_at_the_positions_that_cover_it_corrections_among_them() -> None:
    item = memory([f"question {number}" for number in range(3 * MOST_POSITIONS)])
    clusters = unit(np.random.default_rng(2).normal(size=(MOST_POSITIONS // 2, 8)))
    vectors = {VIEW: np.tile(clusters, (6, 1))}
    positions = list(item.positions)
    object.__setattr__(positions[-1], "kind", PositionKind.CORRECTION)
    kept = covered(Memory(item.answer, tuple(positions), vectors))
    assert len(kept.positions) == len(kept.vectors[VIEW]) == MOST_POSITIONS
    assert positions[-1] in kept.positions
    assert {tuple(row) for row in kept.vectors[VIEW].tolist()} == {tuple(row) for row in clusters.tolist()}


def test_a_small_memory_is_read_whole() -> None:
    item = memory(["one", "two"])
    assert covered(item) is item


def test_a_stored_question_does_not_find_itself_but_always_its_answer(
    search: CandidateSearch, encoder: OnnxEncoder
) -> None:
    asked, other = wide(["How long does it take?", "When will it be here?"], encoder), wide(["Refund?"], encoder)
    for item in (asked, other):
        search.replace([item])
    turn = Turn("How long does it take?", "How long does it take?", {encoder.version: encoder.encode(["How long"])[0]})
    read = Readers((encoder,)).of("en").parameters
    found = search.find_without(turn, asked.answer.id, asked.positions[0].id, [GROUP], read)
    (own,) = [place for place, item in enumerate(found.memories) if item.answer.id == asked.answer.id]
    assert [position.text for position in found.memories[own].positions] == ["When will it be here?"]
    assert found.candidates.spaces[encoder.version].vectors.shape == (2, encoder.dimension)
    assert not found.known.any()


def test_a_code_is_found_by_its_words_where_vectors_find_others(search: CandidateSearch, encoder: OnnxEncoder) -> None:
    for number in range(70):
        search.replace([wide([f"my lamp is number {number}"], encoder)])
    code = wide(["PPR-9087"], encoder)
    search.replace([code])
    turn = Turn("my lamp PPR-9087", "my lamp PPR-9087", {})
    found = search.find(turn, [GROUP], parameters())
    assert found is not None
    best = int(found.candidates.words.argmax())
    assert found.memories[best].answer.id == code.answer.id
