"""Old dialogues go, by age and by collection, on both databases."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from knowledge_base import dialogues, retention
from knowledge_base.database import Database
from knowledge_base.retention import Retention
from knowledge_base.tables import DialogueRow
from weaver_core.dialogue import Dialogue, Role, Turn

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 6, 1, tzinfo=UTC)


async def test_what_is_kept_no_longer_goes_by_age_and_by_collection(database: Database) -> None:
    async with database.writing() as session:
        for collection in ("default", "vip"):
            for days in (5, 40, 400):
                turn = Turn(Role.CUSTOMER, "Hello there", NOW - timedelta(days=days))
                dialogue = Dialogue(f"{collection} {days}", (turn,))
                await dialogues.add(session, dialogue, "dialogues", collection, "hash")

    async def left() -> list[str | None]:
        async with database.reading() as session:
            query = select(DialogueRow.external_id).order_by(DialogueRow.id)
            return list((await session.execute(query)).scalars())

    assert not await retention.retain(database, Retention(), NOW, "test")
    gone = await retention.retain(database, Retention(by_collection={"vip": 30}), NOW, "test")
    assert (gone["dialogues"], await left()) == (2, ["default 5", "default 40", "default 400", "vip 5"])
    await retention.retain(database, Retention(365, {"vip": 3}), NOW, "test")
    assert await left() == ["default 5", "default 40"]
