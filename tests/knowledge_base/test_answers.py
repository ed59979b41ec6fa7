"""Answers, their positions and keys, and the change counter that tells of them."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from knowledge_base import answers, changes, keys, memories, positions
from knowledge_base.answers import AnswerDraft, AnswerStatus
from knowledge_base.changes import ChangeKind
from knowledge_base.database import Database
from knowledge_base.errors import AnswerExistsError, AnswerNotFoundError
from knowledge_base.identifiers import new_id
from knowledge_base.positions import PositionDraft
from weaver_core.dialogue import PositionKind

pytestmark = pytest.mark.anyio

ENCODER = "tiny@1"


def unit(seed: int) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    """A random unit vector."""
    vector = np.random.default_rng(seed).normal(size=8).astype(np.float32)
    return vector / np.float32(np.linalg.norm(vector))


async def test_an_answer_is_found_by_its_imported_id_and_by_its_generated_one(database: Database) -> None:
    async with database.writing() as session:
        named = await answers.create(session, AnswerDraft("Three days.", "Delivery", external_id="delivery"), "import")
        unnamed = await answers.create(session, AnswerDraft("Five days.", "Refund"), "import")
    async with database.reading() as session:
        assert (await answers.by_public_id(session, "delivery")).id == named.id
        assert (await answers.by_public_id(session, unnamed.answer_id)).text == "Five days."
        with pytest.raises(AnswerNotFoundError, match="nothing"):
            await answers.by_public_id(session, "nothing")


async def test_new_words_are_a_revision_and_the_same_words_are_none(database: Database) -> None:
    async with database.writing() as session:
        answer = await answers.create(session, AnswerDraft("Three days.", "Delivery"), "import")
        await answers.revise(session, answer.id, "Delivery", "Three days.", "ada")
        revised = await answers.revise(session, answer.id, "Delivery", "Four days.", "ada")
        history = await answers.revisions(session, answer.id)
    assert revised.text == "Four days."
    assert [(entry.number, entry.text, entry.author) for entry in history] == [
        (2, "Four days.", "ada"),
        (1, "Three days.", "import"),
    ]


async def test_an_answer_cannot_be_given_the_very_words_of_another(database: Database) -> None:
    async with database.writing() as session:
        first = await answers.create(session, AnswerDraft("Three days.", "Delivery"), "import")
        second = await answers.create(session, AnswerDraft("Four days.", "Delivery"), "import")
        with pytest.raises(AnswerExistsError, match=first.answer_id):
            await answers.revise(session, second.id, "Delivery", "Three days.", "ada")


async def test_an_answer_is_served_when_it_is_approved_and_valid_and_nobodys_own(database: Database) -> None:
    today = datetime.now(UTC)
    drafts = {
        "good": AnswerDraft("a", "a"),
        "pending": AnswerDraft("b", "b", status=AnswerStatus.PENDING),
        "personal": AnswerDraft("c", "c", personal=True),
        "early": AnswerDraft("d", "d", valid_from=today + timedelta(days=1)),
        "late": AnswerDraft("e", "e", valid_until=today - timedelta(days=1)),
    }
    async with database.writing() as session:
        stored = {name: await answers.create(session, draft, "test") for name, draft in drafts.items()}
    assert [name for name, answer in stored.items() if answer.servable_at(today)] == ["good"]


async def test_words_are_searched_as_they_are_written(database: Database) -> None:
    async with database.writing() as session:
        await answers.create(session, AnswerDraft("You save 10% today.", "Sale"), "test")
        await answers.create(session, AnswerDraft("You save 100 points.", "Points"), "test")
        assert [a.title for a in await answers.find(session, "10%")] == ["Sale"]
        assert {a.title for a in await answers.find(session, "SAVE")} == {"Sale", "Points"}
        assert await answers.find(session, "save", statuses=[AnswerStatus.RETIRED]) == []


async def test_a_passage_is_stored_once_in_an_answers_memory(database: Database) -> None:
    draft = PositionDraft(PositionKind.QUESTION, "How long?")
    async with database.writing() as session:
        answer = await answers.create(session, AnswerDraft("Three days.", "Delivery"), "test")
        first = await positions.add(session, answer.id, [draft, draft])
        again = await positions.add(session, answer.id, [PositionDraft(PositionKind.QUESTION, " How  long? ")])
        other = await positions.add(
            session, answer.id, [PositionDraft(PositionKind.QUESTION, "How long?", "customer: hi")]
        )
        held = await positions.of_answer(session, answer.id)
    assert (len(first), len(again), len(other), len(held)) == (1, 0, 1, 2)


async def test_a_memory_is_its_encoded_positions_with_their_keys(database: Database) -> None:
    async with database.writing() as session:
        answer = await answers.create(session, AnswerDraft("Three days.", "Delivery"), "test")
        drafts = [PositionDraft(PositionKind.QUESTION, "How long?"), PositionDraft(PositionKind.QUESTION, "When?")]
        ids = await positions.add(session, answer.id, drafts)
        assert await keys.count_missing(session, ENCODER) == 2
        await keys.put(session, ENCODER, {ids[0]: unit(1)}, [answer.id])
        await keys.put(session, ENCODER, {ids[0]: unit(2), new_id(): unit(3)}, [answer.id])
        waiting = await keys.missing(session, ENCODER, limit=10)
        (memory,) = await memories.load(session, [ENCODER], [answer.id])
    assert [item.text for item in waiting] == ["When?"]
    assert [position.text for position in memory.positions] == ["How long?"]
    np.testing.assert_allclose(memory.vectors[ENCODER][0], unit(1), atol=2e-3)


async def test_keys_of_another_encoder_are_not_this_ones(database: Database) -> None:
    async with database.writing() as session:
        answer = await answers.create(session, AnswerDraft("Three days.", "Delivery"), "test")
        ids = await positions.add(session, answer.id, [PositionDraft(PositionKind.QUESTION, "How long?")])
        await keys.put(session, "other@1", {ids[0]: unit(1)}, [answer.id])
        (memory,) = await memories.load(session, [ENCODER], [answer.id])
    assert memory.positions == ()


async def test_with_two_encoders_only_positions_with_both_keys_are_read(database: Database) -> None:
    async with database.writing() as session:
        answer = await answers.create(session, AnswerDraft("Three days.", "Delivery"), "test")
        drafts = [PositionDraft(PositionKind.QUESTION, "How long?"), PositionDraft(PositionKind.QUESTION, "When?")]
        ids = await positions.add(session, answer.id, drafts)
        await keys.put(session, ENCODER, {position: unit(1) for position in ids}, [answer.id])
        await keys.put(session, "other@1", {ids[1]: unit(2)}, [answer.id])
        (memory,) = await memories.load(session, [ENCODER, "other@1"], [answer.id])
    assert [position.text for position in memory.positions] == ["When?"]
    np.testing.assert_allclose(memory.vectors["other@1"][0], unit(2), atol=2e-3)


async def test_changes_are_numbered_without_gaps_and_undone_with_their_transaction(database: Database) -> None:
    async with database.writing() as session:
        first = await answers.create(session, AnswerDraft("a", "a"), "test")

    async def create_and_fail() -> None:
        async with database.writing() as session:
            await answers.create(session, AnswerDraft("b", "b"), "test")
            await answers.get(session, new_id())

    with pytest.raises(AnswerNotFoundError):
        await create_and_fail()
    async with database.writing() as session:
        await answers.set_status(session, first.id, AnswerStatus.RETIRED)
        await changes.record(session, ChangeKind.MODEL, [first.id, first.id])
    async with database.reading() as session:
        seen = await changes.since(session, 0)
        assert await changes.latest(session) == 3
        assert await changes.since(session, 2) == seen[2:]
    assert [(change.number, change.kind) for change in seen] == [
        (1, ChangeKind.ANSWER),
        (2, ChangeKind.ANSWER),
        (3, ChangeKind.MODEL),
    ]


@pytest.mark.parametrize("text", ["Short.", "一句很短的话。"])
def test_a_short_text_is_its_own_title(text: str) -> None:
    assert answers.title_of(text) == text


def test_a_long_title_is_cut_at_a_word() -> None:
    title = answers.title_of("word " * 40)
    assert title.endswith("word…")
    assert len(title) <= answers.TITLE_LENGTH + 1
