"""What agents share at the desk: notes, canned texts, presence, on both databases."""

from datetime import timedelta
from uuid import UUID

import anyio
import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge_base import canned_texts, conversations, desk_queue, event_log, exports, forgetting, notes, presence
from knowledge_base.canned_texts import Draft
from knowledge_base.conversations import Mode, Opening
from knowledge_base.database import Database
from knowledge_base.errors import (
    CannedTextExistsError,
    CannedTextNotFoundError,
    ConversationTakenError,
    DialogueNotFoundError,
    NoteNotFoundError,
)
from knowledge_base.identifiers import new_id
from knowledge_base.tables import NoteRow, PresenceRow
from knowledge_base.tables.base import now

pytestmark = pytest.mark.anyio

REFUND = Draft("refund", "en", "Your money is back within five days.")


async def opened(session: AsyncSession, customer: str = "Vera") -> UUID:
    """A new conversation of a customer's."""
    return (await conversations.open_conversation(session, Opening(customer=customer))).id


async def test_notes_are_kept_in_order_and_taken_back_by_who_wrote_them(database: Database) -> None:
    async with database.writing() as session:
        held, other = await opened(session), await opened(session)
        first = await notes.add(session, held, "ada", "Called back at noon.")
        second = await notes.add(session, held, "grace", "Wants the blue one.")
        await notes.add(session, other, "ada", "Another matter.")
    async with database.reading() as session:
        assert await notes.of_conversation(session, held) == [first, second]
        assert await event_log.events_after(session, held, 0) == []
    async with database.writing() as session:
        for author, conversation in (("grace", held), ("ada", other)):
            with pytest.raises(NoteNotFoundError):
                await notes.remove(session, conversation, first.id, author)
        await notes.remove(session, held, first.id, "ada")
        assert await notes.of_conversation(session, held) == [second]
        with pytest.raises(DialogueNotFoundError):
            await notes.add(session, new_id(), "ada", "On nothing.")


async def test_a_note_is_exported_and_forgotten_with_its_customer(database: Database) -> None:
    async with database.writing() as session:
        hers, his = await opened(session, "Vera"), await opened(session, "Otto")
        await notes.add(session, hers, "ada", "Vera is moving to Norway.")
        await notes.add(session, his, "ada", "Otto collects stamps.")
        await presence.note(session, "ada", hers)
        exported = await exports.of_customer(session, "Vera")
        assert [row["text"] for row in exported["note"]] == ["Vera is moving to Norway."]
        receipt = await forgetting.forget(session, "Vera", "ada")
        assert receipt.counts["notes"] == 1
    async with database.reading() as session:
        assert (await session.execute(select(NoteRow.text))).scalars().all() == ["Otto collects stamps."]
        assert [one.conversation_id for one in await presence.everybody(session)] == [None]


async def test_a_canned_text_has_one_wording_a_shortcut_and_language(database: Database) -> None:
    async with database.writing() as session:
        english = await canned_texts.add(session, REFUND, "ada")
        chinese = await canned_texts.add(session, Draft("refund", "zh", "款项五天内退回。"), "ada")
        with pytest.raises(CannedTextExistsError, match="/refund in en"):
            await canned_texts.add(session, REFUND, "grace")
        with pytest.raises(CannedTextExistsError, match="/refund in zh"):
            await canned_texts.change(session, english.id, Draft("refund", "zh", "Same place."), "grace")
        changed = await canned_texts.change(session, english.id, Draft("money-back", "en", "Back in a week."), "grace")
        assert (changed.id, changed.author) == (english.id, "grace")
    async with database.writing() as session:
        assert await canned_texts.every(session) == [changed, chinese]
        await canned_texts.remove(session, chinese.id)
        for missing in (
            canned_texts.remove(session, chinese.id),
            canned_texts.change(session, chinese.id, REFUND, "a"),
        ):
            with pytest.raises(CannedTextNotFoundError):
                await missing
        assert await canned_texts.every(session) == [changed]


