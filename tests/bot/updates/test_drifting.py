"""The drift alarm in service: begun once, with what is new, ended once, and not for another version's sake."""

import re
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import anyio
import httpx2
import numpy as np
import pytest
from sqlalchemy import insert

from bot.serving.active_model import Serving
from bot.serving.options import DecisionOptions
from bot.settings import Settings
from bot.updates import drifting
from bot.updates.updating import Updating
from knowledge_base import audit, conversations, drifts, feedback, models
from knowledge_base.accounts import AccountRole
from knowledge_base.answers import AnswerDraft
from knowledge_base.database import Database
from knowledge_base.feedback import Vote
from knowledge_base.identifiers import new_id
from knowledge_base.models import ModelDraft, ModelVersion
from knowledge_base.tables import Base, BotMessageRow, ConversationRow, DialogueRow, EventRow, TurnRow
from knowledge_base.tables.base import now
from tests.bot.conftest import Serve
from tests.bot.person import add_account, signed_in
from tests.bot.serving.test_active_model import teach
from weaver_core.encoders.encoder import OnnxEncoder
from weaver_core.readers import Readers

pytestmark = pytest.mark.anyio

KNOWN, NEW = "Where is my parcel?", ("Do you sell lamps?", "Is there a shop in town?")


@pytest.fixture
async def serving(database: Database, encoder: OnnxEncoder) -> AsyncIterator[Serving]:
    await teach(database, encoder, AnswerDraft("Three days.", "Delivery", "delivery", "en"), [KNOWN])
    async with Serving(database, [encoder], DecisionOptions()).loaded() as loaded:
        yield loaded


def sure(turns: int, wrong: float, seed: int = 0) -> list[float]:
    """Confidences of so many turns, of which so many in one are wrong."""
    return [float(1 - x) for x in np.random.default_rng(seed).beta(0.3, 0.3 * (1 - wrong) / wrong, turns)]


async def ask(
    database: Database,
    confidences: Sequence[float],
    version: ModelVersion | None = None,
    texts: Sequence[str] = (KNOWN,),
) -> list[UUID]:
    """Turns that were answered with so much confidence, each in a conversation of its own, as they are stored."""
    tables = (DialogueRow, ConversationRow, TurnRow, EventRow, BotMessageRow)
    rows: dict[type[Base], list[dict[str, object]]] = {table: [] for table in tables}
    for number, confidence in enumerate(confidences):
        dialogue, question, reply = new_id(), new_id(), new_id()
        turn = {"dialogue_id": dialogue, "author": None, "client_id": None, "at": now()}
        text = texts[number % len(texts)]
        asked = {"id": question, "ordinal": 1, "role": "customer", "text": text, "in_reply_to": None}
        told = {"id": reply, "ordinal": 2, "role": "bot", "text": "words", "in_reply_to": 1}
        rows[DialogueRow].append({"id": dialogue, "source": conversations.SOURCE})
        rows[ConversationRow].append({"dialogue_id": dialogue, "last_seq": 2})
        rows[TurnRow] += [turn | asked, turn | told]
        rows[EventRow] += [
            {"dialogue_id": dialogue, "seq": seq, "turn_id": id_} for seq, id_ in ((1, question), (2, reply))
        ]
        said = {"turn_id": reply, "decision": "answer", "confidence": confidence, "candidates": [], "suggestions": []}
        rows[BotMessageRow].append(said | {"model_version_id": version.id if version else None})
    async with database.writing() as session:
        for table, held in rows.items():
            await session.execute(insert(table), held)
    return [row["turn_id"] for row in rows[BotMessageRow] if isinstance(row["turn_id"], UUID)]


async def actions(database: Database) -> list[str]:
    async with database.reading() as session:
        return [entry.action for entry in await audit.newest(session) if entry.actor == drifting.ACTOR]


async def version_of(database: Database, encoder: OnnxEncoder, confidence: float | None) -> ModelVersion:
    """Another version, so sure of the questions that the memory holds."""
    figures = {} if confidence is None else {"en": {"questions": 500, "confidence": confidence}}
    async with database.writing() as session:
        draft = ModelDraft(encoder.version, Readers((encoder,)).to_json(), figures, "")
        return await models.promote_fit(session, draft, "test")


async def test_an_alarm_begins_and_ends_once_though_several_look_and_shows_what_is_new(
    database: Database, serving: Serving
) -> None:
    await ask(database, sure(600, 0.1))
    assert await drifting.look(database, serving) is None
    new = await ask(database, sure(200, 0.45, 1), texts=NEW)
    async with anyio.create_task_group() as group:
        for _ in range(3):
            group.start_soon(drifting.look, database, serving)
    held = await drifting.look(database, serving)
    assert held is not None
    assert await actions(database) == [drifts.BEGAN]
    change = await drifting.current(database)
    assert change is not None
    assert change.drift.since_turn_id in new[:30] or change.since.total < 230
    assert change.since.happened > 0.3 * change.since.total
    assert change.drift.before.happened < 0.2 * change.drift.before.total
    assert 0 < len(change.typical) <= drifting.TYPICAL
    assert sorted(one.text for one in change.typical) == sorted(NEW)
    await ask(database, sure(900, 0.12, 2), texts=NEW)
    async with anyio.create_task_group() as group:
        for _ in range(3):
            group.start_soon(drifting.look, database, serving)
    assert await actions(database) == [drifts.ENDED, drifts.BEGAN]
    assert await drifting.current(database) is None
    await ask(database, sure(600, 0.12, 3), texts=NEW)
    assert await drifting.look(database, serving) is None


