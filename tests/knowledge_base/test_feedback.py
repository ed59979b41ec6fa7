"""What votes on sure answers tell, and what one rater's likes have taught, on both databases."""

import pytest
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge_base import answers, conversations, event_log, feedback, judgements, positions
from knowledge_base.answers import Answer, AnswerDraft
from knowledge_base.conversations import Opening
from knowledge_base.database import Database
from knowledge_base.feedback import Feedback, Vote
from knowledge_base.messages import BotDecision
from knowledge_base.positions import PositionDraft
from knowledge_base.tables import FeedbackRow
from weaver_core.dialogue import PositionKind

pytestmark = pytest.mark.anyio


async def voted(session: AsyncSession, shown: Answer, confidence: float, rating: str, rater: str) -> Feedback:
    """A judgement of an answer that was shown with so much confidence."""
    conversation = await conversations.open_conversation(session, Opening())
    asked = await event_log.add_customer_message(session, conversation.id, "one", "Where is it?")
    decision = BotDecision("answer", confidence, shown.id)
    reply = await event_log.add_bot_message(session, conversation.id, asked.message.seq, shown.text, decision)
    assert reply is not None
    return await feedback.record(session, Vote(reply.id, rating, rater, rater.split(":", 1)[0]))


async def like(session: AsyncSession, shown: Answer, judgement: Feedback, text: str) -> None:
    """What a judgement writes into an answer's memory."""
    draft = PositionDraft(PositionKind.LIKE, text, trust=-0.1, feedback_id=judgement.id)
    await positions.add(session, shown.id, [draft])


async def test_the_last_votes_of_one_kind_of_raters_on_sure_answers_are_looked_at(database: Database) -> None:
    async with database.writing() as session:
        shown = await answers.create(session, AnswerDraft("There.", "Where?"), "test")
        for confidence, rating, rater in (
            (0.95, "down", "visitor:1"),
            (0.95, "up", "visitor:2"),
            (0.92, "down", "visitor:3"),
            (0.5, "down", "visitor:4"),
            (0.99, "down", "agent:5"),
        ):
            await voted(session, shown, confidence, rating, rater)
        votes = await feedback.latest_votes(session, "visitor", 0.9)
        last = await feedback.latest_votes(session, "visitor", 0.9, limit=2)
    assert sorted(zip(votes.probabilities.tolist(), votes.down.tolist(), strict=True)) == [
        (0.92, True),
        (0.95, False),
        (0.95, True),
    ]
    assert last.probabilities.tolist() == [0.92, 0.95]


async def test_a_raters_likes_are_counted_and_one_is_taken_back_without_the_others(database: Database) -> None:
    async with database.writing() as session:
        shown = await answers.create(session, AnswerDraft("There.", "Where?"), "test")
        first = await voted(session, shown, 0.95, "up", "visitor:1")
        second = await voted(session, shown, 0.95, "up", "visitor:1")
        await like(session, shown, first, "Where is it?")
        await like(session, shown, second, "Where is it now?")
        correction = PositionDraft(PositionKind.CORRECTION, "Where could it be?", feedback_id=first.id)
        await positions.add(session, shown.id, [correction])
        assert await feedback.count_likes(session, "visitor:1") == 2
        assert await feedback.count_likes(session, "visitor:2") == 0
        await positions.remove_of_feedback(session, [first.id], PositionKind.LIKE)
        assert await feedback.count_likes(session, "visitor:1") == 1
        held = [position.text for position in await positions.of_answer(session, shown.id)]
    assert held == ["Where is it now?", "Where could it be?"]


async def test_what_was_heard_answered_instead_or_set_apart_is_no_vote(database: Database) -> None:
    async with database.writing() as session:
        shown = await answers.create(session, AnswerDraft("There.", "Where?"), "test")
        for rater in ("visitor:1", "turn:1", "handoff:ada", "visitor:2"):
            last = await voted(session, shown, 0.95, "down", rater)
        await session.execute(update(FeedbackRow).where(FeedbackRow.id == last.id).values(state=feedback.QUARANTINED))
        assert (await feedback.count(session))["down"] == 1
        assert await judgements.count_since(session, None) == 1
        assert last.id not in {vote.feedback_id for vote in await judgements.unwritten(session, ["visitor"], 10)}
