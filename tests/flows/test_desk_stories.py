"""An agent's day at the desk in a real Chromium: by the keyboard alone, followed live, for everybody."""

import asyncio
from typing import Literal

import httpx2
import pytest
from playwright.async_api import Browser, Page, Route, expect

from tests.bot.axe import violations
from tests.bot.person import Talk, talk
from tests.bot.running_server import RunningServer
from tests.flows import next_page
from tests.flows.signing_in import sign_in, signed_in

pytestmark = pytest.mark.anyio

SHADE = Literal["light", "dark"]
REFUND = "Your money is back within five days."


def wait_for_a_person(shop: RunningServer, *texts: str) -> Talk:
    """A customer who has written these texts and asked for a person."""
    held = talk(shop, *texts)
    held.post(f"/conversations/{held.id}/handoff")
    return held


def said_by_agents(held: Talk) -> list[str]:
    """What the customer was told by people."""
    place = f"{held.server.url}/api/v1/conversations/{held.id}/events"
    found = httpx2.get(place, headers={"Authorization": f"Bearer {held.token}"}, timeout=20).json()["events"]
    return [event["text"] for event in found if event.get("role") == "agent"]


async def at_the_desk(browser: Browser, shop: RunningServer) -> Page:
    """Grace at her desk, with a canned text that she made there."""
    page = await signed_in(browser, shop, "grace", "/agent/canned")
    await page.locator("input[name=shortcut]").fill("/refund")
    await page.locator("textarea[name=text]").fill(REFUND)
    await page.locator("button.primary").click()
    await expect(page.locator(".card .words")).to_have_text(REFUND)
    await page.goto(f"{shop.url}/agent")
    return page


async def test_conversations_are_worked_by_the_keyboard_alone(browser: Browser, shop: RunningServer) -> None:
    first = wait_for_a_person(shop, "When will my parcel arrive?", "Which van brings the lamps?")
    second = wait_for_a_person(shop, "How do returns work?")
    page = await at_the_desk(browser, shop)
    press, box = page.keyboard.press, page.locator("form.reply textarea")
    await next_page.press(page, "j")
    await expect(page.locator(".mode")).to_have_text("waits for a person")
    assert f"conversation={first.id}" in page.url
    await next_page.press(page, "t")
    await expect(page.locator(".mode")).to_have_text("with a person · grace")

    suggestion = await page.locator(".proposal .said").nth(1).inner_text()
    await press("2")
    await expect(box).to_have_value(suggestion)
    await expect(box).to_be_focused()
    await page.keyboard.type(" tjb?12 /ref")
    await expect(page.locator(".canned [aria-selected=true]")).to_contain_text(REFUND)
    await press("Enter")
    await expect(box).to_have_value(f"{suggestion} tjb?12 {REFUND}")
    await press("Control+Enter")
    await expect(page.locator(".message.agent .said").last).to_have_text(f"{suggestion} tjb?12 {REFUND}")
    await expect(box).to_have_value("")
    await press("Escape")
    await press("Shift+1")
    await expect(page.locator(".message.agent")).to_have_count(2)

    await press("n")
    await page.keyboard.type("Lives on the third floor.")
    await press("Control+Enter")
    await expect(page.locator("#notes .words")).to_have_text("Lives on the third floor.")
    await press("Escape")
    await press("?")
    await expect(page.locator("dialog#keys")).to_be_visible()
    await press("Escape")
    await expect(page.locator("dialog#keys")).to_be_hidden()

    await press("r")
    await page.keyboard.type("half a sent")
    await press("Escape")
    await next_page.press(page, "k")
    await expect(page.locator(".mode")).to_have_text("waits for a person")
    assert f"conversation={second.id}" in page.url
    await next_page.press(page, "j")
    await expect(box).to_have_value("half a sent")
    await next_page.press(page, "b")
    await expect(page.locator(".mode")).to_have_text("with the bot")
    await press("c")
    await next_page.press(page, "Enter")
    await expect(page.locator(".empty")).to_be_visible()
    told = said_by_agents(first)
    assert len(told) == 2
    assert told[0] == f"{suggestion} tjb?12 {REFUND}"
    assert said_by_agents(second) == []