async def test_the_examples_grow_with_the_change(database: Database, serving: Serving) -> None:
    await ask(database, sure(300, 0.1))
    await ask(database, sure(120, 0.6, 1), texts=NEW[:1])
    first = await drifting.look(database, serving)
    assert first is not None
    await ask(database, [0.1] * 150, texts=NEW[1:])
    await drifting.look(database, serving)
    change = await drifting.current(database)
    assert change is not None
    assert NEW[1] in {one.text for one in change.typical}


async def test_a_change_that_came_and_went_before_anybody_looked_is_none(database: Database, serving: Serving) -> None:
    await ask(database, [*sure(300, 0.1), *sure(150, 0.5, 1), *sure(400, 0.1, 2)])
    assert await drifting.look(database, serving) is None
    assert await actions(database) == []


@pytest.mark.parametrize(("known", "alarmed"), [(0.8, False), (None, True)])
async def test_a_version_that_is_less_sure_of_what_it_knows_is_no_drift(
    database: Database, serving: Serving, encoder: OnnxEncoder, known: float | None, *, alarmed: bool
) -> None:
    before, after = await version_of(database, encoder, 0.95), await version_of(database, encoder, known)
    await ask(database, sure(600, 0.05), before)
    await ask(database, sure(500, 0.2, 1), after)
    held = await drifting.look(database, serving)
    assert (held is not None) is alarmed


async def test_an_alarm_outlives_a_new_version_that_knows_no_more(
    database: Database, serving: Serving, encoder: OnnxEncoder
) -> None:
    before, after = await version_of(database, encoder, 0.9), await version_of(database, encoder, 0.88)
    await ask(database, sure(400, 0.1), before)
    await ask(database, sure(150, 0.5, 1), before)
    assert await drifting.look(database, serving) is not None
    await ask(database, sure(300, 0.5, 2), after)
    assert await drifting.look(database, serving) is not None
    await ask(database, sure(900, 0.12, 3), after)
    assert await drifting.look(database, serving) is None


async def test_what_a_reviewer_accepts_is_the_usual_from_then_on(database: Database, serving: Serving) -> None:
    await ask(database, sure(300, 0.1))
    await ask(database, sure(150, 0.4, 1), texts=NEW)
    held = await drifting.look(database, serving)
    assert held is not None
    async with database.writing() as session:
        await drifts.accept(session, held.id, "rhea")
    assert await drifting.look(database, serving) is None
    await ask(database, sure(600, 0.4, 2), texts=NEW)
    assert await drifting.look(database, serving) is None


async def test_while_an_alarm_is_open_an_update_waits_for_a_fifth_of_the_judgements(
    database: Database, serving: Serving, tmp_path: Path
) -> None:
    updating = Updating(database, Settings(home=tmp_path, update_schedule="every 50"))
    turns = await ask(database, sure(300, 0.1))
    async with database.writing() as session:
        for turn in turns[:10]:
            await feedback.record(session, Vote(turn, "up", "visitor:1", "visitor"))
    assert not await updating.is_due(datetime.now(UTC))
    await ask(database, sure(150, 0.5, 1), texts=NEW)
    assert await drifting.look(database, serving) is not None
    assert await updating.is_due(datetime.now(UTC))


@pytest.fixture
def alarm(sqlite_url: str, encoder: OnnxEncoder) -> str:
    """The id of an alarm that is open."""

    async def raised() -> str:
        database = Database(sqlite_url)
        async with Serving(database, [encoder], DecisionOptions()).loaded() as serving:
            await ask(database, sure(300, 0.1))
            await ask(database, sure(150, 0.5, 1), texts=NEW)
            held = await drifting.look(database, serving)
        await database.close()
        assert held is not None
        return str(held.id)

    return anyio.run(raised)


def test_over_rest_an_alarm_is_shown_with_its_examples_and_accepted_once(
    alarm: str, serve: Serve, keys: dict[str, str]
) -> None:
    with httpx2.Client(base_url=f"{serve().url}/api/v1/admin", timeout=30) as client:
        assert client.get("/drift", headers={"Authorization": f"Bearer {keys['agent']}"}).status_code == 403
        client.headers["Authorization"] = f"Bearer {keys['reviewer']}"
        held = client.get("/drift").json()["drift"]
        assert held["id"] == alarm
        assert (
            held["lately"]["unsure"] / held["lately"]["turns"]
            > 0.3
            > held["before"]["unsure"] / held["before"]["turns"]
        )
        assert {example["text"] for example in held["examples"]} == set(NEW)
        assert client.post(f"/drift/{alarm}/accept").json() == {"drift": None}
        again = client.post(f"/drift/{alarm}/accept")
        assert (again.status_code, again.json()["code"]) == (404, "drift_not_found")
        assert client.get("/drift").json() == {"drift": None}


@pytest.mark.parametrize(
    ("language", "title", "button"),
    [("en", "Customers ask something new", "This is how it is now"), ("zh", "顾客在问新的问题", "现在就是这样")],
)
def test_the_reviewers_page_shows_what_is_new_until_it_is_accepted(
    alarm: str, serve: Serve, sqlite_url: str, language: str, title: str, button: str
) -> None:
    add_account(sqlite_url, "rhea", AccountRole.REVIEWER)
    with signed_in(serve(), "rhea", language) as rhea:
        rhea.read("/admin")
        assert title in rhea.page
        assert button in rhea.page
        assert all(text in rhea.page for text in NEW)
        link = re.search(r'href="(/agent\?conversation=[0-9a-f-]+)#m1"', rhea.page)
        assert link is not None
        rhea.read(link[1])
        assert any(text in rhea.page for text in NEW)
        rhea.read("/admin")
        rhea.send(f"/admin/drift/{alarm}/accept")
        assert title not in rhea.page
