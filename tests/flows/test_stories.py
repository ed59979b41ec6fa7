"""The product's stories in a real Chromium: a turn, a thumbs-down, a person who takes over."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import Browser, Locator, Page, WebSocketRoute, expect

from tests.bot.person import Served
from tests.bot.running_server import RunningServer
from tests.flows import next_page
from tests.flows.signing_in import signed_in

pytestmark = pytest.mark.anyio

CORRECT = "We only deliver lamps by van, on Fridays."


async def open_chat(browser: Browser, shop: Served, language: str = "en", page: Page | None = None) -> Page:
    """A customer on the shop's page, with the chat open, and in it what was said before."""
    page = page or await (await browser.new_context()).new_page()
    await page.goto(f"{shop.url}/shop?lang={language}")
    await page.locator("weaver-chat #launcher").click()
    await expect(page.locator("weaver-chat #greeting .bubble")).to_be_visible()
    await expect(page.locator("weaver-chat #log")).to_have_attribute("aria-busy", "false")
    return page


async def say(page: Page, text: str) -> None:
    """Type a message and send it."""
    await page.locator("weaver-chat #input").fill(text)
    await page.locator("weaver-chat #input").press("Enter")


def last(page: Page, role: str) -> Locator:
    """The last message of somebody."""
    return page.locator(f"weaver-chat .message[data-role={role}]").last


async def stop_time(page: Page) -> None:
    """Let no timer of a page that is still empty run out, until its clock is resumed."""
    await page.clock.install()
    await page.clock.pause_at(datetime.now(UTC) + timedelta(minutes=1))


async def vote_down(page: Page) -> None:
    """Give the bot's last message a thumb down, and wait until that is stored."""
    await last(page, "bot").locator(".thumb-down").click()
    await expect(last(page, "bot").locator(".thanks")).to_be_visible()


async def seqs(page: Page) -> list[str]:
    """The seqs of all messages as they are rendered."""
    messages = page.locator("weaver-chat #events .message")
    return [str(await message.get_attribute("data-seq")) for message in await messages.all()]


@pytest.mark.parametrize(
    ("language", "question", "answer"),
    [
        ("en", "How long does delivery take?", "Parcels take three to five working days."),
        ("zh", "快递多久能到？", "一般三到五个工作日送达。"),
    ],
)
async def test_a_customer_is_answered_and_finds_it_again_after_a_reload(
    browser: Browser, shop: RunningServer, language: str, question: str, answer: str
) -> None:
    page = await open_chat(browser, shop, language)
    await say(page, question)
    await expect(last(page, "bot")).to_contain_text(answer)
    await page.reload()
    await open_chat(browser, shop, language, page)
    await expect(last(page, "customer")).to_contain_text(question)
    await expect(last(page, "bot")).to_contain_text(answer)
    assert await seqs(page) == ["1", "2"]


@pytest.mark.slow
async def test_a_thumbs_down_and_a_correction_change_the_very_next_answer(
    browser: Browser, shop: RunningServer
) -> None:
    page = await open_chat(browser, shop)
    await say(page, "When will my parcel arrive?")
    await expect(last(page, "bot")).to_contain_text("three to five working days")
    await vote_down(page)
    await page.locator("weaver-chat .reason[data-reason=wrong]").click()
    await expect(last(page, "bot").locator(".thanks")).to_be_visible()

    reviewer = await signed_in(browser, shop, "ada", "/admin")
    await expect(reviewer.locator(".transcript")).to_contain_text("When will my parcel arrive?")
    await expect(reviewer.locator(".choices")).to_contain_text("Parcels take three to five working days.")
    writing = reviewer.locator("form[action$='/correct']", has=reviewer.locator("textarea"))
    await writing.locator("textarea").fill(CORRECT)
    await writing.locator("button.primary").click()
    await expect(reviewer.locator(".notice.good")).to_be_visible()

    another = await open_chat(browser, shop)
    await say(another, "when will my parcel arrive")
    await expect(last(another, "bot")).to_contain_text(CORRECT)

    await next_page.click(reviewer.locator(".notice.good button"))
    await expect(reviewer.locator(".notice.good")).to_be_visible()
    third = await open_chat(browser, shop)
    await say(third, "When will my parcel arrive?")
    await expect(last(third, "bot")).to_contain_text("three to five working days")


