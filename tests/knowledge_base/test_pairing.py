"""Answers that say the same are merged with undo, those that contradict each other are linked, on both databases."""

from collections import Counter

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge_base import answer_pairs, answers, dialogues, keys, pairing, positions
from knowledge_base.answer_pairs import PairState
from knowledge_base.answers import Answer, AnswerDraft, AnswerStatus
from knowledge_base.database import Database
from knowledge_base.errors import PairDecidedError, PairNotFoundError
from knowledge_base.identifiers import new_id
from knowledge_base.ingestion.importing import no_progress
from knowledge_base.likeness import Likeness
from knowledge_base.pairing import Paired, pair
from knowledge_base.positions import PositionDraft
from tests.knowledge_base.test_answers import ENCODER, unit
from weaver_core.dialogue import Dialogue, PositionKind, Role, Turn

pytestmark = pytest.mark.anyio

THIRTY = "You can return it within 30 days of delivery."
THREE = "You can return it within 3 days of delivery."


async def told(session: AsyncSession, question: str, text: str, **draft: str) -> Answer:
    """An answer with a question and its own sentence; all answers' sentences lie close together."""
    about = AnswerDraft(text, question, origin=draft.get("origin", "dialogue"), external_id=draft.get("external_id"))
    answer = await answers.create(session, about, "test")
    turn = Turn(Role.CUSTOMER, question)
    stored = await dialogues.add(session, Dialogue(str(answer.id), (turn,)), "dialogues", "default", "hash")
    drafts = [
        PositionDraft(PositionKind.QUESTION, question, turn_id=stored.turn_ids[0]),
        PositionDraft(PositionKind.SENTENCE, text, turn_id=stored.turn_ids[0]),
    ]
    ids = await positions.add(session, answer.id, drafts)
    await keys.put(session, ENCODER, dict.fromkeys(ids, unit(1)), [answer.id])
    return answer


async def memory(database: Database, answer: Answer) -> tuple[AnswerStatus, list[str]]:
    """An answer's status and what its passages say."""
    async with database.reading() as session:
        held = await positions.of_answer(session, answer.id)
        return (await answers.get(session, answer.id)).status, sorted(one.text for one in held)


async def test_mined_answers_that_say_the_same_become_one_with_the_questions_of_all(database: Database) -> None:
    async with database.writing() as session:
        asked = ("Can I send it back?", "How long may I think?", "Is there a return policy?")
        texts = (
            THIRTY,
            f"Please note: {THIRTY}".removeprefix("Please note: ").rstrip("."),
            THIRTY.replace("You", "So you"),
        )
        stored = [await told(session, question, text) for question, text in zip(asked, texts, strict=True)]
    before = [await memory(database, answer) for answer in stored]
    assert await pair(database, ENCODER, no_progress) == Paired(merged=2)
    kept, *gone = stored
    assert await memory(database, kept) == (AnswerStatus.APPROVED, sorted([*asked, THIRTY]))
    assert [await memory(database, answer) for answer in gone] == [
        (AnswerStatus.RETIRED, [texts[1]]),
        (AnswerStatus.RETIRED, [texts[2]]),
    ]
    assert await pair(database, ENCODER, no_progress) == Paired()
    async with database.writing() as session:
        assert await answer_pairs.merged_into(session, [answer.id for answer in stored]) == {
            answer.id: kept.id for answer in gone
        }
        for merged in await answer_pairs.find(session, PairState.MERGED):
            await answer_pairs.undo(session, merged.id, "ada")
    assert [await memory(database, answer) for answer in stored] == before
    # What a person took apart is merged by persons only.
    assert await pair(database, ENCODER, no_progress) == Paired(0, Counter({Likeness.DUPLICATE: 1}))


async def test_an_answer_that_its_author_named_is_never_merged_but_a_reviewer_may(database: Database) -> None:
    async with database.writing() as session:
        mined = await told(session, "Can I send it back?", THIRTY)
        named = await told(session, "How do returns work?", f"{THIRTY} ", external_id="returns", origin="faq")
    paired = await pair(database, ENCODER, no_progress)
    assert (paired.merged, dict(paired.waiting)) == (0, {Likeness.DUPLICATE: 1})
    async with database.writing() as session:
        [waiting] = await answer_pairs.find(session)
        assert (waiting.first.id, waiting.second.id) == (named.id, mined.id)
        await answer_pairs.merge(session, waiting.id, "ada")
    assert (await memory(database, named))[1] == sorted(["Can I send it back?", "How do returns work?", f"{THIRTY} "])
    async with database.writing() as session:
        with pytest.raises(PairDecidedError, match="ada has already decided"):
            await answer_pairs.keep(session, waiting.id, "eve")


async def test_answers_that_contradict_each_other_are_linked_and_both_stay(database: Database) -> None:
    async with database.writing() as session:
        stored = [await told(session, f"Can I return it, {text[24:27]}?", text) for text in (THIRTY, THREE)]
    paired = await pair(database, ENCODER, no_progress)
    assert (paired.merged, dict(paired.waiting)) == (0, {Likeness.CONTRADICTION: 1})
    assert {(await memory(database, answer))[0] for answer in stored} == {AnswerStatus.APPROVED}
    async with database.writing() as session:
        [linked] = await answer_pairs.of_answer(session, stored[1].id)
        assert linked.kind is Likeness.CONTRADICTION
        await answer_pairs.keep(session, linked.id, "ada")
        assert await answer_pairs.count(session, PairState.OPEN) == dict.fromkeys(Likeness, 0)
        assert (await answer_pairs.undo(session, linked.id, "ada")).state is PairState.OPEN
        # A retired one contradicts nobody any more.
        await answers.set_status(session, stored[0].id, AnswerStatus.RETIRED)
        assert await answer_pairs.find(session) == []


async def test_a_pair_that_is_not_there_is_named(database: Database) -> None:
    async with database.reading() as session:
        with pytest.raises(PairNotFoundError, match="There is no pair"):
            await answer_pairs.get(session, new_id())


async def test_an_answer_whose_sentences_wait_for_their_keys_is_compared_once_they_have_them(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pairing, "ANSWERS_A_TRANSACTION", 1)
    monkeypatch.setattr(pairing, "ANSWERS_A_PAGE", 1)
    async with database.writing() as session:
        first = await told(session, "Can I send it back?", THIRTY)
        waiting = await answers.create(session, AnswerDraft(THIRTY.rstrip("."), "How long?", origin="dialogue"), "test")
        [sentence] = await positions.add(session, waiting.id, [PositionDraft(PositionKind.SENTENCE, waiting.text)])
    heard: list[tuple[int, int]] = []
    assert await pair(database, ENCODER, lambda *done: heard.append(done)) == Paired()
    async with database.writing() as session:
        await keys.put(session, ENCODER, {sentence: unit(1)}, [waiting.id])
    assert await pair(database, ENCODER, lambda *done: heard.append(done)) == Paired(merged=1)
    assert heard == [(1, 1), (1, 1)]
    assert (await memory(database, first))[0] is AnswerStatus.APPROVED
    assert (await memory(database, waiting))[0] is AnswerStatus.RETIRED
