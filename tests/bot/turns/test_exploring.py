"""What a conversation shows of near-equals is kept with how likely it was; without exploration nothing is different."""

from collections import Counter
from collections.abc import AsyncIterator

import numpy as np
import pytest

from bot.feed import Feed
from bot.reply import Candidate, Decision, Query, Reply
from bot.serving.active_model import Serving
from bot.serving.options import DecisionOptions
from bot.settings import Settings
from bot.turns.conversation import Turns
from bot.turns.dialogue_policy import DialoguePolicy
from bot.turns.exploring import explore, exploring
from knowledge_base import answers, conversations
from knowledge_base.answers import Answer, AnswerDraft
from knowledge_base.conversations import Opening
from knowledge_base.database import Database
from knowledge_base.messages import BotDecision
from tests.bot.script import unheard
from tests.bot.serving.test_active_model import teach
from weaver_core.encoders.encoder import OnnxEncoder

pytestmark = pytest.mark.anyio

CHANCES = (0.32, 0.31, 0.30)


@pytest.fixture
async def stored(sqlite_database: Database) -> list[Answer]:
    async with sqlite_database.writing() as session:
        drafts = [AnswerDraft(f"Answer {name}.", name, external_id=name) for name in "abc"]
        return [await answers.create(session, draft, "test") for draft in drafts]


def reply(stored: list[Answer], decision: Decision, near_equals: tuple[int, ...]) -> Reply:
    candidates = tuple(Candidate(one, 0.5, chance, ()) for one, chance in zip(stored, CHANCES, strict=True))
    return Reply(decision, CHANCES[0], candidates, "en", "v1", None, "clarify", near_equals)


async def said(database: Database, decided: Reply, share: float, times: int) -> AsyncIterator[BotDecision]:
    """What is kept of so many turns that are decided so."""

    async def respond(_query: Query) -> Reply:
        return decided

    turns = Turns(
        database,
        DialoguePolicy(exploring(respond, share, np.random.default_rng(3)), unheard),
        Feed(database),
        text_limit=100,
    )
    async with turns.running():
        for _ in range(times):
            async with database.writing() as session:
                conversation = await conversations.open_conversation(session, Opening())
            posted = await turns.post_message(conversation.id, "c1", "which one?")
            message = (await turns.replies_to(posted.message))[0]
            assert message.bot is not None
            yield message.bot


async def test_an_explored_answer_is_sent_with_its_own_chance_and_propensity(
    sqlite_database: Database, stored: list[Answer]
) -> None:
    decided = reply(stored, Decision.ANSWER, (2,))
    kept = [bot async for bot in said(sqlite_database, decided, 0.25, 60)]
    first, second = stored[0].id, stored[1].id
    assert {(bot.answer_id, bot.confidence, bot.propensity) for bot in kept} == {
        (first, CHANCES[0], 0.75),
        (second, CHANCES[1], 0.25),
    }
    assert Counter(bot.answer_id for bot in kept)[second] in range(5, 30)


async def test_suggestions_are_kept_with_their_positions_and_propensities(
    sqlite_database: Database, stored: list[Answer]
) -> None:
    decided = reply(stored, Decision.CLARIFY, (2, 1))
    kept = [bot async for bot in said(sqlite_database, decided, 0.25, 40)]
    orders = {tuple(one["answer_id"] for one in bot.suggestions): bot for bot in kept}
    assert {order: bot.propensity for order, bot in orders.items()} == {("a", "b", "c"): 0.75, ("b", "a", "c"): 0.25}
    shown = orders["b", "a", "c"].suggestions
    assert [(one["position"], one["propensity"]) for one in shown] == [(1, 0.25), (2, 0.25), (3, 1.0)]


@pytest.mark.parametrize("decision", list(Decision))
async def test_without_exploration_everything_is_as_decided_with_propensity_one(
    sqlite_database: Database, stored: list[Answer], decision: Decision
) -> None:
    decided = reply(stored, decision, (3,))
    (bot,) = [bot async for bot in said(sqlite_database, decided, Settings().exploration, 1)]
    assert bot.propensity == 1.0
    assert [one["answer_id"] for one in bot.candidates] == ["a", "b", "c"]
    assert all(one["propensity"] == 1.0 for one in bot.suggestions)
    assert len(bot.suggestions) == (3 if decision is Decision.CLARIFY else 0)


async def test_what_has_nothing_to_exchange_is_left_alone(stored: list[Answer]) -> None:
    decided = reply(stored, Decision.ANSWER, ())
    assert explore(decided, 0.5, np.random.default_rng(0)) is decided


async def test_the_model_names_near_equals_but_none_where_these_very_words_are_known(
    sqlite_database: Database, encoder: OnnxEncoder
) -> None:
    for name in ("x", "y"):
        draft = AnswerDraft(f"About {name}.", name, external_id=name, language="en")
        await teach(sqlite_database, encoder, draft, ["How long does delivery take?"])
    async with Serving(sqlite_database, [encoder], DecisionOptions(wrong_per_hundred=100)).loaded() as serving:
        near = await serving.respond(Query("How long will a delivery take"))
        known = await serving.respond(Query("How long does delivery take?"))
    assert near.near_equals == (2,)
    assert known.near_equals == ()
    assert known.propensity == near.propensity == 1.0
