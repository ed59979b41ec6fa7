"""The page that watches: what it says at first and later, alarms taken on, and that text stays text."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import anyio
import numpy as np
import pytest

from benchmarks.replay import Turn, replay
from bot.monitoring.watch import Monitor
from bot.serving.active_model import Serving
from bot.serving.options import DecisionOptions
from knowledge_base.accounts import AccountRole
from knowledge_base.database import Database
from knowledge_base.watching import alarms, observations
from knowledge_base.watching.alarms import Rising
from knowledge_base.watching.observations import Observation
from tests.bot.person import Person, add_account, signed_in
from tests.bot.running_server import RunningServer
from weaver_core.encoders.encoder import OnnxEncoder

SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(2)>"


def lately() -> datetime:
    """A minute ago: what was said in the last seconds is not counted yet."""
    return datetime.now(UTC) - timedelta(minutes=1)


@pytest.fixture
def rhea(server: RunningServer, sqlite_url: str) -> Iterator[Person]:
    """A reviewer, signed in."""
    add_account(sqlite_url, "rhea", AccountRole.REVIEWER)
    with signed_in(server, "rhea") as person:
        yield person


def look(url: str, encoder: OnnxEncoder, *turns: Turn, outside: tuple[Observation, ...] = ()) -> None:
    """Customers ask these things, others write those, and the watch looks."""

    async def go() -> None:
        database = Database(url)
        await replay(database, turns)
        async with database.writing() as session:
            await observations.put(session, outside)
        async with Serving(database, [encoder], DecisionOptions()).loaded() as serving:
            await Monitor(database, serving, [encoder]).look(datetime.now(UTC))
        await database.close()

    anyio.run(go)


def raise_one(url: str, **more: object) -> str:
    """An alarm, by its id."""

    async def go() -> str:
        database = Database(url)
        values: dict[str, object] = {
            "kind": "volume",
            "since": lately() - timedelta(hours=1),
            "hours": 1.0,
            "people": 14,
            "expected": 0.4,
            "chance": 1e-12,
            "typical": (),
            "vector": np.ones(3, np.float32),
        }
        async with database.writing() as session:
            held = await alarms.raise_alarm(session, Rising(**(values | more)), "space", lately(), "test")  # type: ignore[arg-type]
        await database.close()
        return str(held.id)

    return anyio.run(go)


def test_an_empty_installation_is_told_what_to_do_first(rhea: Person) -> None:
    shown = rhea.read("/admin/watching")
    assert shown.status_code == 200
    assert "Nothing was said yet" in rhea.page
    assert "weaver import faq.csv" in rhea.page
    assert "/api/v1/observations" in rhea.page
    assert "<svg" not in rhea.page


def test_what_happened_stands_on_the_page_in_both_languages(
    rhea: Person, sqlite_url: str, encoder: OnnxEncoder
) -> None:
    said = lately()
    turns = [Turn("where is my boot?", said - timedelta(hours=n), mood=-0.5, vote=n != 1) for n in range(3)]
    turns += [Turn("do you sell hats?", said - timedelta(hours=n), decision="handoff", why="unsure") for n in (1, 2)]
    outside = tuple(Observation("reviews", str(n), f"my boot number {n} broke", said, "en", 2.0) for n in range(3))
    look(sqlite_url, encoder, *turns, outside=outside)
    rhea.read("/admin/watching?days=1")
    for words in (
        "60.0 %",
        "40.0 %",
        "66.7 %",
        "of 3 judged answers",
        "reviews",
        "do you sell hats?",
        "What is usual is being learned",
    ):
        assert words in rhea.page, words
    assert rhea.page.count('<svg class="chart"') == 7
    assert rhea.page.count("As a table") == 7
    rhea.client.headers["Accept-Language"] = "zh"
    rhea.read("/admin/watching?days=30")
    assert "最近 24 小时的话题" in rhea.page
    assert "转人工" in rhea.page


def test_an_alarm_is_shown_acknowledged_and_who_did_it_is_told(
    rhea: Person, sqlite_url: str, encoder: OnnxEncoder
) -> None:
    look(sqlite_url, encoder, Turn("where is my boot?", lately()))
    held = raise_one(sqlite_url)
    raise_one(sqlite_url, kind="anger")
    rhea.read("/admin/watching?days=1")
    assert rhea.page.count("I am on it") == 2
    assert "14 people in 1 h; usually 0.4" in rhea.page
    assert "14 angry people in 1 h" in rhea.page
    shown = rhea.send(f"/admin/watching/alarms/{held}/acknowledge", days="1")
    assert (shown.status_code, shown.url.path, shown.url.query) == (200, "/admin/watching", b"days=1")
    assert "rhea is on it" in rhea.page
    assert rhea.page.count("I am on it") == 1
    assert rhea.send("/admin/watching/alarms/01890a5d-ac96-774b-bcce-b302099a8057/acknowledge").status_code == 404
    assert "There is no topic alarm" in rhea.page


def test_what_customers_and_others_wrote_stays_text(rhea: Person, sqlite_url: str, encoder: OnnxEncoder) -> None:
    now = lately()
    said = [Turn(f"boot {SCRIPT}", now - timedelta(minutes=n), decision="handoff", why="unsure") for n in range(3)]
    outside = tuple(Observation(f"x{SCRIPT}"[:60], f"{n}", f"boot {SCRIPT}", now, None, 1.0) for n in range(3))
    look(sqlite_url, encoder, *said, outside=outside)
    rhea.read("/admin/watching")
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in rhea.page
    assert "<script>alert" not in rhea.page
    assert "<img src=x" not in rhea.page


@pytest.mark.parametrize("query", ["?days=0", "?days=91", "?days=week"])
def test_a_time_that_cannot_be_shown_is_refused_in_one_sentence(rhea: Person, query: str) -> None:
    assert rhea.read(f"/admin/watching{query}").status_code == 422
    assert "The field days" in rhea.page


def test_an_agent_may_not_watch(server: RunningServer, sqlite_url: str) -> None:
    add_account(sqlite_url, "omar", AccountRole.AGENT)
    with signed_in(server, "omar") as person:
        assert person.read("/admin/watching").status_code == 403
