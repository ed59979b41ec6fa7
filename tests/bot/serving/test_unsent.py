"""Answers that the bot may not send, read for agents: pending ones and one customer's."""

import pytest

from bot.reply import Query
from bot.serving.active_model import Serving
from bot.serving.options import DecisionOptions
from knowledge_base import answers
from knowledge_base.answers import AnswerDraft, AnswerStatus
from knowledge_base.database import Database
from tests.bot.serving.test_active_model import QUESTIONS, teach
from weaver_core.encoders.encoder import OnnxEncoder

pytestmark = pytest.mark.anyio

NORWAY = "Do you ship to Norway?"


async def test_what_waits_or_is_one_customers_is_near_for_agents_and_never_sent(
    database: Database, encoder: OnnxEncoder
) -> None:
    pending = AnswerDraft("Yes, in five days.", "Norway", language="en", status=AnswerStatus.PENDING, origin="dialogue")
    personal = AnswerDraft("Yours is at ‹address›.", "Norway", language="en", personal=True, origin="dialogue")
    retired = AnswerDraft("No.", "Norway", language="en", status=AnswerStatus.RETIRED)
    elsewhere = AnswerDraft("By boat.", "Norway", language="en", status=AnswerStatus.PENDING, collection="other")
    waiting = await teach(database, encoder, pending, [NORWAY])
    theirs = await teach(database, encoder, personal, ["Did you ship mine to Norway?"])
    for draft in (retired, elsewhere):
        await teach(database, encoder, draft, [NORWAY])
    serving = Serving(database, [encoder], DecisionOptions())
    async with serving.loaded():
        query = Query(NORWAY)
        near = await serving.near_unsent(query, 8)
        assert [memory.answer.id for memory in near] == [waiting.id, theirs.id]
        assert [memory.answer.id for memory in await serving.near_unsent(query, 1)] == [waiting.id]
        assert (await serving.respond(query)).candidates == ()
        considered = (await serving.respond(query, near)).candidates
        assert [one.answer.id for one in considered] == [waiting.id, theirs.id]
        assert considered[0].positions[0].position.text == NORWAY
        assert await serving.near_unsent(Query("?!"), 8) == []


async def test_it_is_read_with_what_the_bot_may_send_and_ranked_by_how_well_it_fits(
    sqlite_database: Database, encoder: OnnxEncoder
) -> None:
    for name, questions in QUESTIONS.items():
        await teach(
            sqlite_database, encoder, AnswerDraft(f"About {name}.", name, external_id=name, language="en"), questions
        )
    draft = AnswerDraft("Yes, in five days.", "Norway", language="en", status=AnswerStatus.PENDING, origin="dialogue")
    waiting = await teach(sqlite_database, encoder, draft, [NORWAY])
    serving = Serving(sqlite_database, [encoder], DecisionOptions())
    async with serving.loaded():
        for text, best in ((NORWAY, waiting.answer_id), ("How do I return a lamp?", "returns")):
            reply = await serving.respond(Query(text), await serving.near_unsent(Query(text), 8))
            assert [one.answer.answer_id for one in reply.candidates][:1] == [best]
            assert len(reply.candidates) == 3
            assert waiting.id not in {one.answer.id for one in (await serving.respond(Query(text))).candidates}
        async with sqlite_database.writing() as session:
            await answers.set_status(session, waiting.id, AnswerStatus.APPROVED)
        await serving.catch_up()
        assert await serving.near_unsent(Query(NORWAY), 8) == []


async def test_it_is_found_in_a_language_that_is_read_by_words_alone(
    sqlite_database: Database, encoder: OnnxEncoder
) -> None:
    draft = AnswerDraft("周六上午送达。", "周六", language="zh", status=AnswerStatus.PENDING, origin="dialogue")
    waiting = await teach(sqlite_database, encoder, draft, ["灯具周六能送到吗"])
    serving = Serving(sqlite_database, [encoder], DecisionOptions())
    async with serving.loaded():
        query = Query("灯具周六能送到吗？我办聚会要用")
        near = await serving.near_unsent(query, 8)
        assert [one.answer.id for one in (await serving.respond(query, near)).candidates] == [waiting.id]
