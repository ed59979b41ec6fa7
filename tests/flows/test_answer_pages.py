"""The pages about answers in a real Chromium: approved by keyboard, imported by dropping a file, read on any screen."""

from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from playwright.async_api import Browser, Page, expect

from bot.settings import Settings
from knowledge_base import answers, dialogues, positions
from knowledge_base.accounts import AccountRole
from knowledge_base.answers import AnswerDraft, AnswerStatus
from knowledge_base.database import Database
from knowledge_base.positions import PositionDraft
from tests import tiny_encoder
from tests.bot.axe import violations
from tests.bot.person import add_account, talk
from tests.bot.running_server import RunningServer, run_server
from tests.flows import next_page
from tests.flows.next_page import press
from tests.flows.signing_in import fill_in, signed_in
from weaver_core.dialogue import Dialogue, PositionKind, Role, Turn
from weaver_core.encoders import export, sources
from weaver_core.encoders.encoder import OnnxEncoder

pytestmark = pytest.mark.anyio

ROTTEN = "<script>document.title='hacked'</script><img src=x onerror=\"document.title='hacked'\">"
IMPORTED_MS = 120_000
# Drops files on the form, as a hand would.
DROP = """([selector, files]) => {
  const dataTransfer = new DataTransfer();
  for (const [name, text] of files) dataTransfer.items.add(new File([text], name));
  const dropped = new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true });
  document.querySelector(selector).dispatchEvent(dropped);
}"""
TRIED = "/admin/try?q=Where+are+you%3F"
IS_ANSWERED = "async ([path, answer]) => (await (await fetch(path)).text()).includes(answer)"


async def mine(shop: RunningServer, *texts: str) -> None:
    """Answers that were found in dialogues and wait."""
    database = Database(shop.settings.database)
    for number, text in enumerate(texts):
        turns = (
            Turn(Role.CUSTOMER, "I have a long story first. " * 30),
            Turn(Role.CUSTOMER, f"question {number}? {ROTTEN}"),
            Turn(Role.AGENT, text),
        )
        async with database.writing() as session:
            stored = await dialogues.add(session, Dialogue(f"d{number}", turns), "dialogues", "default", f"h{number}")
            draft = AnswerDraft(text, text[:40], status=AnswerStatus.PENDING, origin="dialogue")
            answer = await answers.create(session, draft, "import")
            asked = PositionDraft(PositionKind.QUESTION, turns[1].text, turn_id=stored.turn_ids[1])
            await positions.add(session, answer.id, [asked])
    await database.close()


async def waiting(page: Page) -> int:
    """How many answers wait, as the page says."""
    return int(await page.locator("#statuses .count").first.inner_text())


async def test_answers_are_approved_beside_their_dialogues_by_keyboard_alone(
    browser: Browser, shop: RunningServer
) -> None:
    await mine(shop, *(f"The lamp number {number} glows." for number in range(6)))
    page = await signed_in(browser, shop, "ada", "/admin/answers?status=pending")
    assert await waiting(page) == 6
    # The place in a long dialogue is in sight.
    await expect(page.locator("[data-card]").first.locator(".judged")).to_be_in_viewport()
    await press(page, "a")
    await expect(page.locator("[role=status]")).to_contain_text("Approved")
    assert await waiting(page) == 5
    await press(page, "u")
    assert await waiting(page) == 6
    await press(page, "r")
    await page.keyboard.press("j")
    await page.keyboard.press("e")
    await page.keyboard.press("End")
    await page.keyboard.type(" Softly.")
    await press(page, "Control+Enter")
    assert await waiting(page) == 4
    await page.keyboard.press("x")
    await page.keyboard.press("j")
    await page.keyboard.press("x")
    await expect(page.locator("[data-count]")).to_have_text("2")
    async with page.expect_navigation(wait_until="load"):
        await page.locator("#bulk button[value=approved]").press("Enter")
    assert await waiting(page) == 2
    await page.goto(f"{shop.url}/admin/answers?q=Softly")
    await expect(page.locator("#results .answer")).to_have_count(1)


async def test_an_edit_of_what_somebody_else_has_changed_is_told_beside_both_wordings(
    browser: Browser, shop: RunningServer
) -> None:
    first, second = [await signed_in(browser, shop, "ada", "/admin/answers/returns") for _ in range(2)]
    await first.locator("textarea[name=text]").first.fill("You can return it within 60 days.")
    await first.get_by_role("button", name="Save").first.click()
    await expect(first.locator("[role=status]")).to_contain_text("Saved")
    await second.locator("textarea[name=text]").first.fill("You can return it within 14 days.")
    await second.get_by_role("button", name="Save").first.click()
    await expect(second.locator("[role=alert]")).to_contain_text("ada has changed the answer returns meanwhile")
    await expect(second.locator("textarea[name=text]").first).to_have_value("You can return it within 14 days.")
    await expect(second.locator(".proposal del")).to_contain_text("60")
    await expect(second.locator(".proposal ins")).to_contain_text("14")
    await next_page.click(first.get_by_role("button", name="Retire"))
    await second.goto(f"{shop.url}/admin/answers?status=retired")
    await expect(second.locator("#results")).to_contain_text("60 days")


