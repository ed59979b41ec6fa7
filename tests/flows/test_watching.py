"""The page that watches in a real Chromium: on any screen, in both languages, by keyboard, and nothing in it runs."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from playwright.async_api import Browser, Page, expect

from benchmarks.replay import Turn, replay
from bot.monitoring.watch import Monitor
from bot.serving.active_model import Serving
from bot.serving.options import DecisionOptions
from knowledge_base.database import Database
from knowledge_base.watching import alarms, observations
from knowledge_base.watching.alarms import Rising
from knowledge_base.watching.observations import Observation
from tests.bot.axe import violations
from tests.bot.running_server import RunningServer
from tests.flows.signing_in import signed_in
from weaver_core.encoders.encoder import OnnxEncoder

pytestmark = pytest.mark.anyio

ROTTEN = "<script>document.title='hacked'</script><img src=x onerror=\"document.title='hacked'\">"


async def at_the_watch(browser: Browser, shop: RunningServer, **look: object) -> Page:
    """Ada at the watch."""
    page = await signed_in(browser, shop, "ada", "/admin/watching", **look)
    await expect(page.locator(".watch")).to_be_visible()
    return page


async def fill(shop: RunningServer, encoder: OnnxEncoder) -> None:
    """Two weeks of turns, votes and reviews, and an alarm."""
    database, now, random = Database(shop.settings.database), datetime.now(UTC), np.random.default_rng(0)
    texts = ("How long does delivery take?", "Can I send it back?", "快递多久能到", "可以退货吗", f"lamp {ROTTEN}")
    turns = [
        Turn(
            texts[number % len(texts)],
            now - timedelta(hours=1.1 * number),
            decision=("answer", "answer", "clarify", "handoff")[number % 4],
            why="unsure",
            confidence=float(random.uniform(0.3, 1)),
            mood=float(random.uniform(-1, 0.5)),
            wait=float(random.gamma(2, 0.1)),
            vote=None if number % 3 else bool(random.random() < 0.7),
        )
        for number in range(300)
    ]
    await replay(database, sorted(turns, key=lambda turn: turn.at))
    outside = [Observation(f"reviews {ROTTEN}"[:60], f"{n}", f"lamp {n} {ROTTEN}", now, "en", 2.0) for n in range(9)]
    async with database.writing() as session:
        await observations.put(session, outside)
    async with Serving(database, [encoder], DecisionOptions()).loaded() as serving:
        monitor = Monitor(database, serving, [encoder])
        await monitor.look(now)
    async with database.writing() as session:
        one = Rising("volume", now, 1.0, 12, 0.4, 1e-9, (), np.ones(3, np.float32))
        for _ in range(2):
            await alarms.raise_alarm(session, one, "space", now, "test")
        over = await alarms.raise_alarm(session, one, "space", now, "test")
        await alarms.end(session, over.id, now, "test")
    await database.close()


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [(1280, 900), (390, 844)])
@pytest.mark.slow
async def test_the_page_is_accessible_and_fits_on_any_screen(
    browser: Browser,
    shop: RunningServer,
    shop_encoder: OnnxEncoder,
    language: str,
    scheme: str,
    size: tuple[int, int],
) -> None:
    look: dict[str, object] = {
        "locale": language,
        "color_scheme": scheme,
        "viewport": {"width": size[0], "height": size[1]},
    }
    page = await at_the_watch(browser, shop, **look)
    assert await violations(page) == []
    await fill(shop, shop_encoder)
    for days in (1, 30):
        await page.goto(f"{shop.url}/admin/watching?days={days}")
        for details in await page.locator("details").all():
            await details.evaluate("one => { one.open = true; }")
        assert await violations(page) == []
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert await page.locator("svg.chart").count() == 8
    assert await page.title() != "hacked"
    assert await page.locator("main script, main img").count() == 0


async def test_an_alarm_is_taken_on_by_keyboard_alone(
    browser: Browser, shop: RunningServer, shop_encoder: OnnxEncoder
) -> None:
    await fill(shop, shop_encoder)
    page = await at_the_watch(browser, shop)
    buttons = page.locator(".alarm button")
    await expect(buttons).to_have_count(2)
    for _ in range(40):
        if await buttons.first.evaluate("one => one === document.activeElement"):
            break
        await page.keyboard.press("Tab")
    async with page.expect_navigation(wait_until="load"):
        await page.keyboard.press("Enter")
    await expect(buttons).to_have_count(1)
    await expect(page.locator(".alarm.acknowledged")).to_contain_text("ada is on it")
