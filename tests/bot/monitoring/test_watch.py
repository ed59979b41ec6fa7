"""The watch in service, on replayed streams with a moved clock: a recall within the hour, and nothing before it."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import cycle
from uuid import UUID

import anyio
import numpy as np
import pytest
from sqlalchemy import func, select
from structlog.testing import capture_logs

from benchmarks.replay import Turn, replay
from bot.monitoring import overview
from bot.monitoring.watch import Monitor
from bot.serving.active_model import Serving
from bot.serving.options import DecisionOptions
from knowledge_base import audit, erasure, retention
from knowledge_base.answers import AnswerDraft
from knowledge_base.database import Database
from knowledge_base.retention import Retention
from knowledge_base.tables import HeardRow, TurnRow
from knowledge_base.watching import alarms, heard, hours, observations, watch
from knowledge_base.watching.observations import Observation
from tests import tiny_encoder
from tests.bot.serving.test_active_model import teach
from weaver_core.encoders import export, sources
from weaver_core.encoders.encoder import OnnxEncoder

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 3, 20, 12, 0, tzinfo=UTC)
USUAL = (
    "Where is my parcel?",
    "Can I send the boots back?",
    "Do you ship to France?",
    "How do I pay by invoice?",
    "Which size fits me?",
    "Please cancel it",
    "My voucher does not work",
    "When do you open tomorrow?",
)
RECALL = (
    "the lumen lamp smells burnt",
    "my lumen lamp smells burnt",
    "our lumen lamp smells burnt",
    "my lumen lamp smells burnt!",
)
ZONE = UTC


@pytest.fixture(scope="module")
def telling(tmp_path_factory: pytest.TempPathFactory) -> OnnxEncoder:
    """A small transformer that knows these words."""
    folder = tiny_encoder.write(tmp_path_factory.mktemp("encoder") / "tiny", [*USUAL, *RECALL])
    return OnnxEncoder(export.exported(sources.find(str(folder)), tmp_path_factory.mktemp("encoders")))


@pytest.fixture
async def monitor(database: Database, telling: OnnxEncoder) -> AsyncIterator[Monitor]:
    """The watch of one process."""
    await teach(database, telling, AnswerDraft("Three days.", "Delivery", "delivery", "en"), [USUAL[0]])
    async with Serving(database, [telling], DecisionOptions()).loaded() as serving:
        yield Monitor(database, serving, [telling])


def ordinary(days: float = 10, an_hour: float = 1.2, seed: int = 0) -> list[Turn]:
    """What is asked as ever, up to now."""
    random = np.random.default_rng(seed)
    count = random.poisson(an_hour * 24 * days)
    back = np.sort(random.uniform(0.01, 24 * days, count))[::-1]
    return [Turn(USUAL[random.integers(len(USUAL))], NOW - timedelta(hours=float(hour))) for hour in back]


async def shown(database: Database, moment: datetime = NOW, days: int = 7) -> overview.Overview:
    """What the watch shows."""
    async with database.reading() as session:
        return await overview.overview(session, days, ZONE, moment)


async def take_in(database: Database, texts: Sequence[tuple[str, str, datetime, float | None]]) -> None:
    """Outside texts: source, text, time, stars."""
    async with database.writing() as session:
        await observations.put(
            session,
            [
                Observation(source, f"{source}-{number}", text, at, "en", stars)
                for number, (source, text, at, stars) in enumerate(texts)
            ],
        )


async def test_a_product_recall_shows_within_the_hour_and_nothing_shows_before(
    database: Database, monitor: Monitor
) -> None:
    await replay(database, ordinary())
    await monitor.look(NOW - timedelta(hours=1))
    await monitor.look(NOW)
    assert (await shown(database)).alarms == ()
    # A customer every six minutes; the clock moves on ten minutes at a time.
    told = cycle(RECALL)
    coming = [Turn(next(told), NOW + timedelta(minutes=6 * number), mood=-0.9) for number in range(10)]
    with capture_logs() as logs:
        for minute in range(10, 70, 10):
            moment = NOW + timedelta(minutes=minute)
            await replay(database, [turn for turn in coming if moment - timedelta(minutes=10) <= turn.at < moment])
            changed = await monitor.look(moment)
            assert changed is not None
            if changed.raised:
                break
    assert minute <= 60
    (held,) = (await shown(database, moment)).alarms
    assert held.alarm.rising.kind == "volume"
    assert {said.text for said in held.sayings} <= set(RECALL)
    assert held.alarm.rising.since >= NOW - timedelta(hours=1)
    assert held.alarm.rising.people >= 5 > held.alarm.rising.expected
    raised = [line for line in logs if line["event"] == "topic_alarm_raised"]
    assert len(raised) == 1
    assert "lamp" not in str(raised)
    async with database.reading() as session:
        assert await alarms.count_open(session) == {"volume": 1}
        assert next(entry.action for entry in await audit.newest(session)) == alarms.RAISED


async def test_an_alarm_is_kept_while_its_topic_rises_and_ends_when_that_is_over(
    database: Database, monitor: Monitor
) -> None:
    await replay(database, ordinary())
    await replay(database, [Turn(text, NOW - timedelta(minutes=4 * n)) for n, text in enumerate(RECALL * 3)])
    first = await monitor.look(NOW)
    assert first is not None
    (raised,) = first.raised
    for hour in (1, 2):
        later = NOW + timedelta(hours=hour)
        await replay(database, [Turn(text, later - timedelta(minutes=9 * n)) for n, text in enumerate(RECALL)])
        again = await monitor.look(later)
        assert again is not None
        assert again.raised == ()
    async with database.writing() as session:
        known = await alarms.acknowledge(session, raised, "rhea", NOW)
        assert (known.state, known.acknowledged_by) == (alarms.ACKNOWLEDGED, "rhea")
        # Who was first stays.
        assert (await alarms.acknowledge(session, raised, "omar", NOW)).acknowledged_by == "rhea"
        assert await alarms.count_open(session) == {}
    assert known.rising.people >= 12
    ended: tuple[UUID, ...] = ()
    for hours_later in range(6, 48, 6):
        later = NOW + timedelta(hours=hours_later)
        await replay(database, [Turn(USUAL[n % 8], later - timedelta(minutes=20 * n)) for n in range(8)])
        changed = await monitor.look(later)
        assert changed is not None
        assert changed.raised == ()
        ended += changed.ended
    assert ended == (raised,)
    async with database.reading() as session:
        assert (await alarms.get(session, raised)).state == alarms.OVER


async def test_reviews_and_posts_raise_an_alarm_that_the_chat_alone_would_not(
    database: Database, monitor: Monitor
) -> None:
    await replay(database, ordinary())
    random = np.random.default_rng(3)
    usual = [
        (source, f"{USUAL[random.integers(8)]} {number}", NOW - timedelta(hours=float(random.uniform(3, 240))), 4.0)
        for source in ("reviews", "forum")
        for number in range(120)
    ]
    await take_in(database, usual)
    assert await _hear_all(monitor) == ()
    new = [
        (source, text, NOW - timedelta(minutes=5 + n), 1.0)
        for source in ("shop-app", "press")
        for n, text in enumerate(RECALL)
    ]
    await take_in(database, new)
    # Sources that nobody has heard of before say nothing of what is unusual there.
    assert await _hear_all(monitor) == ()
    known = [
        (source, text, NOW - timedelta(minutes=9 * n), 1.0)
        for source in ("reviews", "forum")
        for n, text in enumerate(RECALL)
    ]
    async with database.writing() as session:
        await observations.put(
            session, [Observation(s, f"new-{s}-{n}", t, at, "en", r) for n, (s, t, at, r) in enumerate(known)]
        )
    assert len(await _hear_all(monitor)) == 1
    seen = await shown(database)
    assert {said.source for said in seen.alarms[0].sayings} <= {"reviews", "forum", "press", "shop-app"}
    assert [(source.name, source.texts) for source in seen.sources][:2] == [
        ("forum", 89),
        ("reviews", 90),
    ] or seen.sources


async def _hear_all(monitor: Monitor) -> tuple[UUID, ...]:
    changed = await monitor.look(NOW)
    assert changed is not None
    return changed.raised


async def test_anger_about_a_known_topic_raises_an_alarm_of_its_own(database: Database, monitor: Monitor) -> None:
    turns = ordinary(an_hour=2.5)
    lately = NOW - timedelta(hours=23)
    await replay(
        database,
        [
            Turn(turn.text, turn.at, mood=-0.9 if turn.text == USUAL[0] and turn.at > lately else 0.1)
            for turn in (*turns, *(Turn(USUAL[0], NOW - timedelta(hours=2 * n)) for n in range(11)))
        ],
    )
    changed = await monitor.look(NOW)
    assert changed is not None
    (held,) = (await shown(database)).alarms
    assert (held.alarm.rising.kind, held.sayings[0].text) == ("anger", USUAL[0])


async def test_each_message_is_counted_once_however_many_look(
    database: Database, monitor: Monitor, telling: OnnxEncoder
) -> None:
    turns = [
        Turn("Where is my parcel?", NOW - timedelta(hours=2), mood=-1.0, wait=0.3),
        Turn("Where is my hat?", NOW - timedelta(hours=2), decision="handoff", why="unsure", mood=None, wait=4.0),
        Turn("Which one?", NOW - timedelta(hours=1), decision="clarify", why="clarify", mood=0.5, wait=0.07),
        Turn("thank you so much", NOW - timedelta(hours=1), decision="clarify", why="thanks", wait=0.01),
    ]
    await replay(database, turns)
    other = Monitor(database, monitor._serving, [telling])
    async with anyio.create_task_group() as group:
        for one in (monitor, other, monitor):
            group.start_soon(one.look, NOW)
    await monitor.look(NOW)
    figures = (await shown(database)).figures
    hour = figures.hour
    assert (hour.answered, hour.handed_off, hour.clarified, hour.courtesies) == (1, 1, 1, 1)
    assert (hour.sounded, hour.angry) == (3, 1)
    assert hour.mood == pytest.approx(-0.5 / 3)
    assert 0.2 < (hour.wait(0.95) or 0) < 5.0
    assert sum(slot.hour.turns for slot in figures.slots) == 3
    assert hour.cpu_seconds > 0


async def test_one_process_keeps_the_watch_until_it_gives_it_up(database: Database) -> None:
    later = NOW + timedelta(minutes=1)
    async with database.writing() as session:
        assert await watch.hold(session, "one", NOW, later)
        assert await watch.hold(session, "one", NOW, later)
        assert not await watch.hold(session, "other", NOW, later)
        assert await watch.hold(session, "other", later + timedelta(seconds=1), later + timedelta(minutes=1))
        await watch.release(session, "other")
        assert await watch.hold(session, "one", NOW, later)


async def test_who_is_forgotten_is_heard_no_more_and_shows_nowhere(database: Database, monitor: Monitor) -> None:
    await replay(database, ordinary())
    await replay(database, [Turn(text, NOW - timedelta(minutes=4 * n)) for n, text in enumerate(RECALL * 3)])
    await monitor.look(NOW)
    seen = await shown(database)
    assert seen.alarms[0].sayings
    async with database.writing() as session:
        recalled = select(TurnRow.dialogue_id).where(TurnRow.text.in_(RECALL))
        dialogues = list((await session.execute(recalled)).scalars())
        erased = await erasure.erase(session, dialogues)
        assert erased.counts["heard"] == len(dialogues) == 12
    seen = await shown(database)
    assert seen.alarms[0].sayings == ()
    assert not {said.text for topic in seen.topics for said in topic.sayings} & set(RECALL)
    assert seen.figures.hour.turns > 0


async def test_what_outside_texts_said_goes_with_them(database: Database, monitor: Monitor) -> None:
    old, new = NOW - timedelta(days=20), NOW - timedelta(days=1)
    await take_in(
        database, [("reviews", USUAL[0], old, 5.0), ("reviews", USUAL[1], new, None), ("forum", USUAL[2], old, 1.0)]
    )
    await monitor.look(NOW)
    assert await _heard(database) == 3
    await retention.retain(database, Retention(None, {"reviews": 10}), NOW, "test")
    assert await _heard(database) == 2
    gone = await retention.retain(database, Retention(10, {"reviews": 90}), NOW, "test")
    assert gone["observations"] == 1
    assert await _heard(database) == 1
    async with database.writing() as session:
        await observations.erase(session, "reviews", "reviews-1", "rhea")
    assert await _heard(database) == 0


async def _heard(database: Database) -> int:
    async with database.reading() as session:
        return (await session.execute(select(func.count()).select_from(HeardRow))).scalar_one()


async def test_a_text_whose_source_has_changed_it_is_heard_again(database: Database, monitor: Monitor) -> None:
    await take_in(database, [("reviews", USUAL[0], NOW, 5.0)])
    await monitor.look(NOW)
    async with database.reading() as session:
        (before,) = await heard.texts(session, monitor._reader.space, NOW - timedelta(days=1))
    assert before.mood == 1.0
    async with database.writing() as session:
        counts = await observations.put(session, [Observation("reviews", "reviews-0", USUAL[1], NOW, "en", 1.0)])
    assert (counts["new"], counts["changed"], counts["known"]) == (0, 1, 0)
    await monitor.look(NOW)
    async with database.reading() as session:
        (after,) = await heard.texts(session, monitor._reader.space, NOW - timedelta(days=1))
    assert after.mood == -1.0


async def test_the_map_holds_the_answers_that_there_are_and_is_drawn_when_they_change(
    database: Database, monitor: Monitor, telling: OnnxEncoder
) -> None:
    await monitor.look(NOW)
    async with database.reading() as session:
        assert [dot.place.answer_id for dot in await overview.memory_map(session)] == ["delivery"]
        version = (await watch.get(session)).memory_map["version"]
    await monitor.look(NOW)
    async with database.reading() as session:
        assert (await watch.get(session)).memory_map["version"] == version
    for number, question in enumerate(USUAL[1:4]):
        await teach(database, telling, AnswerDraft(f"Answer {number}.", question, f"a{number}", "en"), [question])
    await monitor.look(NOW)
    async with database.reading() as session:
        dots = await overview.memory_map(session)
    assert {dot.place.answer_id for dot in dots} == {"delivery", "a0", "a1", "a2"}
    assert len({(dot.x, dot.y) for dot in dots}) == 4


async def test_questions_that_nobody_answered_are_told_the_most_asked_first(
    database: Database, monitor: Monitor
) -> None:
    lacking = [Turn(USUAL[3], NOW - timedelta(hours=n + 1), decision="handoff", why="unsure") for n in range(4)]
    lacking += [Turn(USUAL[4], NOW - timedelta(hours=n + 1), decision="handoff", why="unsure") for n in range(2)]
    await replay(database, [*lacking, *ordinary(days=2)])
    await monitor.look(NOW)
    unanswered = (await shown(database)).unanswered
    assert [(topic.sayings[0].text, topic.people) for topic in unanswered] == [(USUAL[3], 4), (USUAL[4], 2)]


async def test_a_long_wait_and_no_wait_have_their_places() -> None:
    slow, quick = hours._one(_told(100.0)), hours._one(_told(0.01))
    assert slow.wait(0.5) is not None
    assert (slow.wait(0.5) or 0) > 30
    assert (quick.wait(0.5) or 1) <= 0.05
    assert hours.Hour().wait(0.5) is None


def _told(wait: float) -> hours.Told:
    return hours.Told(UUID(int=1), NOW, "answer", "answer", None, wait)
