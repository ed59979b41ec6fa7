"""Images in a real Chromium: chosen, pasted, dropped, refused, shown again, and seen by the agent."""

import base64
from pathlib import Path

import pytest
from PIL import Image
from playwright.async_api import Browser, ConsoleMessage, FilePayload, Page, expect

from tests.bot.drawn import saved, screenshot
from tests.bot.running_server import RunningServer
from tests.flows import next_page
from tests.flows.signing_in import signed_in
from tests.flows.test_stories import last, open_chat, say, stop_time

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

QUESTION = "How long does delivery take?"
ANSWER = "Parcels take three to five working days."
# The image is read when it is uploaded, which takes seconds on a slow machine.
READ_MS = 60_000
FROM_CLIPBOARD = """([event, place, content, type]) => {
  const bytes = Uint8Array.from(atob(content), (character) => character.charCodeAt(0));
  const data = new DataTransfer();
  data.items.add(new File([bytes], "picture", { type }));
  const target = document.querySelector("weaver-chat").shadowRoot.querySelector(place);
  const made = event === "paste" ? new ClipboardEvent(event, { clipboardData: data, bubbles: true, cancelable: true })
    : new DragEvent(event, { dataTransfer: data, bubbles: true, cancelable: true });
  return target.dispatchEvent(made);
}"""
PIXELS = """(canvas) => new Set(canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data).size"""


def listen(page: Page) -> list[str]:
    """What the browser complains of from now on."""
    said: list[str] = []

    def keep(message: ConsoleMessage) -> None:
        if message.type == "error":
            said.append(message.text)

    page.on("console", keep)
    return said


async def choose(page: Page, content: bytes, name: str = "screen.png") -> None:
    """Choose a file with the paper clip."""
    async with page.expect_file_chooser() as chooser:
        await (
            page.get_by_role("button", name="Attach an image").or_(page.get_by_role("button", name="添加图片")).click()
        )
    file: FilePayload = {"name": name, "mimeType": "image/png", "buffer": content}
    await (await chooser.value).set_files(file)


async def uploaded(page: Page, number: int = 1) -> None:
    """Wait until so many images are ready to be sent."""
    done = page.locator("weaver-chat .attachment[aria-busy=false]")
    await expect(done).to_have_count(number, timeout=READ_MS)


async def is_painted(page: Page) -> None:
    """The last image of the conversation shows something."""
    picture = page.locator("weaver-chat .message canvas.image").last
    await expect(picture).to_be_visible()
    handle = await picture.element_handle()
    assert handle is not None
    await page.wait_for_function(f"(canvas) => ({PIXELS})(canvas) > 2", arg=handle)


async def test_a_screenshot_is_a_question_stays_in_the_conversation_and_reaches_the_agent(
    browser: Browser, shop: RunningServer
) -> None:
    page = await open_chat(browser, shop)
    said = listen(page)
    await choose(page, saved(screenshot([QUESTION])))
    await expect(page.locator("weaver-chat .attachment canvas[role=img]")).to_be_visible()
    await uploaded(page)
    await page.locator("weaver-chat #send").click()
    await expect(page.locator("weaver-chat .attachment")).to_have_count(0)
    await expect(last(page, "bot")).to_contain_text(ANSWER)
    await is_painted(page)
    await page.reload()
    await open_chat(browser, shop, page=page)
    await is_painted(page)
    await expect(page.get_by_role("img", name=f"Image: {QUESTION}")).to_be_visible()
    # Nothing that the page's policy forbids was tried.
    assert said == []

    await page.locator("weaver-chat #handoff").click()
    await expect(page.locator("weaver-chat .status[data-mode=waiting]")).to_be_visible()
    agent = await signed_in(browser, shop, "grace", "/agent")
    await next_page.click(agent.locator(".list a").first)
    await expect(agent.locator("figcaption")).to_contain_text(QUESTION)
    shown = agent.locator("figure img")
    await expect(shown).to_be_visible()
    assert await shown.evaluate("(image) => image.decode().then(() => image.naturalWidth)") == 760


async def test_images_are_pasted_and_dropped_and_taken_back_by_keyboard(browser: Browser, shop: RunningServer) -> None:
    page = await open_chat(browser, shop)
    content = base64.b64encode(saved(screenshot([QUESTION]))).decode()
    # A page that lets the browser have the file would be left for it.
    assert not await page.evaluate(FROM_CLIPBOARD, ["paste", "#input", content, "image/png"])
    assert not await page.evaluate(FROM_CLIPBOARD, ["dragover", "#log", content, "image/png"])
    assert not await page.evaluate(FROM_CLIPBOARD, ["drop", "#log", content, "image/png"])
    await uploaded(page, 2)
    await page.locator("weaver-chat #input").focus()
    for key in ("Shift+Tab", "Shift+Tab", "Enter"):
        await page.keyboard.press(key)
    await uploaded(page, 1)
    await expect(page.locator("weaver-chat .attachment")).to_have_count(1)
    assert await page.evaluate("document.querySelector('weaver-chat').shadowRoot.activeElement.id") == "input"
    await say(page, "Please look at this:")
    await expect(last(page, "customer")).to_contain_text("Please look at this:")
    await is_painted(page)
    await expect(page.locator("weaver-chat .message[data-role=customer]")).to_have_count(1)


@pytest.mark.parametrize(
    ("language", "sentence"),
    [("en", "The file is not a PNG, JPEG, WebP or GIF image."), ("zh", "只支持 PNG、JPEG、WebP 或 GIF 图片。")],
)
async def test_what_is_refused_is_said_and_leaves_nothing(
    browser: Browser, shop: RunningServer, language: str, sentence: str
) -> None:
    page = await (await browser.new_context()).new_page()
    # The sentence is there for six seconds, which are over before a slow machine has looked.
    await stop_time(page)
    await open_chat(browser, shop, language, page)
    await choose(page, b"%PDF-1.7 an invoice", "invoice.png")
    await expect(page.locator("weaver-chat #limit")).to_have_text(sentence)
    await expect(page.locator("weaver-chat .attachment")).to_have_count(0)
    await expect(page.locator("weaver-chat #send")).to_be_disabled()


async def test_a_photograph_that_is_too_large_is_made_smaller_by_the_page(
    browser: Browser, shop: RunningServer, tmp_path: Path
) -> None:
    page = await open_chat(browser, shop)
    noisy = tmp_path / "photo.png"
    noisy.write_bytes(saved(Image.effect_noise((3000, 2500), 120)))
    assert noisy.stat().st_size > 5_000_000
    await choose(page, noisy.read_bytes())
    await uploaded(page)


async def test_a_strict_page_of_another_origin_shows_images(browser: Browser, strict_page: str) -> None:
    page = await (await browser.new_context()).new_page()
    said = listen(page)
    await page.goto(strict_page)
    await expect(page.locator("weaver-chat #greeting .bubble")).to_be_visible()
    await choose(page, saved(screenshot([QUESTION])))
    await uploaded(page)
    await page.locator("weaver-chat #send").click()
    await expect(last(page, "bot")).to_contain_text(ANSWER)
    await page.reload()
    await is_painted(page)
    assert [one for one in said if "favicon" not in one] == []
