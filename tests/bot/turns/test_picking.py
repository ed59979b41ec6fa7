"""A suggestion that was clicked gives its answer, whatever the model would make of its title."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from uuid import UUID

import pytest

from bot.feed import Feed
from bot.turns.conversation import Turns
from bot.turns.dialogue_policy import DialoguePolicy
from knowledge_base import answers, conversations
from knowledge_base.answers import Answer, AnswerDraft, AnswerStatus
from knowledge_base.conversations import Conversation, Opening
from knowledge_base.database import Database
from knowledge_base.messages import Message
from tests.bot.script import Script, unheard

pytestmark = pytest.mark.anyio


@dataclass
class Asked:
    """A conversation with a bot that gives its first answer to all that does not begin with `which` or `person`."""

    turns: Turns
    conversation: Conversation
    stored: list[Answer]
    said: int = 0

    async def say(self, text: str) -> Message:
        """The bot's reply to the next message."""
        self.said += 1
        posted = await self.turns.post_message(self.conversation.id, f"c{self.said}", text)
        (reply,) = await self.turns.replies_to(posted.message)
        return reply


@pytest.fixture
async def asked(sqlite_database: Database) -> AsyncIterator[Asked]:
    async with sqlite_database.writing() as session:
        drafts = [
            AnswerDraft("It takes three days.", "Delivery", external_id="delivery"),
            AnswerDraft("Send it back.", "Returns", external_id="returns"),
            AnswerDraft("收货后30天内可以退货。", "退货政策", external_id="returns.zh", language="zh"),
        ]
        stored = [await answers.create(session, draft, "test") for draft in drafts]
        conversation = await conversations.open_conversation(session, Opening())
    turns = Turns(
        sqlite_database, DialoguePolicy(Script(stored).respond, unheard), Feed(sqlite_database), text_limit=100
    )
    async with turns.running():
        yield Asked(turns, conversation, stored)


@pytest.mark.parametrize(
    ("title", "text"),
    [("Returns", "Send it back."), ("  Returns ", "Send it back."), ("退货政策", "收货后30天内可以退货。")],
)
async def test_the_title_of_a_suggestion_that_was_just_offered_gives_its_answer(
    asked: Asked, title: str, text: str
) -> None:
    offered = await asked.say("which one is it?")
    assert offered.bot is not None
    assert [one["title"] for one in offered.bot.suggestions] == ["Delivery", "Returns", "退货政策"]
    reply = await asked.say(title)
    assert (reply.text, reply.bot and (reply.bot.decision, reply.bot.why)) == (text, ("answer", "picked"))


async def test_the_title_of_what_was_told_beside_an_answer_gives_it(sqlite_database: Database) -> None:
    async with sqlite_database.writing() as session:
        delivery = await answers.create(session, AnswerDraft("It takes three days.", "Delivery"), "test")
        returns = await answers.create(session, AnswerDraft("Send it back.", "Returns"), "test")
        conversation = await conversations.open_conversation(session, Opening())

    async def goes_with(_history: Sequence[UUID], _answer: Answer) -> tuple[Answer, ...]:
        return (returns,)

    policy = DialoguePolicy(Script([delivery, returns]).respond, unheard, goes_with)
    turns = Turns(sqlite_database, policy, Feed(sqlite_database), text_limit=100)
    async with turns.running():
        asked = Asked(turns, conversation, [delivery, returns])
        told = await asked.say("When does it come?")
        assert told.bot is not None
        assert told.bot.related == [{"answer_id": returns.answer_id, "title": "Returns"}]
        assert (await asked.say("Returns")).text == "Send it back."


async def test_a_title_that_was_not_offered_right_before_is_a_question_like_any_other(asked: Asked) -> None:
    assert (await asked.say("Returns")).text == "It takes three days."
    await asked.say("which one is it?")
    await asked.say("person please")
    reply = await asked.say("Returns")
    assert reply.bot is not None
    assert reply.bot.why != "picked"


async def test_a_suggestion_that_was_withdrawn_meanwhile_is_not_given(asked: Asked, sqlite_database: Database) -> None:
    await asked.say("which one is it?")
    async with sqlite_database.writing() as session:
        await answers.set_status(session, asked.stored[1].id, AnswerStatus.RETIRED)
    assert (await asked.say("Returns")).text != "Send it back."
