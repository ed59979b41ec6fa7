"""Signing in, in a real browser."""

from playwright.async_api import Browser, Page, expect

from tests.bot.person import PASSWORD
from tests.bot.running_server import RunningServer


async def sign_in(page: Page, server: RunningServer, name: str, wanted: str, language: str = "en") -> None:
    """Sign in by keyboard, and go to the wanted page."""
    await page.goto(f"{server.url}/login?lang={language}&next={wanted}")
    # Keys typed before the field has the focus, which it takes by itself when the page is ready, are lost.
    await expect(page.locator("input[name=name]")).to_be_focused()
    await page.keyboard.type(name)
    await page.keyboard.press("Tab")
    await page.keyboard.type(PASSWORD)
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"{server.url}{wanted}")


async def signed_in(browser: Browser, server: RunningServer, name: str, wanted: str, **context: object) -> Page:
    """A person of the company on one of their pages, in a browser of their own."""
    page = await (await browser.new_context(**context)).new_page()  # type: ignore[arg-type]
    await sign_in(page, server, name, wanted)
    return page
