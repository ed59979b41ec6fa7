"""One person forgotten: what goes, what stays, and the receipt, on both databases."""

import hashlib
import json
from dataclasses import replace

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge_base import (
    answers,
    audit,
    changes,
    conversations,
    dialogues,
    erasure,
    event_log,
    feedback,
    forgetting,
    keys,
    models,
)
from knowledge_base import positions as passages
from knowledge_base.answers import Answer, AnswerDraft, AnswerStatus
from knowledge_base.conversations import Opening
from knowledge_base.database import Database
from knowledge_base.errors import AnswerNotFoundError
from knowledge_base.feedback import Vote
from knowledge_base.messages import BotDecision
from knowledge_base.models import ModelDraft
from knowledge_base.positions import PositionDraft
from knowledge_base.privacy import seen
from knowledge_base.tables import Base, UpdateRunRow
from tests.knowledge_base.test_answers import ENCODER, unit
from weaver_core.dialogue import Dialogue, PositionKind, Role, Turn

pytestmark = pytest.mark.anyio

HERS = "My kettle smells of burnt plums"


async def mined(session: AsyncSession, name: str, customer: str, question: str, text: str) -> Answer:
    """What an import of one dialogue writes: its turns, and an answer that its second turn gave."""
    dialogue = Dialogue(name, (Turn(Role.CUSTOMER, question), Turn(Role.AGENT, text)), customer=customer)
    stored = await dialogues.add(session, dialogue, "dialogues", "default", name)
    draft = AnswerDraft(text, question, status=AnswerStatus.PENDING, origin="dialogue")
    answer = await answers.get_or_create(session, draft, "import")
    drafts = [
        PositionDraft(PositionKind.QUESTION, question, turn_id=stored.turn_ids[1]),
        PositionDraft(PositionKind.SENTENCE, text, turn_id=stored.turn_ids[1]),
    ]
    ids = await passages.add(session, answer.id, drafts)
    vectors = {position_id: unit(number) for number, position_id in enumerate(ids)}
    await keys.put(session, ENCODER, vectors, [answer.id])
    return answer


async def chat(session: AsyncSession, customer: str, shown: Answer) -> None:
    """A live conversation of one message, its reply and a judgement of it."""
    opening = Opening(customer=customer)
    conversation = await conversations.open_conversation(session, opening)
    asked = await event_log.add_customer_message(session, conversation.id, "one", HERS)
    decision = BotDecision("answer", 0.9, shown.id, [], [], None)
    reply = await event_log.add_bot_message(session, conversation.id, asked.message.seq, shown.text, decision)
    assert reply is not None
    vote = Vote(reply.id, "down", f"visitor:{conversation.id}", "visitor", comment=HERS)
    judgement = await feedback.record(session, vote)
    learnt = PositionDraft(PositionKind.CORRECTION, f"{HERS} again", turn_id=asked.message.id, feedback_id=judgement.id)
    await passages.add(session, shown.id, [learnt])


async def everything(session: AsyncSession) -> str:
    """All rows of all tables, as text."""
    rows = [row for table in Base.metadata.sorted_tables for row in await session.execute(select(table))]
    return "\n".join(map(repr, rows))


async def test_what_a_forgotten_person_shared_with_one_other_is_that_one_s_alone(database: Database) -> None:
    async with database.writing() as session:
        await mined(session, "1", "Vera Plum", HERS, "It smells of lokarumi.")
        await mined(session, "2", "Otto", HERS, "It smells of lokarumi too.")
        for customer in ("Vera Plum", "Otto"):
            await seen.note(session, {seen.owner_of(customer, "1"): ["lokarumi"]})
        assert not await seen.lonely(session, ["lokarumi"])
        await forgetting.forget(session, "Vera Plum", "ada")
        assert await seen.lonely(session, ["lokarumi"]) == {"lokarumi"}


async def test_of_two_dialogues_of_a_person_one_erased_leaves_what_they_said(database: Database) -> None:
    async with database.writing() as session:
        for name in ("1", "2"):
            await mined(session, name, "Vera Plum", HERS, f"It smells of lokarumi {name}.")
        await seen.note(session, {seen.owner_of("Vera Plum", "1"): ["lokarumi"]})
        first = (await session.execute(erasure.of_customer("Vera Plum"))).scalars().all()[:1]
        await erasure.erase(session, first)
        await seen.note(session, {seen.owner_of("Otto", "3"): ["lokarumi"]})
        assert not await seen.lonely(session, ["lokarumi"])


