"""Versions in service: one that does worse gives way by itself, one in the shadow is asked and never heard."""

import pytest

from bot.serving.active_model import Serving
from bot.serving.encoder_shelf import EncoderShelf
from bot.serving.options import DecisionOptions
from bot.updates import guarding, promotion
from bot.updates.shadowing import Shadowing
from knowledge_base import audit, conversations, drifts, event_log, feedback, live_figures, models
from knowledge_base.answers import AnswerDraft
from knowledge_base.database import Database
from knowledge_base.feedback import Vote
from knowledge_base.live_figures import LiveFigures
from knowledge_base.messages import BotDecision
from knowledge_base.models import ModelDraft, ModelVersion
from tests.bot.serving.test_active_model import QUESTIONS, teach
from weaver_core.drift import Watch
from weaver_core.encoders.encoder import OnnxEncoder
from weaver_core.readers import Readers
from weaver_core.sequential import Counted

pytestmark = [pytest.mark.anyio, pytest.mark.slow]


async def fitted(database: Database, encoder: OnnxEncoder) -> ModelVersion:
    """Another version, which answers."""
    async with database.writing() as session:
        draft = ModelDraft(encoder.version, Readers((encoder,)).to_json(), {}, "")
        return await models.promote_fit(session, draft, "test")


async def serve(database: Database, version: ModelVersion, votes: str, decision: str = "answer") -> None:
    """Turns that a version answered, each with a vote: u or d, or none."""
    async with database.writing() as session:
        for number, vote in enumerate(votes):
            opened = await conversations.open_conversation(session, conversations.Opening())
            said = await event_log.add_customer_message(session, opened.id, "c", f"question {number}")
            decided = BotDecision(decision, 0.9, model_version_id=version.id)
            told = await event_log.add_bot_message(session, opened.id, said.message.seq, "words", decided)
            assert told is not None
            if vote in "ud":
                rating = {"u": "up", "d": "down"}[vote]
                await feedback.record(session, Vote(told.id, rating, f"visitor:{opened.id}", "visitor"))


async def test_a_version_that_earns_more_thumbs_down_gives_way_once_with_the_reason(
    database: Database, encoder: OnnxEncoder
) -> None:
    before, now = await fitted(database, encoder), await fitted(database, encoder)
    shelf = EncoderShelf([encoder])
    await serve(database, before, "uuuuuuuuud" * 12)
    await serve(database, now, "uuuuuuuuud" * 3)
    assert await guarding.look(database, shelf) is None
    await serve(database, now, "uudd" * 20)
    rolled = await guarding.look(database, shelf)
    assert rolled is not None
    assert rolled.name == before.name
    assert await guarding.look(database, shelf) is None
    async with database.reading() as session:
        entries = {entry.action: entry for entry in await audit.newest(session)}
    assert entries["roll back"].more == {"why": "43 of 110 votes were thumbs-down, before 12 of 120."}
    assert (entries["roll back"].before, entries["roll back"].after) == ("v2", "v1")
    assert entries["roll back"].actor == guarding.ACTOR


async def test_a_version_that_hands_over_more_gives_way_too(database: Database, encoder: OnnxEncoder) -> None:
    before, now = await fitted(database, encoder), await fitted(database, encoder)
    await serve(database, before, "-" * 100)
    await serve(database, now, "-" * 40, "handoff")
    rolled = await guarding.look(database, EncoderShelf([encoder]))
    assert rolled is not None
    assert rolled.name == before.name


