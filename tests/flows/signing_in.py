"""Signing in, in a real browser."""

from urllib.parse import urlencode

from playwright.async_api import Browser, Page, expect

from tests.bot.person import PASSWORD
from tests.bot.running_server import RunningServer


async def sign_in(page: Page, server: RunningServer, name: str, wanted: str, language: str = "") -> None:
    """Sign in by keyboard, and go to the wanted page: in this language, else in the browser's."""
    chosen = {"lang": language} if language else {}
    await page.goto(f"{server.url}/login?{urlencode({'next': wanted} | chosen)}")
    await fill_in(page, name)
    await page.wait_for_url(f"{server.url}{wanted}")


async def fill_in(page: Page, name: str, password: str = PASSWORD) -> None:
    """Fill in the form that is shown, by keyboard, and send it."""
    # Keys typed before the field has the focus, which it takes by itself when the page is ready, are lost.
    await expect(page.locator("input[name=name]")).to_be_focused()
    await page.keyboard.type(name)
    await page.keyboard.press("Tab")
    await page.keyboard.type(password)
    await page.keyboard.press("Enter")


async def signed_in(browser: Browser, server: RunningServer, name: str, wanted: str, **context: object) -> Page:
    """A person of the company on one of their pages, in a browser of their own."""
    page = await (await browser.new_context(**context)).new_page()  # type: ignore[arg-type]
    await sign_in(page, server, name, wanted)
    return page
