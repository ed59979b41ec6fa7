"""Near-identical questions that lead to different answers wait for a reviewer, on both databases."""

import anyio
import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge_base import answer_pairs, answers, keys, positions
from knowledge_base.answer_pairs import PairState
from knowledge_base.answers import Answer, AnswerDraft, AnswerStatus
from knowledge_base.database import Database
from knowledge_base.ingestion.importing import no_progress
from knowledge_base.likeness import Likeness
from knowledge_base.pairing import pair
from knowledge_base.positions import PositionDraft
from tests.knowledge_base.test_answers import ENCODER, unit
from weaver_core.dialogue import PositionKind

pytestmark = pytest.mark.anyio

ASKED, ASKED_TOO = "Is there a student discount?", "hey is there a student discount"


async def stored(session: AsyncSession, text: str, questions: dict[str, int], **draft: str) -> Answer:
    """An answer with questions, each of a direction of its own; what it says lies far from what others say."""
    answer = await answers.create(session, AnswerDraft(text, text, **draft), "test")  # type: ignore[arg-type]
    await ask(session, answer, questions)
    ids = await positions.add(session, answer.id, [PositionDraft(PositionKind.SENTENCE, text)])
    await keys.put(session, ENCODER, dict.fromkeys(ids, unit(40 + len(text) % 20)), [answer.id])
    return answer


async def ask(session: AsyncSession, answer: Answer, questions: dict[str, int]) -> None:
    """More questions of an answer."""
    for question, direction in questions.items():
        ids = await positions.add(session, answer.id, [PositionDraft(PositionKind.QUESTION, question)])
        await keys.put(session, ENCODER, dict.fromkeys(ids, unit(direction)), [answer.id])


async def found(database: Database) -> list[tuple[str, str]]:
    """What waits, after a comparison."""
    await pair(database, ENCODER, no_progress)
    async with database.reading() as session:
        waiting = await answer_pairs.find(session, PairState.OPEN, Likeness.SAME_QUESTION)
    return [(one.first.text, one.second.text) for one in waiting]


async def test_one_question_with_two_answers_waits_and_the_one_kept_has_the_questions_of_both(
    database: Database,
) -> None:
    async with database.writing() as session:
        first = await stored(session, "Students get ten percent.", {ASKED: 1, "Do you like tea?": 2})
        second = await stored(session, "We have no such thing for pupils, sorry.", {ASKED_TOO: 1})
        await stored(session, "Ships are large.", {"Is there a student ship?": 3})
    assert await found(database) == [(first.text, second.text)]
    assert await found(database) == [(first.text, second.text)]
    async with database.writing() as session:
        [waiting] = await answer_pairs.find(session, PairState.OPEN, Likeness.SAME_QUESTION)
        merged = await answer_pairs.merge_into_second(session, waiting.id, "ada")
        assert (merged.first.id, merged.second.status) == (second.id, AnswerStatus.RETIRED)
        held = {one.text for one in await positions.of_answer(session, second.id)}
        assert held >= {ASKED, ASKED_TOO}
        undone = await answer_pairs.undo(session, waiting.id, "ada")
        assert (undone.state, undone.second.status) == (PairState.KEPT, AnswerStatus.APPROVED)
        assert ASKED in {one.text for one in await positions.of_answer(session, first.id)}
    assert await found(database) == []


async def test_words_that_an_encoder_does_not_know_are_no_same_question(database: Database) -> None:
    async with database.writing() as session:
        await stored(session, "礼盒3.50英镑一个。", {"礼品包装多少钱": 1})
        await stored(session, "周一到周五自提，十点开门。", {"自提几点到几点": 1})
    assert await found(database) == []


@pytest.mark.parametrize("other", [{"collection": "zoo"}, {"language": "zh"}, {"status": AnswerStatus.RETIRED}])
async def test_answers_that_no_customer_could_get_both_of_are_not_compared(
    database: Database, other: dict[str, str]
) -> None:
    async with database.writing() as session:
        await stored(session, "Students get ten percent.", {ASKED: 1})
        await stored(session, "We have no such thing for pupils, sorry.", {ASKED_TOO: 1}, **other)
    assert await found(database) == []


async def test_a_question_that_comes_later_is_compared_too(database: Database) -> None:
    async with database.writing() as session:
        first = await stored(session, "Students get ten percent.", {ASKED: 1})
        second = await stored(session, "We have no such thing for pupils, sorry.", {"Do you like tea?": 2})
    assert await found(database) == []
    await anyio.sleep(0.01)
    async with database.writing() as session:
        await ask(session, second, {ASKED_TOO: 1})
    assert await found(database) == [(first.text, second.text)]
