"""axe-core on a page: what it finds against WCAG and good practice, inside shadow roots too."""

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page


async def violations(page: Page, within: str | None = None) -> list[str]:
    """One line for each element that breaks a rule, on the page or within the elements of a CSS selector."""
    found = await Axe().run(page, within)
    return [
        f"{rule['id']}: {node['target']}: {node['failureSummary']}"
        for rule in found.response["violations"]
        for node in rule["nodes"]
    ]
