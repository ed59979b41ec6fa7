"""One customer turn: stored, answered in order, exactly once, and never in silence."""

from collections.abc import AsyncIterator
from datetime import timedelta

import anyio
import pytest

from bot.errors import AnswerInterruptedError, TextEmptyError, TextTooLongError
from bot.feed import Feed
from bot.reply import Decision, Query, Reply
from bot.turns.conversation import Turns
from bot.turns.dialogue_policy import DialoguePolicy
from knowledge_base import conversations, event_log
from knowledge_base.conversations import Conversation, Mode, Opening
from knowledge_base.database import Database
from knowledge_base.errors import ConversationClosedError, DatabaseUnavailableError, DialogueNotFoundError
from knowledge_base.event_log import Event, Status
from knowledge_base.identifiers import new_id
from knowledge_base.messages import Message
from knowledge_base.tables.base import now
from tests.bot.script import unheard
from weaver_core.dialogue import Role

pytestmark = pytest.mark.anyio


class Model:
    """Hands everything off, once the gate is open; `fails` are raised first."""

    def __init__(self) -> None:
        self.asked: list[Query] = []
        self.gate = anyio.Event()
        self.gate.set()
        self.fails: list[Exception] = []

    async def respond(self, query: Query) -> Reply:
        """Decide for a turn."""
        self.asked.append(query)
        await self.gate.wait()
        if self.fails:
            raise self.fails.pop(0)
        return Reply(Decision.HANDOFF, 0.25, (), "en", "v1", None, "unsure")


@pytest.fixture
def model() -> Model:
    return Model()


