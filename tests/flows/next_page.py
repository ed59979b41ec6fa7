"""Going to another page by a click or a key, in a real browser, until its scripts listen too."""

from playwright.async_api import Locator, Page


async def click(way: Locator) -> None:
    """Click what leads to another page, and wait for it."""
    async with way.page.expect_navigation(wait_until="load"):
        await way.click()


async def press(page: Page, key: str) -> None:
    """Press a key that leads to another page, and wait for it."""
    async with page.expect_navigation(wait_until="load"):
        await page.keyboard.press(key)