async def test_nothing_of_a_forgotten_person_is_left_and_the_others_stay(database: Database) -> None:
    async with database.writing() as session:
        hers = await mined(session, "1", "Vera Plum", HERS, "Rinse the kettle with vinegar twice.")
        shared = await mined(session, "2", "Vera Plum", f"{HERS} and lime", "Descale it every month.")
        assert (await mined(session, "3", "Otto", "How often to descale?", "Descale it every month.")).id == shared.id
        faq = await answers.create(session, AnswerDraft("Three days.", "Delivery", external_id="delivery"), "import")
        await chat(session, "Vera Plum", faq)
        await chat(session, "Otto", faq)
        before = await changes.latest(session)
    async with database.writing() as session:
        receipt = await forgetting.forget(session, "Vera Plum", "ada")
    async with database.reading() as session:
        left = await everything(session)
        assert "Vera" not in left
        with pytest.raises(AnswerNotFoundError):
            await answers.get(session, hers.id)
        kept = await answers.get(session, shared.id)
        assert kept.title == "Descale it every month."
        held = [(one.kind, one.text) for one in await passages.of_answer(session, shared.id)]
        assert held == [("sentence", "Descale it every month."), ("question", "How often to descale?")]
        news = {change.subject_id for change in await changes.since(session, before)}
        assert news == {hers.id, shared.id, faq.id}
        assert await dialogues.count(session) == 2
    assert receipt.counts == {
        "answers": 1,
        "bot_messages": 1,
        "conversations": 1,
        "dialogues": 3,
        "events": 2,
        "feedback": 1,
        "keys": 3,
        "positions": 4,
        "retitled": 1,
        "revisions": 1,
        "turns": 6,
    }


async def test_what_a_reviewer_rewrote_stays_without_its_earlier_wordings(database: Database) -> None:
    async with database.writing() as session:
        answer = await mined(session, "1", "Vera", HERS, "Rinse it, Vera said so.")
        await answers.revise(session, answer.id, "Smells", "Rinse the kettle.", "ada")
    async with database.writing() as session:
        await forgetting.forget(session, "Vera", "ada")
    async with database.reading() as session:
        assert [one.text for one in await answers.revisions(session, answer.id)] == ["Rinse the kettle."]


async def test_versions_that_saw_a_person_wait_for_their_retraining(database: Database) -> None:
    draft = ModelDraft(ENCODER, {}, {}, "")
    async with database.writing() as session:
        await models.promote_fit(session, draft, "before")
    async with database.writing() as session:
        await mined(session, "1", "Vera", HERS, "Rinse it twice.")
    async with database.writing() as session:
        after = await models.promote_fit(session, draft, "after")
    async with database.writing() as session:
        receipt = await forgetting.forget(session, "Vera", "ada")
    assert receipt.model_versions == ("v2",)
    async with database.reading() as session:
        assert await forgetting.awaiting_retraining(session) == {after.id}


async def test_a_version_that_waits_for_its_retraining_is_not_scheduled_twice(database: Database) -> None:
    async with database.writing() as session:
        for customer in ("Vera", "Otto"):
            await mined(session, customer, customer, f"{HERS}, says {customer}", f"Rinse it twice, {customer}.")
        await models.promote_fit(session, ModelDraft(ENCODER, {}, {}, ""), "after")
    async with database.writing() as session:
        receipts = [await forgetting.forget(session, customer, "ada") for customer in ("Vera", "Otto")]
        assert [receipt.model_versions for receipt in receipts] == [("v1",), ("v1",)]
        runs = select(func.count()).where(UpdateRunRow.kind == forgetting.RETRAIN)
        assert (await session.execute(runs)).scalar_one() == 1


async def test_a_receipt_is_kept_and_shows_when_it_was_changed(database: Database) -> None:
    async with database.writing() as session:
        await mined(session, "1", "Vera", HERS, "Rinse it twice.")
    async with database.writing() as session:
        receipt = await forgetting.forget(session, "Vera", "ada")
    async with database.reading() as session:
        (entry,) = await audit.newest(session, 1)
    kept = entry.details["receipt"]
    assert (entry.actor, entry.action, kept) == ("ada", "forget", receipt.to_json())
    assert forgetting.hash_of("Vera", receipt.salt) == receipt.customer
    assert replace(receipt, by="eve").checksum != receipt.checksum
    checksum = kept.pop("checksum")
    assert checksum == hashlib.sha256(json.dumps(kept, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


async def test_nothing_goes_for_a_person_of_whom_nothing_is_stored(database: Database) -> None:
    async with database.writing() as session:
        await mined(session, "1", "Vera", HERS, "Rinse it twice.")
        receipt = await forgetting.forget(session, "Ver", "ada")
        assert (receipt.counts, receipt.model_versions) == ({}, ())
        assert (await session.execute(select(func.count()).select_from(UpdateRunRow))).scalar_one() == 0
