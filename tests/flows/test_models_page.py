"""The models in a real browser: lineage, curves, reports, the guard; an update that is followed without a reload."""

import pytest
from playwright.async_api import Browser, expect

from knowledge_base import update_runs
from knowledge_base.database import Database
from knowledge_base.update_runs import Ending, Sign
from tests.bot.axe import violations
from tests.bot.running_server import RunningServer
from tests.flows import trained
from tests.flows.signing_in import sign_in, signed_in
from tests.flows.test_desk_stories import SHADE

pytestmark = [pytest.mark.anyio, pytest.mark.slow]


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(("width", "shade"), [(1280, "light"), (390, "dark")])
async def test_axe_finds_no_violation_whatever_is_open(
    browser: Browser, shop: RunningServer, sqlite_url: str, language: str, width: int, shade: SHADE
) -> None:
    await trained.train(sqlite_url)
    context = await browser.new_context(viewport={"width": width, "height": 900}, color_scheme=shade)
    page = await context.new_page()
    failures: list[str] = []
    page.on("console", lambda said: failures.append(said.text) if said.type == "error" else None)
    await sign_in(page, shop, "ada", "/admin/models", language)
    for details in await page.locator("details").all():
        await details.evaluate("one => { one.open = true; }")
    assert await violations(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert failures == []


async def test_lineage_reports_and_changed_turns_are_told(
    browser: Browser, shop: RunningServer, sqlite_url: str
) -> None:
    await trained.train(sqlite_url)
    page = await signed_in(browser, shop, "ada", "/admin/models")
    await expect(page.locator("svg .node")).to_have_count(5)
    await expect(page.locator("svg .branch")).to_have_count(4)
    await expect(page.locator("#v4 .facts")).to_contain_text("v2")
    await expect(page.locator("#v3 .facts")).to_contain_text("Mei Lin")
    await expect(page.locator("#v1 .facts")).to_contain_text("nothing: it is the first")
    await expect(page.locator("#guard")).to_contain_text("v5: 20 of 120. v4: 14 of 112.")
    await expect(page.locator("#guard .tag")).to_have_text(["as usual", "as usual"])
    await page.locator("summary", has_text="Right before, wrong after").first.click()
    pair = page.locator(".changed.lost li").first
    await expect(pair.locator(".asked")).to_have_text("Can I send the lamp back if it hums?")
    await expect(pair.locator(".before .title")).to_have_text("Returns")
    await expect(pair.locator(".after .title")).to_have_text("How long delivery takes")


async def test_a_version_that_does_worse_is_told_before_it_is_rolled_back(
    browser: Browser, shop: RunningServer, sqlite_url: str
) -> None:
    await trained.train(sqlite_url, live="uuud" * 20)
    page = await signed_in(browser, shop, "ada", "/admin/models")
    await expect(page.locator("#guard .tag.pending")).to_contain_text("of the proof that would roll it back")


async def test_an_update_is_followed_without_a_reload(browser: Browser, shop: RunningServer, sqlite_url: str) -> None:
    await trained.train(sqlite_url)
    await trained.under_way(sqlite_url)
    page = await signed_in(browser, shop, "ada", "/admin/models")
    await page.evaluate("document.marked = true")
    await expect(page.locator("#update [role=status]")).to_have_text("Training the encoders")
    await expect(page.locator("#update [data-update] .curve")).to_have_count(1)
    database = Database(sqlite_url)
    async with database.writing() as session:
        run = await update_runs.current(session)
        assert run is not None
        await update_runs.report(session, run, Sign("train", 0.47))
    await expect(page.locator("[data-percent]")).to_have_text("47 %")
    async with database.writing() as session:
        await update_runs.report(session, run, Sign("gate", 0.93))
    await expect(page.locator("#update [role=status]")).to_have_text("Measuring both versions")
    async with database.writing() as session:
        await update_runs.end(session, run, Ending(update_runs.DONE, "Too little to learn from.", {}))
    await expect(page.locator("#update button.primary")).to_have_text("Update now")
    assert await page.evaluate("document.marked")
    await database.close()


async def test_without_scripts_the_page_loads_itself_again(
    browser: Browser, shop: RunningServer, sqlite_url: str
) -> None:
    await trained.train(sqlite_url)
    await trained.under_way(sqlite_url)
    page = await signed_in(browser, shop, "ada", "/admin/models", java_script_enabled=False)
    await expect(page.locator("#update [role=status]")).to_have_text("Training the encoders")
    await expect(page.locator("meta[http-equiv=refresh]")).to_have_attribute("content", "10")