async def test_a_version_does_not_give_way_because_customers_ask_something_new(
    database: Database, encoder: OnnxEncoder
) -> None:
    before, now = await fitted(database, encoder), await fitted(database, encoder)
    shelf = EncoderShelf([encoder])
    await serve(database, before, "uuuuuuuuud" * 12)
    await serve(database, now, "uuuuuuuuud" * 6)
    await serve(database, now, "uddd" * 20)
    async with database.writing() as session:
        turns = [reply.message_id for reply in await drifts.replies(session, None, 80)]
        change = drifts.Found(turns[0], turns[40], Watch(), Counted(0, 0))
        assert await drifts.begin(session, change, None, "test") is not None
    assert await guarding.look(database, shelf) is None
    # A version that answers what is new is compared with the one before on that: as bad is no worse, worse is.
    late = await fitted(database, encoder)
    await serve(database, late, "uddd" * 20)
    assert await guarding.look(database, shelf) is None
    await serve(database, late, "d" * 150)
    rolled = await guarding.look(database, shelf)
    assert rolled is not None
    assert rolled.name == now.name


async def test_a_version_that_the_change_began_with_gives_way(database: Database, encoder: OnnxEncoder) -> None:
    before, now = await fitted(database, encoder), await fitted(database, encoder)
    await serve(database, before, "uuuuuuuuud" * 12)
    await serve(database, now, "uddd" * 20)
    async with database.writing() as session:
        turns = [reply.message_id for reply in await drifts.replies(session, None, 90)]
        change = drifts.Found(turns[0], turns[50], Watch(), Counted(0, 0))
        assert await drifts.begin(session, change, None, "test") is not None
    rolled = await guarding.look(database, EncoderShelf([encoder]))
    assert rolled is not None
    assert rolled.name == before.name


async def test_without_a_version_before_there_is_nothing_to_compare_with(
    database: Database, encoder: OnnxEncoder
) -> None:
    assert await guarding.look(database, EncoderShelf([encoder])) is None
    only = await fitted(database, encoder)
    await serve(database, only, "d" * 100)
    assert await guarding.look(database, EncoderShelf([encoder])) is None


def test_little_says_nothing() -> None:
    assert guarding.reason(LiveFigures(10, 0, 10, 0), LiveFigures(100, 100, 100, 100)) is None
    assert guarding.reason(LiveFigures(1000, 100, 100, 10), LiveFigures(1000, 100, 100, 10)) is None


async def test_the_shadow_is_asked_what_was_answered_and_what_it_would_have_said_is_kept(
    sqlite_database: Database, encoder: OnnxEncoder
) -> None:
    for name, questions in QUESTIONS.items():
        draft = AnswerDraft(f"About {name}.", name, external_id=name, language="en")
        await teach(sqlite_database, encoder, draft, questions)
    active = await fitted(sqlite_database, encoder)
    async with sqlite_database.writing() as session:
        unasked = ModelDraft(encoder.version, Readers((encoder,)).to_json(), {}, "")
        other = await models.add(session, unasked, models.CANDIDATE)
    shelf = EncoderShelf([encoder])
    async with Serving(sqlite_database, [encoder], DecisionOptions()).loaded() as serving:
        shadowing = Shadowing(sqlite_database, serving)
        assert await shadowing.look() == 0
        assert (await promotion.to_shadow(sqlite_database, shelf, other.name, "ada")).state == models.SHADOW
        assert await shadowing.look() == 0
        async with sqlite_database.writing() as session:
            for text in ("How long does delivery take?", "Can I send it back?"):
                opened = await conversations.open_conversation(session, conversations.Opening())
                said = await event_log.add_customer_message(session, opened.id, "c", text)
                decided = BotDecision("handoff", 0.1, model_version_id=active.id)
                await event_log.add_bot_message(session, opened.id, said.message.seq, "words", decided)
        assert await shadowing.look() == 2
        assert await shadowing.look() == 0
        async with sqlite_database.reading() as session:
            found = await live_figures.agreement(session, other.id)
        assert (found.turns, found.same, found.handoffs, found.handoffs_answered) == (2, 0, 2, 2)
        await promotion.end_shadow(sqlite_database, "ada")
        assert await shadowing.look() == 0
    async with sqlite_database.reading() as session:
        held = await models.get(session, other.id)
    assert held is not None
    assert held.state == models.CANDIDATE
