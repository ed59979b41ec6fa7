"""What axe-core finds in the widget: nothing, closed, open and answered, at every size, in every language and theme."""

import pytest
from playwright.async_api import Browser, ViewportSize, expect

from tests.bot.axe import violations
from tests.flows.conftest import ServeAnswers
from tests.flows.test_stories import last, say
from tests.flows.test_widget_page import ARABIC, DESKTOP, PHONE, Scheme
from tests.flows.test_widget_words import MARKDOWN

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE])
@pytest.mark.parametrize("language", ["en", "zh", "ar"])
@pytest.mark.slow
async def test_axe_finds_nothing_wrong(
    browser: Browser,
    serve_answers: ServeAnswers,
    language: str,
    size: ViewportSize,
    scheme: Scheme,
) -> None:
    served = await serve_answers({"The Larch blanket": MARKDOWN, "Returns": "Within 30 days."})
    context = await browser.new_context(viewport=size, color_scheme=scheme, reduced_motion="reduce")
    page = await context.new_page()
    await page.goto(f"{served.url}/shop?lang={'zh' if language == 'zh' else 'en'}")
    if language == "ar":
        await page.evaluate("(texts) => Weaver.setLocale('ar', texts)", ARABIC)
    await expect(page.locator("weaver-chat #launcher")).to_be_visible()
    assert await violations(page) == []

    await page.locator("weaver-chat #launcher").click()
    await expect(page.locator("weaver-chat #greeting .bubble")).to_be_visible()
    assert await violations(page) == []

    await say(page, "How do I wash the blanket?")
    await expect(last(page, "bot").locator(".thumb")).to_have_count(2)
    await say(page, "which of them")
    await expect(last(page, "bot").locator(".suggestion")).to_have_count(2)
    await last(page, "bot").locator(".thumb-down").click()
    await expect(last(page, "bot").locator(".reasons")).to_be_visible()
    await page.locator("weaver-chat #input").fill("x" * 3500)
    assert await violations(page) == []

    await page.locator("weaver-chat #input").fill("x" * 4500)
    await page.locator("weaver-chat #handoff").click()
    await expect(page.locator("weaver-chat .status[data-mode=waiting]")).to_be_visible()
    assert await violations(page) == []


async def test_axe_looks_inside_the_widget(browser: Browser, serve_answers: ServeAnswers) -> None:
    page = await (await browser.new_context(reduced_motion="reduce")).new_page()
    await page.goto(f"{(await serve_answers({})).url}/shop?lang=en")
    await page.locator("weaver-chat #launcher").evaluate("(button) => { button.ariaLabel = ''; }")
    found = await violations(page)
    assert [one.split(":")[0] for one in found] == ["button-name"]
    assert "launcher" in found[0]