async def test_an_agent_is_there_until_the_signs_of_life_stop(database: Database) -> None:
    async with database.writing() as session:
        held = await opened(session)
        assert not await presence.anybody(session)
        await presence.note(session, "grace")
        await presence.note(session, "ada")
        await presence.note(session, "ada", held)
        with pytest.raises(DialogueNotFoundError):
            await presence.note(session, "ada", new_id())
        assert [(one.agent, one.conversation_id) for one in await presence.everybody(session)] == [
            ("ada", held),
            ("grace", None),
        ]
        await presence.leave(session, "grace")
        assert [one.agent for one in await presence.everybody(session)] == ["ada"]
        silent = now() - presence.LASTS - timedelta(seconds=1)
        await session.execute(update(PresenceRow).values(seen_at=silent))
        assert (await presence.everybody(session), await presence.anybody(session)) == ([], False)


async def test_of_two_windows_that_come_at_once_both_are_heard(database: Database) -> None:
    async def come() -> None:
        async with database.writing() as session:
            await presence.note(session, "ada")

    async with anyio.create_task_group() as group:
        for _ in range(4):
            group.start_soon(come)
    async with database.reading() as session:
        assert [one.agent for one in await presence.everybody(session)] == ["ada"]


async def test_of_agents_who_take_one_conversation_at_once_one_wins_and_the_others_are_told_who(
    database: Database,
) -> None:
    async with database.writing() as session:
        held = await opened(session)
        await event_log.set_mode(session, held, Mode.WAITING)
    told: list[str] = []

    async def take(agent: str) -> None:
        try:
            async with database.writing() as session:
                await event_log.set_mode(session, held, Mode.AGENT, agent)
        except ConversationTakenError as error:
            told.append(str(error))

    async with anyio.create_task_group() as group:
        for agent in ("ada", "grace", "rhea"):
            group.start_soon(take, agent)
    async with database.reading() as session:
        winner = (await conversations.get(session, held)).agent
        events = await event_log.events_after(session, held, 0)
    assert winner in ("ada", "grace", "rhea")
    assert len(told) == 2
    assert all(str(winner) in sentence for sentence in told)
    assert [event.seq for event in events] == [1, 2]


async def test_who_waits_longest_is_first_however_much_the_others_and_they_write(database: Database) -> None:
    async with database.writing() as session:
        first, second = await opened(session), await opened(session)
        for conversation in (first, second):
            await event_log.add_customer_message(session, conversation, "one", f"Where is {conversation}?")
            await event_log.set_mode(session, conversation, Mode.WAITING)
        await event_log.add_customer_message(session, first, "two", "Is somebody reading this?")
        await opened(session)
    async with database.reading() as session:
        lines = await desk_queue.waiting(session)
    assert [line.conversation.id for line in lines] == [first, second]
    assert [line.last and line.last.text for line in lines] == ["Is somebody reading this?", f"Where is {second}?"]
    assert [line.unanswered for line in lines] == [2, 1]
    assert lines[0].since < lines[1].since


async def test_an_agents_own_list_begins_with_what_is_unanswered(database: Database) -> None:
    async with database.writing() as session:
        asking, answered, silent = [await opened(session) for _ in range(3)]
        for conversation in (asking, answered):
            await event_log.add_customer_message(session, conversation, "one", "Where is my kettle?")
        for conversation in (asking, answered, silent):
            await event_log.set_mode(session, conversation, Mode.AGENT, "ada")
            await event_log.add_agent_message(session, conversation, "ada", "One moment.")
        await event_log.add_customer_message(session, asking, "two", "And my lamp?")
        await event_log.add_agent_message(session, answered, "ada", "On its way.")
        await event_log.set_mode(session, await opened(session), Mode.AGENT, "grace")
    async with database.reading() as session:
        lines = await desk_queue.held_by(session, "ada")
    assert [line.conversation.id for line in lines] == [asking, answered, silent]
    assert [line.unanswered for line in lines] == [1, 0, 0]
    assert lines[2].last is None
