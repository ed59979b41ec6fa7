"""Images in the memory: whose they are, how long they stay, and how they go, on both databases."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge_base import (
    attachments,
    backups,
    conversations,
    dialogues,
    drifts,
    event_log,
    exports,
    forgetting,
    messages,
    retention,
    schema,
    table_streams,
)
from knowledge_base.attachments import Attachment, Image
from knowledge_base.conversations import Conversation, Opening
from knowledge_base.database import Database
from knowledge_base.errors import AttachmentNotFoundError, AttachmentSentError, ClientIdReusedError
from knowledge_base.messages import BotDecision
from knowledge_base.retention import Retention
from knowledge_base.tables import AttachmentRow
from knowledge_base.tables.base import now

if TYPE_CHECKING:
    from tests.postgres import TemporaryPostgres

pytestmark = pytest.mark.anyio

IMAGE = Image(b"\x89PNG\x00pixels", "image/png", 30, 20)
READ = "error E-4021"


async def begin(session: AsyncSession, customer: str | None = None) -> Conversation:
    return await conversations.open_conversation(session, Opening(customer=customer))


async def kept(database: Database) -> list[tuple[UUID, bytes]]:
    async with database.reading() as session:
        rows = await session.execute(select(AttachmentRow.id, AttachmentRow.content).order_by(AttachmentRow.id))
        return [(row.id, row.content) for row in rows]


async def test_a_message_has_its_images_in_their_order_wherever_it_is_read(database: Database) -> None:
    async with database.writing() as session:
        conversation = await begin(session)
        one = await attachments.add(session, conversation.id, IMAGE, READ)
        two = await attachments.add(session, conversation.id, IMAGE, None)
        said = await event_log.add_customer_message(session, conversation.id, "c1", "Help", [two.id, one.id])
        decision = BotDecision("handoff", 0.1)
        reply = await event_log.add_bot_message(session, conversation.id, said.message.seq, "Hm.", decision)
        assert reply is not None
    assert said.message.attachments == (two, one)
    assert said.message.words == f"Help\n{READ}"
    async with database.reading() as session:
        (event, _) = await event_log.events_after(session, conversation.id, 0)
        assert event == said.message
        assert await messages.at(session, conversation.id, 1) == said.message
        (turn, _) = await messages.turns_before(session, conversation.id, 9)
        assert turn.text == f"Help\n{READ}"
        (asked,) = await drifts.asked(session, [reply.id])
        assert asked.text == f"Help\n{READ}"
        stored = await dialogues.get(session, conversation.id)
        assert stored.dialogue.turns[0].text == f"Help\n{READ}"
        assert await attachments.image(session, conversation.id, one.id) == IMAGE


async def test_a_left_message_comes_back_with_what_was_read_in_its_image(database: Database) -> None:
    async with database.writing() as session:
        conversation = await begin(session)
        image = await attachments.add(session, conversation.id, IMAGE, READ)
        await event_log.add_customer_message(session, conversation.id, "c1", "", [image.id])
    async with database.reading() as session:
        (left,) = await messages.unanswered(session, now())
    assert (left.text, left.words) == ("", READ)


async def test_an_image_is_its_conversation_s_and_one_message_s(database: Database) -> None:
    async with database.writing() as session:
        mine, other = await begin(session), await begin(session)
        image = await attachments.add(session, mine.id, IMAGE, None)
        with pytest.raises(AttachmentNotFoundError):
            await attachments.image(session, other.id, image.id)
        with pytest.raises(AttachmentNotFoundError):
            await attachments.claim(session, other.id, mine.id, [image.id])
        await event_log.add_customer_message(session, mine.id, "c1", "", [image.id])
    async with database.writing() as session:
        again = await event_log.add_customer_message(session, mine.id, "c1", "", [image.id])
        assert again.duplicate
        assert again.message.attachments == (image,)
        with pytest.raises(ClientIdReusedError):
            await event_log.add_customer_message(session, mine.id, "c1", "", [])
        with pytest.raises(AttachmentSentError):
            await event_log.add_customer_message(session, mine.id, "c2", "", [image.id])


async def test_an_image_that_no_message_names_goes_after_a_while(database: Database) -> None:
    async with database.writing() as session:
        conversation = await begin(session)
        sent = await attachments.add(session, conversation.id, IMAGE, None)
        await attachments.add(session, conversation.id, IMAGE, None)
        await event_log.add_customer_message(session, conversation.id, "c1", "", [sent.id])
        await attachments.drop_unsent(session, now() - timedelta(hours=1))
    assert len(await kept(database)) == 2
    async with database.writing() as session:
        await attachments.drop_unsent(session, now() + timedelta(hours=1))
    assert await kept(database) == [(sent.id, IMAGE.content)]


async def with_images(database: Database, customer: str) -> list[Attachment]:
    """A customer's conversation with an image that was sent and one that was not."""
    async with database.writing() as session:
        conversation = await begin(session, customer)
        images = [await attachments.add(session, conversation.id, IMAGE, READ) for _ in range(2)]
        await event_log.add_customer_message(session, conversation.id, "c1", "", [images[0].id])
    return images


async def test_a_forgotten_person_s_images_go_and_are_counted(database: Database) -> None:
    await with_images(database, "Vera")
    theirs = await with_images(database, "Otto")
    async with database.writing() as session:
        receipt = await forgetting.forget(session, "Vera", "ada")
    assert receipt.counts == {"attachments": 2, "conversations": 1, "dialogues": 1, "events": 1, "turns": 1}
    assert [key for key, _ in await kept(database)] == [image.id for image in theirs]


async def test_images_are_kept_no_longer_than_their_conversation(database: Database) -> None:
    await with_images(database, "Vera")
    later = now() + timedelta(days=2)
    assert (await retention.retain(database, Retention(days=1), later, "test"))["attachments"] == 2
    assert await kept(database) == []


async def test_a_person_s_export_holds_their_images(database: Database) -> None:
    images = await with_images(database, "Vera")
    await with_images(database, "Otto")
    async with database.reading() as session:
        found = await exports.of_customer(session, "Vera")
    assert [(row["id"], row["text"]) for row in found["attachment"]] == [(str(one.id), READ) for one in images]
    assert found["attachment"][0]["content"] == "iVBORwBwaXhlbHM="


@contextmanager
def another(request: pytest.FixtureRequest, database: Database, folder: Path) -> Iterator[str]:
    """A migrated, empty database of the other kind."""
    if database.is_sqlite:
        server: TemporaryPostgres = request.getfixturevalue("postgres")
        with server.copy_of(request.getfixturevalue("migrated_postgres")) as url:
            yield url
    else:
        url = f"sqlite:///{folder / 'other.db'}"
        schema.upgrade(url)
        yield url


async def test_images_are_copied_saved_and_restored(
    database: Database, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    for number in range(table_streams.HEAVY_ROWS_A_BATCH):
        await with_images(database, f"Vera {number}")
    file = tmp_path / "all.gz"
    await backups.save(database, file, lambda _done, _all: None)
    for way in ("copy", "restore"):
        with another(request, database, tmp_path) as url:
            other = Database(url)
            if way == "copy":
                await table_streams.copy(database, other, lambda _done, _all: None)
            else:
                await backups.restore(other, file, lambda _done, _all: None)
            assert await kept(other) == await kept(database)
            await other.close()
        (tmp_path / "other.db").unlink(missing_ok=True)
