"""What is watched, as it is stored: hours, judgements, alarms, outside texts, on both databases."""

from datetime import UTC, datetime, timedelta

import anyio
import numpy as np
import pytest

from benchmarks.replay import Turn, replay
from knowledge_base import feedback
from knowledge_base.database import Database
from knowledge_base.errors import ObservationNotFoundError, TopicAlarmNotFoundError
from knowledge_base.feedback import CORRECTED, DISMISSED, UPHELD, Resolution, Vote
from knowledge_base.identifiers import new_id
from knowledge_base.watching import alarms, hours, judged, observations
from knowledge_base.watching.alarms import Rising
from knowledge_base.watching.hours import Hour
from knowledge_base.watching.observations import Observation

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 3, 20, 12, 30, tzinfo=UTC)
EVER = datetime(2020, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


async def test_what_many_add_to_one_hour_at_once_is_all_there(database: Database) -> None:
    async def add() -> None:
        async with database.writing() as session:
            await hours.add(session, {hours.hour_of(NOW): Hour(answered=2, moods=0.5, sounded=1, cpu_seconds=0.25)})

    async with anyio.create_task_group() as group:
        for _ in range(8):
            group.start_soon(add)
    async with database.reading() as session:
        found = await hours.between(session, *EVER)
    assert found == {hours.hour_of(NOW): Hour(answered=16, moods=4.0, sounded=8, cpu_seconds=2.0)}


async def test_messages_are_found_in_order_but_for_those_of_this_moment(database: Database) -> None:
    moments = [
        NOW - timedelta(hours=1),
        NOW + timedelta(days=1),
        NOW - timedelta(minutes=1),
        NOW + timedelta(seconds=9),
    ]
    messages = await replay(database, [Turn(f"question {n}", at, wait=0.5) for n, at in enumerate(moments)])
    async with database.reading() as session:
        found = await hours.uncounted(session, None, NOW, 10)
        # The one of a clock that was ahead holds nothing up; the one of just now waits.
        assert [told.message_id for told in found] == messages[:3]
        assert [told.wait for told in found] == [0.5] * 3
        later = await hours.uncounted(session, messages[2], NOW + timedelta(minutes=1), 10)
        assert [told.message_id for told in later] == messages[3:]


async def test_a_reviewers_word_counts_before_the_vote_and_what_was_set_aside_not_at_all(database: Database) -> None:
    turns = [Turn(f"question {n}", NOW, confidence=0.1 + 0.2 * n) for n in range(5)]
    turns += [Turn("handed over", NOW, decision="handoff", confidence=0.2)]
    messages = await replay(database, turns)
    decided = {0: None, 1: CORRECTED, 2: UPHELD, 3: DISMISSED, 4: None, 5: None}
    async with database.writing() as session:
        for number, (message, resolution) in enumerate(zip(messages, decided.values(), strict=True)):
            rating = feedback.UP if number in (0, 1, 4) else feedback.DOWN
            held = await feedback.record(session, Vote(message, rating, f"visitor:{number}", "visitor"))
            if resolution:
                await feedback.resolve(session, held.id, Resolution(resolution, "rhea"))
        # What was only heard is no vote.
        await feedback.record(session, Vote(messages[4], feedback.DOWN, "turn", feedback.HEARD))
    async with database.reading() as session:
        (votes,) = (await judged.by_hour(session, *EVER)).values()
        steps = await judged.reliability(session, EVER[0])
    assert (votes.up, votes.down) == (3, 3)
    assert (votes.right, votes.wrong) == (3, 1)
    assert votes.precision == 0.75
    assert [(step.answers, step.right) for step in steps] == [(1, 1), (1, 0), (1, 1), (1, 1)]
    assert [step.confidence for step in steps] == pytest.approx([0.1, 0.3, 0.5, 0.9])


async def test_judgements_stand_in_the_hour_in_which_they_were_given(database: Database) -> None:
    messages = await replay(
        database, [Turn("question", NOW, vote=True), Turn("question", NOW - timedelta(hours=2), vote=False)]
    )
    assert len(messages) == 2
    async with database.reading() as session:
        found = await judged.by_hour(session, *EVER)
        assert {hour: (votes.up, votes.down) for hour, votes in found.items()} == {
            NOW.replace(minute=0): (1, 0),
            NOW.replace(minute=0) - timedelta(hours=2): (0, 1),
        }
        assert await judged.by_hour(session, NOW + timedelta(hours=1), EVER[1]) == {}


async def test_outside_texts_stored_at_once_by_many_are_stored_once(database: Database) -> None:
    texts = [Observation("reviews", str(number), f"text {number}", NOW, "en", 3.0) for number in range(20)]
    new: list[int] = []

    async def put() -> None:
        async with database.writing() as session:
            new.append((await observations.put(session, texts))["new"])

    async with anyio.create_task_group() as group:
        for _ in range(4):
            group.start_soon(put)
    assert sum(new) == 20
    async with database.reading() as session:
        (source,) = await observations.sources(session, EVER[0])
        assert (source.name, source.texts, source.rated, source.rating) == ("reviews", 20, 20, 3.0)
    async with database.writing() as session:
        with pytest.raises(ObservationNotFoundError, match="no observation reviews/77"):
            await observations.erase(session, "reviews", "77", "rhea")


async def test_an_alarm_that_is_over_is_not_open_again_for_being_acknowledged(database: Database) -> None:
    rising = Rising("anger", NOW, 6.0, 9, 1.5, 1e-10, (new_id(),), np.array([0.6, 0.8], np.float32))
    async with database.writing() as session:
        held = await alarms.raise_alarm(session, rising, "space", NOW, "test")
        await alarms.end(session, held.id, NOW, "test")
        after = await alarms.acknowledge(session, held.id, "rhea", NOW)
        assert (after.state, after.acknowledged_by) == (alarms.OVER, "rhea")
        assert await alarms.running(session) == []
        assert after.rising.typical == rising.typical
        assert after.rising.vector == pytest.approx(rising.vector, abs=1e-3)
        with pytest.raises(TopicAlarmNotFoundError, match="no topic alarm"):
            await alarms.acknowledge(session, new_id(), "rhea", NOW)
