"""Votes that come in a burst are set apart by what an answer's own past, its showings and others' votes say."""

from datetime import timedelta

import anyio
import pytest
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge_base import answers, bursts, feedback
from knowledge_base.answers import Answer, AnswerDraft
from knowledge_base.database import Database
from knowledge_base.errors import BurstNotFoundError
from knowledge_base.feedback import OPEN, QUARANTINED, Feedback
from knowledge_base.tables import AnswerRow, FeedbackRow, TurnRow
from knowledge_base.tables.base import now
from tests.knowledge_base.test_feedback import like, voted
from weaver_core.bursts import FEWEST_OTHERS, FEWEST_RATERS

pytestmark = pytest.mark.anyio

LONG_AGO = timedelta(days=3)


async def stored(session: AsyncSession, name: str = "one") -> Answer:
    return await answers.create(session, AnswerDraft(f"About {name}.", name), "test")


async def cast(session: AsyncSession, shown: Answer, votes: int, rating: str = "up", first: int = 0) -> list[Feedback]:
    """Votes of so many visitors, watched as they come."""
    return [
        await bursts.watch(session, await voted(session, shown, 0.95, rating, f"visitor:{first + number}"))
        for number in range(votes)
    ]


async def make_past(session: AsyncSession) -> None:
    """All that was said and judged so far was so three days ago, by answers that are a week old."""
    await session.execute(update(FeedbackRow).values(created_at=now() - LONG_AGO))
    await session.execute(update(TurnRow).values(at=now() - LONG_AGO))
    await session.execute(update(AnswerRow).values(created_at=now() - 2 * LONG_AGO))


async def states(session: AsyncSession, held: list[Feedback]) -> set[str]:
    return {(await feedback.get(session, one.id)).state for one in held}


async def test_the_vote_that_makes_a_burst_sets_all_of_it_apart_and_later_ones_follow(database: Database) -> None:
    async with database.writing() as session:
        shown, other = await stored(session), await stored(session, "other")
        apart = await voted(session, other, 0.95, "up", "visitor:x")
        early = await cast(session, shown, FEWEST_RATERS - 1)
        await like(session, shown, early[0], "Where is it?")
        assert await states(session, early) == {OPEN}
        late = await cast(session, shown, 3, "down", FEWEST_RATERS)
        assert await states(session, [*early, *late]) == {QUARANTINED}
        assert (await feedback.get(session, apart.id)).state == OPEN
        assert await feedback.count_likes(session, "visitor:0") == 0
        [burst] = await bursts.waiting(session)
        assert (burst.answer.id, burst.up, burst.down) == (shown.id, FEWEST_RATERS - 1, 3)
        assert len(await bursts.votes(session, shown.id)) == FEWEST_RATERS + 2


async def test_one_visitor_who_votes_often_is_one_rater(database: Database) -> None:
    async with database.writing() as session:
        shown = await stored(session)
        for _ in range(FEWEST_RATERS + 5):
            await bursts.watch(session, await voted(session, shown, 0.95, "up", "visitor:same"))
        assert await bursts.waiting(session) == []


@pytest.mark.slow
async def test_an_answer_that_is_voted_on_so_often_every_day_may_be_again(database: Database) -> None:
    async with database.writing() as session:
        shown = await stored(session)
        held = await cast(session, shown, FEWEST_RATERS - 1)
        for start in range(100, 600, FEWEST_RATERS):
            await make_past(session)
            held += await cast(session, shown, FEWEST_RATERS - 1, first=start)
        await make_past(session)
        busy = await cast(session, shown, FEWEST_RATERS + 5, first=9000)
        assert await states(session, [*held, *busy]) == {OPEN}


@pytest.mark.slow
async def test_an_hour_in_which_everything_is_voted_on_is_no_campaign(database: Database) -> None:
    async with database.writing() as session:
        every = [await stored(session, str(number)) for number in range(FEWEST_OTHERS + 1)]
        held: list[Feedback] = []
        for number in range(FEWEST_RATERS + 1):
            for shown in every:
                held += await cast(session, shown, 1, first=number)
        assert await states(session, held) == {OPEN}


async def test_what_was_released_counts_and_what_was_discarded_does_not(database: Database) -> None:
    async with database.writing() as session:
        shown, other = await stored(session), await stored(session, "other")
        for answer in (shown, other):
            await cast(session, answer, FEWEST_RATERS)
        released = await bursts.release(session, shown.id, "rhea")
        discarded = await bursts.discard(session, other.id, "rhea")
        assert len(released) == len(discarded) == FEWEST_RATERS
        assert await feedback.count(session) == {"up": FEWEST_RATERS, "down": 0, "open": 0}
        assert await states(session, await cast(session, shown, FEWEST_RATERS, first=100)) == {OPEN}
        assert await states(session, await cast(session, other, 1, first=100)) == {QUARANTINED}
        with pytest.raises(BurstNotFoundError):
            await bursts.release(session, shown.id, "sam")


async def test_votes_that_come_at_once_wait_for_nobody_and_are_all_set_apart_in_the_end(database: Database) -> None:
    async with database.writing() as session:
        shown = await stored(session)

    async def vote(number: int) -> None:
        async with database.writing() as session:
            await cast(session, shown, 1, first=number)

    async with anyio.create_task_group() as group:
        for number in range(2 * FEWEST_RATERS):
            group.start_soon(vote, number)
    await vote(2 * FEWEST_RATERS)
    async with database.reading() as session:
        [burst] = await bursts.waiting(session)
    assert burst.up == 2 * FEWEST_RATERS + 1
