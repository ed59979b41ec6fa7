"""Drift alarms as they are stored: read from replies and votes, recorded once, ended or accepted."""

from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge_base import audit, conversations, drifts, erasure, event_log, feedback, models
from knowledge_base.conversations import Opening
from knowledge_base.database import Database
from knowledge_base.drifts import Found, Reply
from knowledge_base.errors import DriftNotFoundError
from knowledge_base.feedback import Vote
from knowledge_base.identifiers import new_id
from knowledge_base.messages import BotDecision
from knowledge_base.models import ModelDraft
from weaver_core.drift import Watch
from weaver_core.sequential import Counted

pytestmark = pytest.mark.anyio


async def said(session: AsyncSession, confidence: float, text: str = "Where is it?") -> UUID:
    """A turn that was answered with so much confidence, by its bot message."""
    opened = await conversations.open_conversation(session, Opening())
    asked = await event_log.add_customer_message(session, opened.id, "c", text)
    told = await event_log.add_bot_message(
        session, opened.id, asked.message.seq, "x", BotDecision("answer", confidence)
    )
    assert told is not None
    return told.id


def found(first: UUID, last: UUID) -> Found:
    return Found(first, last, Watch(Counted(20.0, 200), Counted(9.5, 20), 0.0, 0.3), Counted(11, 200))


async def test_the_newest_replies_come_in_their_order_with_the_votes_that_count(database: Database) -> None:
    async with database.writing() as session:
        turns = [await said(session, confidence) for confidence in (0.1, 0.2, 0.3, 0.4)]
        await feedback.record(session, Vote(turns[2], feedback.UP, "visitor:1", "visitor"))
        await feedback.record(session, Vote(turns[2], feedback.DOWN, "rhea", "reviewer"))
        await feedback.record(session, Vote(turns[3], feedback.DOWN, "visitor:1", feedback.HEARD))
    async with database.reading() as session:
        assert await drifts.replies(session, None, 3) == [
            Reply(turns[1], 0.2, None),
            Reply(turns[2], 0.3, None, (True, False)),
            Reply(turns[3], 0.4, None),
        ]
        assert [reply.message_id for reply in await drifts.replies(session, turns[3], 3)] == turns[3:]
        assert await drifts.replies(session, new_id(), 3) == []


async def test_an_alarm_is_recorded_once_and_its_end_once(database: Database) -> None:
    async with database.writing() as session:
        assert await drifts.current(session) is None
        first, last = await said(session, 0.2), await said(session, 0.1)
        begun = await drifts.begin(session, found(first, last), None, "watch")
        assert begun is not None
        assert begun == await drifts.current(session)
        assert begun.watch == found(first, last).watch
        assert begun.before == Counted(11, 200)
        assert await drifts.begin(session, found(first, last), None, "another") is None
    async with database.writing() as session:
        assert await drifts.end(session, begun.id, last, "watch")
        assert not await drifts.end(session, begun.id, last, "another")
        over = await drifts.newest(session)
        assert over is not None
        assert (over.id, over.state, over.ended_by, over.seen_turn_id) == (begun.id, drifts.OVER, "watch", last)
        assert await drifts.current(session) is None
        # A process that looked before the end knows another last alarm than there is.
        assert await drifts.begin(session, found(first, last), begun, "late") is None
        assert await drifts.begin(session, found(first, last), over, "watch") is not None
        actions = [entry.action for entry in await audit.newest(session)]
    assert actions == [drifts.BEGAN, drifts.ENDED, drifts.BEGAN]


async def test_a_reviewer_accepts_an_alarm_and_what_came_so_far_is_not_looked_at_again(database: Database) -> None:
    async with database.writing() as session:
        first, last = await said(session, 0.2), await said(session, 0.1)
        begun = await drifts.begin(session, found(first, first), None, "watch")
        assert begun is not None
        await drifts.accept(session, begun.id, "rhea")
        over = await drifts.newest(session)
        assert over is not None
        assert (over.state, over.ended_by, over.seen_turn_id) == (drifts.OVER, "rhea", last)
        with pytest.raises(DriftNotFoundError):
            await drifts.accept(session, begun.id, "sam")
        assert [entry.action for entry in await audit.newest(session)] == [drifts.ACCEPTED, drifts.BEGAN]


async def test_what_was_asked_is_read_from_the_turns_and_gone_with_them(database: Database) -> None:
    async with database.writing() as session:
        first, last = await said(session, 0.2, "What is a lamp?"), await said(session, 0.1, "And a boot?")
        begun = await drifts.begin(session, found(first, last), None, "watch")
        assert begun is not None
        await drifts.set_typical(session, begun.id, [last, first], 7)
        held = await drifts.current(session)
        assert held is not None
        assert (held.typical, held.typical_of) == ((last, first), 7)
        asked = await drifts.asked(session, held.typical)
        assert [(one.message_id, one.text, one.seq) for one in asked] == [
            (last, "And a boot?", 1),
            (first, "What is a lamp?", 1),
        ]
        await erasure.erase(session, [asked[0].conversation_id])
        assert [one.text for one in await drifts.asked(session, held.typical)] == ["What is a lamp?"]


async def test_how_sure_versions_were_of_their_own_memory_is_weighed_by_its_questions(database: Database) -> None:
    figures = {"en": {"questions": 300, "confidence": 0.9}, "zh": {"questions": 100, "confidence": 0.7}}
    async with database.writing() as session:
        told = await models.promote_fit(session, ModelDraft("tiny@1", {}, figures, ""), "test")
        older = await models.promote_fit(session, ModelDraft("tiny@1", {}, {"en": {"questions": 9}}, ""), "test")
        assert await drifts.confidences(session, [told.id, older.id]) == {told.id: pytest.approx(0.85)}