@pytest.fixture(autouse=True)
def _no_sweep(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is left unanswered is looked for when a test does, not whenever a slow machine has let five seconds pass."""
    monkeypatch.setattr("bot.turns.conversation.SWEEP_EVERY_SECONDS", 3600.0)


@pytest.fixture
async def turns(database: Database, model: Model) -> AsyncIterator[Turns]:
    turns = Turns(database, DialoguePolicy(model.respond, unheard), Feed(database), text_limit=100)
    async with turns.running():
        yield turns


@pytest.fixture
async def conversation(database: Database) -> Conversation:
    async with database.writing() as session:
        return await conversations.open_conversation(session, Opening())


async def log(database: Database, conversation: Conversation) -> list[Event]:
    """A conversation's events."""
    async with database.reading() as session:
        return await event_log.events_after(session, conversation.id, 0)


async def test_a_turn_is_answered_with_its_history_in_front_of_it(
    turns: Turns, model: Model, conversation: Conversation
) -> None:
    for number in range(2):
        posted = await turns.post_message(conversation.id, f"c{number}", f"question {number}")
        await turns.replies_to(posted.message)
    assert [(turn.role, turn.text) for turn in model.asked[1].history[:1]] == [(Role.CUSTOMER, "question 0")]
    assert model.asked[1].history[1].role is Role.BOT
    assert model.asked[1].text == "question 1"


async def test_turns_of_one_conversation_are_answered_in_their_order(
    turns: Turns, model: Model, database: Database, conversation: Conversation
) -> None:
    model.gate = anyio.Event()
    posted = [await turns.post_message(conversation.id, f"c{number}", f"question {number}") for number in range(4)]
    answering = [turns.answer(one.message) for one in posted]
    assert turns.answer(posted[0].message) is answering[0]
    await anyio.wait_all_tasks_blocked()
    model.gate.set()
    for one in answering:
        await one.done.wait()
    said = [event for event in await log(database, conversation) if isinstance(event, Message) and event.bot]
    assert [message.in_reply_to for message in said] == [1, 2, 3, 4]
    assert [query.text for query in model.asked] == [f"question {number}" for number in range(4)]


async def test_a_hand_off_makes_the_conversation_wait_once_after_the_bots_message(
    turns: Turns, database: Database, conversation: Conversation
) -> None:
    for number in range(2):
        posted = await turns.post_message(conversation.id, f"c{number}", "where is it?")
        await turns.replies_to(posted.message)
    events = await log(database, conversation)
    assert [type(event) for event in events] == [Message, Message, Status, Message, Message]
    assert [event.mode for event in events if isinstance(event, Status)] == [Mode.WAITING]


async def test_a_person_who_takes_the_turn_while_the_model_thinks_has_it(
    turns: Turns, model: Model, database: Database, conversation: Conversation
) -> None:
    model.gate = anyio.Event()
    posted = await turns.post_message(conversation.id, "c1", "where is it?")
    answering = turns.answer(posted.message)
    await anyio.wait_all_tasks_blocked()
    async with database.writing() as session:
        await event_log.set_mode(session, conversation.id, Mode.AGENT, "ada")
    model.gate.set()
    await answering.done.wait()
    assert (answering.replies, answering.error) == ([], None)
    assert not await turns.replies_to(posted.message)
    assert [type(event) for event in await log(database, conversation)] == [Message, Status]


async def test_a_model_that_fails_hands_over_to_a_person(
    turns: Turns, model: Model, database: Database, conversation: Conversation
) -> None:
    model.fails = [ZeroDivisionError("of the model")]
    posted = await turns.post_message(conversation.id, "c1", "where is it?")
    (reply,) = await turns.replies_to(posted.message)
    assert reply.bot is not None
    assert (reply.bot.decision, reply.bot.confidence) == ("handoff", 0.0)
    assert (await log(database, conversation))[-1].seq == 3


async def test_a_database_that_is_gone_for_a_moment_leaves_the_turn_for_the_sweep(
    turns: Turns, model: Model, conversation: Conversation
) -> None:
    model.fails = [DatabaseUnavailableError("gone")]
    posted = await turns.post_message(conversation.id, "c1", "where is it?")
    with pytest.raises(DatabaseUnavailableError):
        await turns.replies_to(posted.message)
    (answering,) = await turns.answer_unanswered(now() + timedelta(seconds=1))
    await answering.done.wait()
    assert answering.replies


async def test_turns_that_a_crash_left_are_answered_exactly_once(
    database: Database, model: Model, conversation: Conversation
) -> None:
    async with database.writing() as session:
        for number in range(3):
            await event_log.add_customer_message(session, conversation.id, f"c{number}", f"question {number}")
    one, two = (
        Turns(database, DialoguePolicy(model.respond, unheard), Feed(database), text_limit=100) for _ in range(2)
    )
    async with one.running(), two.running():
        later = now() + timedelta(seconds=1)
        for turns in (one, two, one, two):
            for answering in await turns.answer_unanswered(later):
                await answering.done.wait()
    said = [event for event in await log(database, conversation) if isinstance(event, Message) and event.bot]
    assert sorted(str(message.in_reply_to) for message in said) == ["1", "2", "3"]


@pytest.mark.slow
async def test_a_process_that_stops_says_so_to_those_who_wait(
    database: Database, model: Model, conversation: Conversation
) -> None:
    model.gate = anyio.Event()
    turns = Turns(database, DialoguePolicy(model.respond, unheard), Feed(database), text_limit=100)
    async with turns.running():
        posted = await turns.post_message(conversation.id, "c1", "where is it?")
        answering = turns.answer(posted.message)
        await anyio.wait_all_tasks_blocked()
    assert isinstance(answering.error, AnswerInterruptedError)
    with pytest.raises(AnswerInterruptedError):
        await turns.replies_to(posted.message)


async def test_two_senders_of_one_client_id_store_one_message(
    turns: Turns, database: Database, conversation: Conversation
) -> None:
    seqs: list[int] = []

    async def send() -> None:
        seqs.append((await turns.post_message(conversation.id, "c1", "where is it?")).message.seq)

    async with anyio.create_task_group() as group:
        for _ in range(8):
            group.start_soon(send)
    assert seqs == [1] * 8
    assert len(await log(database, conversation)) == 1


async def test_stripped_characters_are_counted(turns: Turns, conversation: Conversation) -> None:
    posted = await turns.post_message(conversation.id, "c1", "a\x00b\ud800c")
    assert (posted.message.text, posted.stripped) == ("abc", 2)


@pytest.mark.parametrize(("text", "error"), [("x" * 101, TextTooLongError), (" \x00 ", TextEmptyError)])
async def test_a_text_outside_the_limits_stores_nothing(
    turns: Turns, database: Database, conversation: Conversation, text: str, error: type[Exception]
) -> None:
    with pytest.raises(error, match="1 to 100"):
        await turns.post_message(conversation.id, "c1", text)
    assert await log(database, conversation) == []


async def test_a_customer_who_asks_for_a_person_is_told_once_and_keeps_the_bot_meanwhile(
    turns: Turns, database: Database, conversation: Conversation
) -> None:
    assert await turns.request_handoff(conversation.id) is Mode.WAITING
    assert await turns.request_handoff(conversation.id) is Mode.WAITING
    posted = await turns.post_message(conversation.id, "c1", "still there?")
    assert await turns.replies_to(posted.message)
    events = await log(database, conversation)
    assert [type(event) for event in events] == [Message, Status, Message, Message]
    assert isinstance(events[0], Message)
    assert events[0].role is Role.SYSTEM


async def test_asking_for_a_person_takes_the_turn_from_nobody(
    turns: Turns, database: Database, conversation: Conversation
) -> None:
    async with database.writing() as session:
        await event_log.set_mode(session, conversation.id, Mode.AGENT, "ada")
    assert await turns.request_handoff(conversation.id) is Mode.AGENT
    async with database.writing() as session:
        await event_log.set_mode(session, conversation.id, Mode.CLOSED)
    with pytest.raises(ConversationClosedError):
        await turns.request_handoff(conversation.id)
    with pytest.raises(DialogueNotFoundError):
        await turns.request_handoff(new_id())


async def test_old_conversations_are_left_to_the_start_and_not_to_the_sweep(
    turns: Turns, database: Database, conversation: Conversation
) -> None:
    async with database.writing() as session:
        await event_log.add_customer_message(session, conversation.id, "c1", "where is it?")
    later = now() + timedelta(seconds=1)
    assert await turns.answer_unanswered(later, since=later) == []
    assert len(await turns.answer_unanswered(later, since=later - timedelta(hours=1))) == 1