async def test_a_session_that_ended_stores_nothing_and_says_so(browser: Browser, shop: RunningServer) -> None:
    page = await signed_in(browser, shop, "ada", "/admin/answers/returns")
    cookies = "; ".join(f"{one['name']}={one['value']}" for one in await page.context.cookies())
    form = {"csrf_token": await page.locator("[name=csrf_token]").first.get_attribute("value")}
    httpx2.post(f"{shop.url}/logout", data=form, headers={"Cookie": cookies}, follow_redirects=False, timeout=20)
    await page.locator("textarea[name=text]").first.fill("Never.")
    await page.get_by_role("button", name="Save").first.click()
    await expect(page.locator("[role=alert]")).to_contain_text("Nothing was changed")
    await page.goto(f"{shop.url}/admin/imports")
    await fill_in(page, "ada")
    await page.wait_for_url(f"{shop.url}/admin/imports")
    await page.context.clear_cookies()
    await page.evaluate(DROP, [".drop", [["faq.csv", "question,answer\nWhy?,So.\n"]]])
    await expect(page.locator("[role=alert]")).to_contain_text("Nothing was changed")


@pytest.fixture
def importing_shop(
    sqlite_url: str, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[RunningServer]:
    """An empty service whose processes of their own find the same small encoder."""
    cache = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    folder = tiny_encoder.write(tmp_path / "tiny", ["How long does it take?", "Three days."])
    encoder = OnnxEncoder(export.exported(sources.find(str(folder)), export.default_cache()))
    add_account(sqlite_url, "ada", AccountRole.REVIEWER)
    settings = Settings.model_validate({"home": tmp_path, "database_url": sqlite_url, "encoders": (str(folder),)})
    with run_server(settings, encoder) as server:
        yield server


@pytest.mark.slow
async def test_a_file_is_dropped_looked_at_and_imported(browser: Browser, importing_shop: RunningServer) -> None:
    page = await signed_in(browser, importing_shop, "ada", "/admin/imports")
    await expect(page.locator("#files")).to_contain_text("No file has been sent yet")
    faq = "question,answer\nHow long does it take?,Three days.\n,Nothing.\nWhere are you?,In Leith.\n"
    async with page.expect_navigation(wait_until="load"):
        await page.evaluate(DROP, [".drop", [[f"{ROTTEN}.csv", faq], ["photo.png", "\u0089PNG\u0000\u0000"]]])
    # One after the other; the page follows without being loaded again.
    ready = page.locator(".run.ready")
    await expect(ready).to_be_visible(timeout=IMPORTED_MS)
    await expect(ready).to_contain_text("2 questions with answers (faq)")
    await expect(ready.locator("summary").first).to_have_text("1 cannot be used; they are left out")
    told = "photo.png is of no kind that Weaver reads"
    await expect(page.locator(".run.failed .notice")).to_contain_text(told, timeout=IMPORTED_MS)
    assert await violations(page) == []
    await next_page.click(page.get_by_role("button", name="Import it"))
    await expect(page.locator(".run.done .figures")).to_contain_text("2 new", timeout=IMPORTED_MS)
    assert await page.title() != "hacked"
    await page.evaluate(DROP, [".drop", [["empty.csv", ""]]])
    await expect(page.locator("[data-problem]")).to_contain_text("empty.csv is empty; nothing was stored.")
    # What was imported is answered a moment later.
    await page.wait_for_function(IS_ANSWERED, arg=[TRIED, "In Leith."], polling=200)
    await page.goto(f"{importing_shop.url}{TRIED}")
    await expect(page.locator(".attended li").first).to_contain_text("In Leith.")


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [(1280, 900), (390, 844)])
@pytest.mark.slow
async def test_every_page_is_accessible_and_fits_and_runs_nothing_that_customers_wrote(
    browser: Browser, shop: RunningServer, language: str, scheme: str, size: tuple[int, int]
) -> None:
    await mine(shop, f"Rub it. {ROTTEN}", "Rinse it.")
    live = talk(shop, f"How do returns work? {ROTTEN}")
    look = {"locale": language, "color_scheme": scheme, "viewport": {"width": size[0], "height": size[1]}}
    page = await signed_in(browser, shop, "ada", "/admin/answers", **look)
    for path in (
        "/admin/answers",
        "/admin/answers?status=pending",
        "/admin/answers?status=retired",
        "/admin/answers/returns?saved=true",
        "/admin/new-answer?question=Why%3F",
        "/admin/answer-pairs",
        "/admin/try?q=How+do+returns+work%3F",
        "/admin/imports",
        "/admin/dialogues?q=returns",
        f"/admin/dialogues/{live.id}",
        "/admin/dialogues/01a209ad-0000-7000-8000-000000000000",
    ):
        await page.goto(f"{shop.url}{path}")
        for details in await page.locator("details").all():
            await details.evaluate("one => { one.open = true; }")
        assert await violations(page) == [], path
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        assert await page.locator("main script, main img[src=x]").count() == 0, path
        assert await page.title() != "hacked", path