async def test_the_desk_follows_without_a_reload_and_keeps_what_is_open(browser: Browser, shop: RunningServer) -> None:
    held = wait_for_a_person(shop, "When will my parcel arrive?")
    page = await at_the_desk(browser, shop)
    await expect(page).to_have_title("(1) Conversations · Weaver")
    await page.goto(f"{shop.url}/agent?conversation={held.id}")
    await page.locator(".proposal summary").first.click()
    await page.locator("form.reply textarea").fill("Let me look.")
    await page.locator("form.reply textarea").press("Control+Enter")
    await expect(page.locator(".mode")).to_have_text("with a person · grace")
    await page.evaluate("window.here = true")
    await page.locator("form.reply textarea").fill("not sent yet")
    wait_for_a_person(shop, "How do returns work?")
    await expect(page.locator("#list li")).to_have_count(2)
    held.say("And can I send it back?")
    await expect(page.locator(".message.customer .said").last).to_have_text("And can I send it back?")
    await expect(page.locator("#suggested .for")).to_contain_text("And can I send it back?")
    await expect(page).to_have_title("(2) Conversations · Weaver")
    await expect(page.locator("#list .count.hot").last).to_contain_text("1")
    assert await page.evaluate("window.here") is True
    await expect(page.locator("form.reply textarea")).to_have_value("not sent yet")


async def test_what_is_typed_while_a_reply_is_on_its_way_stays(browser: Browser, shop: RunningServer) -> None:
    held = wait_for_a_person(shop, "When will my parcel arrive?")
    page = await signed_in(browser, shop, "grace", f"/agent?conversation={held.id}")
    on_its_way, arrives = asyncio.Event(), asyncio.Event()

    async def hold(route: Route) -> None:
        on_its_way.set()
        await arrives.wait()
        await route.continue_()

    await page.route("**/messages", hold)
    box = page.locator("form.reply textarea")
    await box.fill("Let me look.")
    await box.press("Control+Enter")
    await on_its_way.wait()
    await box.press_sequentially("One moment.")
    arrives.set()
    await expect(page.locator(".message.agent .said")).to_have_text("Let me look.")
    await expect(box).to_have_value("One moment.")
    await page.reload()
    await expect(box).to_have_value("One moment.")


async def test_colleagues_see_each_other_and_who_comes_second_is_told_who_was_first(
    browser: Browser, shop: RunningServer
) -> None:
    held = wait_for_a_person(shop, "When will my parcel arrive?")
    grace = await signed_in(browser, shop, "grace", f"/agent?conversation={held.id}")
    ada = await signed_in(browser, shop, "ada", f"/agent?conversation={held.id}")
    await expect(grace.locator("#present")).to_contain_text("ada")
    await expect(grace.locator("#turn")).to_contain_text("ada reads this conversation too.")
    await ada.keyboard.press("t")
    await expect(ada.locator(".mode")).to_have_text("with a person · ada")
    await expect(grace.locator(".mode")).to_have_text("with a person · ada")
    await expect(grace.locator("form.reply")).to_have_count(0)


async def test_single_keys_can_be_switched_off(browser: Browser, shop: RunningServer) -> None:
    wait_for_a_person(shop, "When will my parcel arrive?")
    page = await at_the_desk(browser, shop)
    await page.locator("#help").click()
    await page.locator("#single-keys").uncheck()
    await page.locator("#keys button").click()
    await page.locator("body").press("j")
    await page.reload()
    await page.locator("body").press("j")
    await expect(page.locator(".empty")).to_be_visible()
    assert "conversation=" not in page.url


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(("width", "shade"), [(1440, "light"), (1000, "dark"), (390, "dark")])
@pytest.mark.slow
async def test_axe_finds_no_violation_at_the_desk(
    browser: Browser, shop: RunningServer, language: str, width: int, shade: SHADE
) -> None:
    held = wait_for_a_person(shop, "When will my parcel arrive?", "快递多久能到")
    wait_for_a_person(shop, "How do returns work?")
    context = await browser.new_context(viewport={"width": width, "height": 900}, color_scheme=shade)
    page = await context.new_page()
    await sign_in(page, shop, "grace", "/agent/canned", language)
    await page.locator("input[name=shortcut]").fill("退款")
    await page.locator("textarea[name=text]").fill(REFUND)
    await next_page.click(page.locator("form.fields button.primary"))
    await expect(page.locator(".card .words")).to_be_visible()
    assert await violations(page) == []
    await page.goto(f"{shop.url}/agent")
    assert await violations(page) == []
    await page.goto(f"{shop.url}/agent?conversation={held.id}")
    await page.locator(".noting textarea").fill("Lives on the third floor.")
    await page.locator(".noting button").click()
    await expect(page.locator("#notes .words")).to_be_visible()
    await page.locator(".proposal summary").first.click()
    await page.locator("form.reply textarea").fill("/")
    await expect(page.locator("#canned")).to_be_visible()
    assert await violations(page) == []
    await page.evaluate("document.getElementById('keys').showModal()")
    assert await violations(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