@pytest.mark.slow
async def test_the_reviewer_picks_an_answer_that_exists_and_it_is_given_next(
    browser: Browser, shop: RunningServer
) -> None:
    page = await open_chat(browser, shop, "zh")
    await say(page, "几天送到？")
    await expect(last(page, "bot")).to_contain_text("三到五个工作日")
    await vote_down(page)
    reviewer = await signed_in(browser, shop, "ada", "/admin?lang=zh")
    await reviewer.locator("#search").fill("退货")
    await reviewer.locator("#results .choice", has_text="退货政策").locator("button").click()
    await expect(reviewer.locator(".notice.good")).to_be_visible()
    another = await open_chat(browser, shop, "zh")
    await say(another, "几天送到")
    await expect(last(another, "bot")).to_contain_text("30天内可以退货")


async def test_a_person_takes_over_and_the_bot_is_silent_until_then_only(browser: Browser, shop: RunningServer) -> None:
    page = await open_chat(browser, shop)
    await page.locator("weaver-chat #handoff").click()
    await expect(page.locator("weaver-chat .status[data-mode=waiting]")).to_be_visible()
    await say(page, "How do returns work?")
    await expect(last(page, "bot")).to_contain_text("within 30 days")

    agent = await signed_in(browser, shop, "grace", "/agent")
    await next_page.click(agent.locator(".list a", has_text="returns").first)
    await agent.locator("form.reply textarea").fill("Hello, Grace here. What is it about?")
    await agent.locator("form.reply textarea").press("Control+Enter")
    await expect(last(page, "agent")).to_contain_text("Grace here")
    before = await page.locator("weaver-chat .message[data-role=bot]").count()
    await say(page, "A lamp.")
    await expect(agent.locator(".transcript, ol, main").first).to_contain_text("A lamp.")
    assert await page.locator("weaver-chat .message[data-role=bot]").count() == before


async def test_a_dropped_socket_renders_every_message_exactly_once(browser: Browser, shop: RunningServer) -> None:
    routes: list[WebSocketRoute] = []
    connected = asyncio.Event()

    def watch(route: WebSocketRoute) -> None:
        route.connect_to_server()
        routes.append(route)
        connected.set()

    page = await (await browser.new_context()).new_page()
    await page.route_web_socket("**/ws/chat", watch)
    await open_chat(browser, shop, page=page)
    questions = ["How long does delivery take?", "How do returns work?", "return policy", "delivery time"]
    for number, question in enumerate(questions, 1):
        await say(page, question)
        connected.clear()
        await routes[-1].close(code=1001)
        await asyncio.wait_for(connected.wait(), 30)
        await expect(page.locator("weaver-chat .message[data-role=bot]")).to_have_count(number)
    # What comes too late after a drop is asked for again over one more connection.
    assert len(routes) > len(questions)
    assert await seqs(page) == [str(number) for number in range(1, 2 * len(questions) + 1)]
    shown = [await item.inner_text() for item in await page.locator(".message[data-role=customer] .bubble").all()]
    assert shown == questions


@pytest.mark.parametrize(
    "text", ["<img src=x onerror=document.title='owned'>", "<script>document.title='owned'</script>"]
)
async def test_what_a_customer_writes_is_text_on_every_page(browser: Browser, shop: RunningServer, text: str) -> None:
    page = await open_chat(browser, shop)
    await say(page, text)
    await expect(last(page, "bot")).to_be_visible()
    await vote_down(page)
    await page.locator("weaver-chat #handoff").click()
    await expect(page.locator("weaver-chat .status[data-mode=waiting]")).to_be_visible()
    reviewer = await signed_in(browser, shop, "ada", "/admin")
    agent = await signed_in(browser, shop, "grace", "/agent")
    for shown in (page, reviewer, agent):
        await expect(shown.locator("body")).to_contain_text("Harbour" if shown is page else "document.title")
        assert await shown.title() != "owned"
