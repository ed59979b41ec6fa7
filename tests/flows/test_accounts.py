"""The accounts in a real browser: by keyboard alone, in both languages, at every size and shade; axe looks at them."""

import re

import anyio
import pytest
from playwright.async_api import Browser, Page, expect

from knowledge_base.accounts import AccountRole
from tests.bot.axe import violations
from tests.bot.person import add_account
from tests.bot.running_server import RunningServer
from tests.flows import next_page, staff
from tests.flows.signing_in import sign_in
from tests.flows.test_desk_stories import SHADE

pytestmark = pytest.mark.anyio
GOOD = "copper lantern river sofa"
# How the element that has the focus may be called.
FOCUSED = "(({ name, ariaLabel, textContent }) => [name, ariaLabel, textContent.trim()])(document.activeElement)"


@pytest.fixture
async def boss(sqlite_url: str) -> str:
    """The name of an admin with a team."""
    await anyio.to_thread.run_sync(add_account, sqlite_url, "boss", AccountRole.ADMIN)
    await staff.hire(sqlite_url, "boss")
    return "boss"


async def tab_to(page: Page, name: str) -> None:
    """Press the tab key until the element of this name has the focus."""
    for _ in range(60):
        await page.keyboard.press("Tab")
        told = await page.evaluate(FOCUSED)
        if name in told:
            return
    raise AssertionError(f"nothing called {name} can be reached by keyboard")


@pytest.mark.slow
async def test_a_person_is_invited_and_joins_by_keyboard_alone(
    browser: Browser, shop: RunningServer, boss: str
) -> None:
    page = await browser.new_page()
    await sign_in(page, shop, boss, "/admin/accounts")
    await tab_to(page, "name")
    await page.keyboard.type("Noor")
    await next_page.press(page, "Enter")
    await expect(page.locator("#handed")).to_have_text("Hand this link to Noor")
    link = await page.locator("#link").input_value()
    assert re.fullmatch(rf"{shop.url}/invitation\?token=[\w-]+", link)
    await tab_to(page, "Copy")
    guest = await (await browser.new_context()).new_page()
    await guest.goto(link)
    await expect(guest.locator("input[name=password]")).to_be_focused()
    await guest.keyboard.type(GOOD)
    await guest.keyboard.press("Tab")
    await guest.keyboard.type(GOOD)
    await guest.keyboard.press("Enter")
    await guest.wait_for_url("**/agent")
    await expect(guest.locator(".who .name")).to_have_text("Noor")
    await page.goto(f"{shop.url}/admin/accounts")
    await tab_to(page, "Suspend: Noor")
    await next_page.press(page, "Enter")
    await expect(page.locator("li.card", has_text="Noor").locator(".tag.pending")).to_have_text("suspended")
    # The desk asks again by itself.
    await guest.wait_for_url(re.compile(r"/login\?"))


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(("width", "shade"), [(1280, "light"), (390, "dark")])
@pytest.mark.slow
async def test_axe_finds_no_violation_on_the_accounts_pages(
    browser: Browser, shop: RunningServer, boss: str, language: str, width: int, shade: SHADE
) -> None:
    context = await browser.new_context(viewport={"width": width, "height": 900}, color_scheme=shade)
    page = await context.new_page()
    failures: list[str] = []
    page.on("pageerror", lambda error: failures.append(str(error)))
    page.on("console", lambda said: failures.append(said.text) if said.type == "error" else None)
    await sign_in(page, shop, boss, "/admin/accounts", language)
    await page.locator("form.across input[name=name]").fill("Noor")
    await next_page.click(page.locator("form.across button.primary"))
    link = await page.locator("#link").input_value()
    for path in ("", "/admin/accounts", "/admin/keys", "/admin/audit", "/admin/audit?who=nobody", "/account", link):
        if path:
            await page.goto(path if path == link else shop.url + path)
        for details in await page.locator("details").all():
            await details.evaluate("one => { one.open = true; }")
        assert await violations(page) == [], path
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    assert failures == []


@pytest.mark.parametrize(
    ("locale", "written"), [("en-GB", r"\d\d:\d\d"), ("en-US", r"\d\d:\d\d [AP]M"), ("zh-CN", r"\d\d:\d\d")]
)
async def test_times_are_written_as_the_readers_region_writes_them(
    browser: Browser, shop: RunningServer, boss: str, locale: str, written: str
) -> None:
    page = await (await browser.new_context(locale=locale)).new_page()
    await sign_in(page, shop, boss, "/account")
    await expect(page.locator("main time").last).to_have_text(re.compile(rf"^{written}$"))
