"""What a customer says next is kept as a weak judgement of what the bot said before, until somebody votes."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from bot.feed import Feed
from bot.turns import leaving
from bot.turns.conversation import Turns
from bot.turns.dialogue_policy import DialoguePolicy
from knowledge_base import answers, conversations, feedback
from knowledge_base.answers import AnswerDraft
from knowledge_base.conversations import Conversation, Opening
from knowledge_base.database import Database
from knowledge_base.feedback import Feedback, Vote
from knowledge_base.messages import Message
from tests.bot.script import Script, unheard

pytestmark = pytest.mark.anyio


class Customer:
    """A customer in a conversation with a bot that answers everything but what begins with `person`."""

    def __init__(self, database: Database, turns: Turns) -> None:
        self._database, self._turns, self._said = database, turns, 0
        self._conversation: Conversation | None = None

    async def ask_for_a_person(self) -> None:
        """Press the button."""
        assert self._conversation is not None
        await self._turns.request_handoff(self._conversation.id)

    def come_back(self) -> None:
        """Go, and begin another conversation with the next message."""
        self._conversation = None

    async def say(self, text: str) -> Message:
        """The bot's message in reply."""
        if self._conversation is None:
            async with self._database.writing() as session:
                self._conversation = await conversations.open_conversation(session, Opening())
        self._said += 1
        posted = await self._turns.post_message(self._conversation.id, f"c{self._said}", text)
        return (await self._turns.replies_to(posted.message))[0]


@pytest.fixture
async def customer(database: Database) -> AsyncIterator[Customer]:
    async with database.writing() as session:
        drafts = [AnswerDraft("It takes three days.", "Delivery"), AnswerDraft("Send it back.", "Returns")]
        stored = [await answers.create(session, draft, "test") for draft in drafts]
    turns = Turns(database, DialoguePolicy(Script(stored).respond, unheard), Feed(database), text_limit=100)
    async with turns.running():
        yield Customer(database, turns)


async def judged(database: Database) -> list[Feedback]:
    """All judgements that wait."""
    async with database.reading() as session:
        return await feedback.queue(session, ratings=["up", "down"])


async def test_thanks_and_complaints_are_kept_with_the_answer_that_they_follow(
    customer: Customer, database: Database
) -> None:
    first = await customer.say("how long does it take?")
    await customer.say("it is still not here")
    customer.come_back()
    second = await customer.say("how long does it take?")
    await customer.say("perfect, thanks")
    found = [(one.message_id, one.rating, one.reason, one.rater_role) for one in await judged(database)]
    assert found == [(first.id, "down", "complaint", "turn"), (second.id, "up", "thanks", "turn")]
    async with database.reading() as session:
        assert await feedback.count(session) == {"up": 0, "down": 0, "open": 1}


async def test_what_says_nothing_of_the_answer_or_follows_none_is_no_judgement(
    customer: Customer, database: Database
) -> None:
    await customer.say("perfect, thanks")
    await customer.say("how much is it?")
    await customer.say("person please")
    await customer.say("that worked, thanks")
    assert await judged(database) == []


async def test_a_vote_takes_the_place_of_what_was_heard_and_is_not_heard_over(
    customer: Customer, database: Database
) -> None:
    first = await customer.say("how long does it take?")
    second = await customer.say("it is still not here")
    async with database.writing() as session:
        for message in (first, second):
            await feedback.record(session, Vote(message.id, "up", "visitor:1", "visitor"))
    await customer.say("that did not help")
    assert [(one.message_id, one.rater) for one in await judged(database)] == [
        (first.id, "visitor:1"),
        (second.id, "visitor:1"),
    ]


def heard(found: list[Feedback]) -> list[tuple[object, ...]]:
    return [(one.message_id, one.rating, one.reason, one.suggested_answer_id is not None) for one in found]


@pytest.mark.parametrize("next_turn", ["returns", "delivery!", "how long does it take?"])
async def test_a_suggestion_is_picked_by_its_title_or_by_going_on_with_its_answer(
    customer: Customer, database: Database, next_turn: str
) -> None:
    offered = await customer.say("which one is it?")
    await customer.say(next_turn)
    assert heard(await judged(database)) == [(offered.id, "up", "picked", True)]


async def test_suggestions_that_are_left_for_something_else_are_kept_as_abandoned(
    customer: Customer, database: Database
) -> None:
    first = await customer.say("which one is it?")
    second = await customer.say("which of all these?")
    await customer.say("person please")
    assert heard(await judged(database)) == [
        (first.id, "down", "abandoned", False),
        (second.id, "down", "abandoned", False),
    ]
    async with database.reading() as session:
        assert await feedback.count(session) == {"up": 0, "down": 0, "open": 2}


async def test_who_asks_for_a_person_leaves_the_suggestions_and_no_answer(
    customer: Customer, database: Database
) -> None:
    await customer.say("how long does it take?")
    offered = await customer.say("which one is it?")
    await customer.ask_for_a_person()
    assert heard(await judged(database)) == [(offered.id, "down", "abandoned", False)]


async def test_who_goes_away_from_suggestions_without_a_word_has_abandoned_them(
    customer: Customer, database: Database
) -> None:
    offered = await customer.say("which one is it?")
    assert await leaving.look(database, datetime.now(UTC)) == 0
    later = datetime.now(UTC) + leaving.GONE_AFTER
    assert await leaving.look(database, later) == 1
    assert heard(await judged(database)) == [(offered.id, "down", "abandoned", False)]
    assert await leaving.look(database, later) == 0
    await customer.say("how long does it take?")
    assert await leaving.look(database, later) == 0


async def test_thanks_after_suggestions_that_are_answered_with_none_of_them_leave_none_abandoned(
    customer: Customer, database: Database
) -> None:
    await customer.say("which one is it?")
    await customer.say("person that worked, thanks")
    assert await judged(database) == []
