"""The review queue in a real Chromium: decided by keyboard alone, read by everybody, on any screen."""

from pathlib import Path

import anyio
import httpx2
import pytest
from playwright.async_api import Browser, Page, expect

from bot.serving.encoder_shelf import name_of
from knowledge_base.database import Database
from knowledge_base.reviews import clusters
from tests.bot.axe import violations
from tests.bot.person import talk
from tests.bot.running_server import RunningServer
from tests.flows.next_page import press
from tests.flows.signing_in import fill_in, signed_in
from weaver_core.encoders.encoder import OnnxEncoder

pytestmark = pytest.mark.anyio

TWENTY = 20
ROTTEN = "<script>document.title='hacked'</script><img src=x onerror=\"document.title='hacked'\">"


def fail(shop: RunningServer, *texts: str, **vote: str) -> None:
    """Customers who ask these things, each a thumb down."""
    for text in texts:
        talk(shop, text).vote_down(**vote)


async def at_the_queue(browser: Browser, shop: RunningServer, **context: object) -> Page:
    """Ada at the queue."""
    page = await signed_in(browser, shop, "ada", "/admin", **context)
    await expect(page.locator(".review")).to_be_visible()
    return page


async def clustered(shop: RunningServer, encoder: OnnxEncoder) -> None:
    """Wait until every failure is in a cluster."""
    database = Database(shop.settings.database)
    left = True
    while left:
        async with database.reading() as session:
            left = await clusters.has_new(session) or bool(await clusters.unplaced(session, name_of([encoder]), 1))
        await anyio.sleep(0.1)
    await database.close()


async def is_read(page: Page) -> None:
    """Wait until the page has fetched how the question is read now, where one is open."""
    reading = page.locator("#reading")
    await expect(reading.locator(".attended")).to_have_count(await reading.count())


async def waiting(page: Page) -> int:
    """How many clusters wait, as the page says."""
    return int(await page.locator(".tabs .count").first.inner_text())


async def take_apart(page: Page, most: int) -> None:
    """Take out what is one problem to the small encoder, until so many wait: upwards in the list, then down again."""
    step = "k"
    while await waiting(page) < most:
        if await page.locator("#bulk .entry > a").first.get_attribute("aria-current"):
            step = "j"
        if await page.locator("[data-key=s]").count():
            step = "k"
            await press(page, "s")
        else:
            await press(page, step)


@pytest.mark.slow
async def test_twenty_items_are_decided_by_keyboard_alone(
    browser: Browser, shop: RunningServer, shop_encoder: OnnxEncoder
) -> None:
    things = ("boots", "lamps", "kettles", "tents", "pans", "ropes", "maps", "mugs", "beds", "jars", "pots")
    fail(shop, *(f"Do you sell {thing} number {place}?" for place, thing in enumerate(things)), reason="wrong")
    fail(shop, *(f"{place} 号{thing}有货吗" for place, thing in enumerate(things)), reason="unclear")
    await clustered(shop, shop_encoder)
    page = await at_the_queue(browser, shop)
    await take_apart(page, TWENTY)
    decided = 0
    for number in range(TWENTY):
        before = await waiting(page)
        match number % 5:
            case 0:
                await press(page, "1")
            case 1:
                await press(page, "r")
            case 2:
                await page.keyboard.press("w")
                await page.keyboard.type(f"We have no such thing, but {number} others.")
                await press(page, "Control+Enter")
            case 3:
                await page.keyboard.press("e")
                await page.keyboard.press("End")
                await page.keyboard.type(f" Edited {number} times.")
                await press(page, "Control+Enter")
            case _:
                await press(page, "1")
                await press(page, "u")
                assert await waiting(page) == before
                await press(page, "r")
        await expect(page.locator("[role=alert]")).to_have_count(0)
        assert await waiting(page) == before - 1
        decided += 1
    assert decided == TWENTY


