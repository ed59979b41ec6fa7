"""What axe-core finds wrong with a page."""

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page


async def violations(page: Page) -> list[str]:
    """The rules that a page breaks, each with the first place that does."""
    found = await Axe().run(page)
    return [f"{rule['id']}: {rule['nodes'][0]['html'][:120]}" for rule in found.response["violations"]]
