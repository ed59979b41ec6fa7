"""What a version is worth by the votes on what was shown, told from the log of another that was often wrong."""

from uuid import UUID

import pytest
from sqlalchemy import select, update

from bot.serving.options import DecisionOptions
from bot.serving.retriever import ActiveVersion, Retriever
from bot.updates import asked, comparing, gathered, learning, policy_value
from bot.updates.comparing import Comparison
from knowledge_base.database import Database
from knowledge_base.feedback import QUARANTINED
from knowledge_base.tables import BotMessageRow, FeedbackRow
from tests.bot import updating
from weaver_core.encoders import export, sources
from weaver_core.encoders.encoder import OnnxEncoder
from weaver_core.off_policy import Value

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

RIGHT, WRONG = 40, 60


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> OnnxEncoder:
    folder = updating.write_encoder(tmp_path_factory.mktemp("encoder") / "tiny")
    return OnnxEncoder(export.exported(sources.find(str(folder)), tmp_path_factory.mktemp("cache")))


async def voted(database: Database, encoder: OnnxEncoder) -> list[UUID]:
    """Votes on what a policy showed that was right in two turns of five. Returns those on what was right."""
    stored = await updating.teach(database, encoder)
    right: list[UUID] = []
    for number in range(RIGHT + WRONG):
        place = number % len(stored)
        asked = "today {} {} and {}".format(*updating.TOPICS[place])
        shown, rating = (stored[place], "up") if number < RIGHT else (stored[(place + 7) % len(stored)], "down")
        _, feedback_id = await updating.judge(database, asked, shown, rating, "visitor")
        if number < RIGHT:
            right.append(feedback_id)
    return right


async def compared(database: Database, encoder: OnnxEncoder) -> Comparison:
    """The read of this memory beside itself."""
    found = await gathered.gather(database, [encoder])
    readers, _ = learning.fit(found.memories, [encoder])
    retriever = Retriever([encoder], ActiveVersion(readers), DecisionOptions())
    retriever.replace(found.memories)
    questions = asked.questions(found, found, [encoder], every=True)
    comparison = comparing.compare(questions, retriever, retriever, lambda *_: None)
    retriever.close()
    assert comparison.value_before == comparison.value_after
    return comparison


async def worth(database: Database, encoder: OnnxEncoder) -> Value | None:
    """What the read of this memory is worth by these votes."""
    return (await compared(database, encoder)).value_before


async def test_a_version_is_worth_what_votes_say_where_it_would_have_shown_the_same(
    sqlite_database: Database, encoder: OnnxEncoder
) -> None:
    await voted(sqlite_database, encoder)
    found = await worth(sqlite_database, encoder)
    assert found is not None
    assert found.interval.mean > 0.9 > RIGHT / (RIGHT + WRONG)
    assert policy_value.FEWEST <= found.effective <= RIGHT + 5
    told = policy_value.to_json(found)
    assert told is not None
    assert set(told) == {"mean", "low", "high", "votes"}


async def test_what_was_seldom_shown_counts_for_more_and_few_such_votes_for_little(
    sqlite_database: Database, encoder: OnnxEncoder
) -> None:
    right = await voted(sqlite_database, encoder)
    turns = select(FeedbackRow.turn_id).where(FeedbackRow.id.in_(right[:3])).scalar_subquery()
    async with sqlite_database.writing() as session:
        await session.execute(update(BotMessageRow).where(BotMessageRow.turn_id.in_(turns)).values(propensity=0.1))
    # Three of ten times the weight beside some thirty others: (3·10 + 30)² / (3·100 + 30) is 11, which says nothing.
    assert await worth(sqlite_database, encoder) is None


async def test_votes_that_are_set_apart_say_nothing(sqlite_database: Database, encoder: OnnxEncoder) -> None:
    await voted(sqlite_database, encoder)
    async with sqlite_database.writing() as session:
        await session.execute(update(FeedbackRow).values(state=QUARANTINED))
    assert await worth(sqlite_database, encoder) is None