async def test_a_bulk_decision_and_its_undo_by_keyboard(
    browser: Browser, shop: RunningServer, shop_encoder: OnnxEncoder
) -> None:
    fail(shop, "Do you sell boots?", "快递多久能到我家", "可以退货吗请问")
    await clustered(shop, shop_encoder)
    page = await at_the_queue(browser, shop)
    total = await waiting(page)
    await page.keyboard.press("x")
    await press(page, "j")
    await page.keyboard.press("x")
    await expect(page.locator("[data-bulk]")).to_contain_text("2")
    await press(page, "R")
    assert await waiting(page) == total - 2
    await press(page, "u")
    assert await waiting(page) == total


async def test_a_session_that_ends_before_a_bulk_decision_changes_nothing_and_says_so(
    browser: Browser, shop: RunningServer, shop_encoder: OnnxEncoder
) -> None:
    fail(shop, "Do you sell boots?", "快递多久能到我家")
    await clustered(shop, shop_encoder)
    page = await at_the_queue(browser, shop)
    total = await waiting(page)
    await page.keyboard.press("x")
    cookies = await page.context.cookies()
    header = "; ".join(f"{one['name']}={one['value']}" for one in cookies)
    form = {"csrf_token": await page.locator("[name=csrf_token]").first.get_attribute("value")}
    httpx2.post(f"{shop.url}/logout", data=form, headers={"Cookie": header}, follow_redirects=False, timeout=20)
    await press(page, "A")
    await expect(page.locator("[role=alert]")).to_contain_text("Nothing was changed")
    async with page.expect_navigation(wait_until="load"):
        await fill_in(page, "ada")
    await expect(page.locator(".review")).to_be_visible()
    assert await waiting(page) == total


async def test_two_reviewers_on_one_item_the_second_is_told(browser: Browser, shop: RunningServer) -> None:
    fail(shop, "Do you sell boots?")
    first, second = await at_the_queue(browser, shop), await at_the_queue(browser, shop)
    await press(first, "f")
    await press(second, "1")
    await expect(second.locator("[role=alert]")).to_contain_text("ada has changed this")
    await press(first, "r")
    await press(second, "1")
    await expect(second.locator("[role=alert]")).to_contain_text("ada has already decided")
    await expect(second.locator(".decided")).to_be_visible()


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [(1280, 900), (390, 844)])
@pytest.mark.slow
async def test_every_state_of_the_queue_is_accessible(
    browser: Browser, shop: RunningServer, language: str, scheme: str, size: tuple[int, int], tmp_path: Path
) -> None:
    look: dict[str, object] = {
        "locale": language,
        "color_scheme": scheme,
        "viewport": {"width": size[0], "height": size[1]},
    }
    page = await at_the_queue(browser, shop, **look)
    assert await violations(page) == []
    fail(shop, "Do you sell boots?", f"kettles {ROTTEN}", "快递多久能到我家", reason="wrong", comment=ROTTEN)
    await page.goto(f"{shop.url}/admin")
    await expect(page.locator("#reading .attended")).to_be_visible()
    for details in await page.locator("details").all():
        await details.evaluate("one => { one.open = true; }")
    assert await violations(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await page.keyboard.press("?")
    await expect(page.locator("#keys")).to_be_visible()
    assert await violations(page) == []
    await page.keyboard.press("Escape")
    for path in ("?state=saved", "?state=reviewed", "?state=flagged", "?reason=unclear"):
        await page.goto(f"{shop.url}/admin{path}")
        await is_read(page)
        assert await violations(page) == []
    await page.screenshot(path=tmp_path / "queue.png")


async def test_what_customers_wrote_runs_nowhere_in_the_queue(browser: Browser, shop: RunningServer) -> None:
    fail(shop, f"boots {ROTTEN}", reason=ROTTEN[:20], comment=ROTTEN)
    page = await at_the_queue(browser, shop)
    await expect(page.locator("#reading .attended")).to_be_visible()
    await page.keyboard.press("n")
    await page.keyboard.type(ROTTEN)
    await press(page, "Control+Enter")
    await expect(page.locator(".beside .words")).to_have_text(ROTTEN)
    assert await page.title() != "hacked"
    assert await page.locator("main script, main img[src=x]").count() == 0
