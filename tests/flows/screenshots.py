"""The pictures in docs/screenshots, of the sample shop: `python -m tests.flows.screenshots [HOME [NAME…]]`.

The shop's data is made anew, which takes minutes, or copied from the folder that is named: `var` after `make demo`.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Literal

import anyio
from anyio import to_thread
from PIL import Image
from playwright.async_api import Browser, FloatRect, Page, async_playwright, expect

from bot.commands.demo import PASSWORD_FILE
from tests.bot.drawn import saved, screenshot
from tests.bot.person import Person
from tests.flows import watched_shop
from tests.flows.conftest import CHROMIUM, FLAGS
from tests.flows.demo_shop import WEAVER, DemoShop, environment, serve_demo
from tests.flows.signing_in import fill_in
from tests.flows.test_image_stories import choose, uploaded
from tests.flows.test_stories import last, open_chat, say

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "screenshots"
MOST_BYTES = 150_000
ANSWERED_MS = 60_000
DESKTOP, PHONE = (1280, 800), (390, 844)
AGENT = "Layla"
ARABIC = {
    "title": "تحدث معنا",
    "input": "اكتب رسالة…",
    "handoff": "تحدث إلى شخص",
    "greeting": "مرحباً! اسألني عن طلبك أو منتجاتنا أو متجرنا.",
    "mode_bot": "إجابات فورية ليلاً ونهاراً",
    "mode_waiting": "في انتظار أحد الزملاء",
    "mode_agent": "أنت تتحدث مع أحد الزملاء",
}


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture: how the page is looked at, and what is done on it before."""

    name: str
    language: str
    size: tuple[int, int]
    scheme: Literal["light", "dark"]
    act: Callable[[Page, DemoShop], Awaitable[None]]


async def ask(page: Page, *questions: str) -> None:
    """Put questions to the bot, one after the other."""
    bot = page.locator("weaver-chat .message[data-role=bot]")
    for question in questions:
        before = await bot.count()
        await say(page, question)
        await expect(bot).to_have_count(before + 1, timeout=ANSWERED_MS)


async def talk_in_english(page: Page, _: DemoShop) -> None:
    """A sure answer that is liked, and one that the bot is not sure of."""
    await ask(page, "How long does delivery take?")
    await last(page, "bot").locator(".thumb-up").click()
    await ask(page, "How do I wash it?")


async def talk_in_chinese(page: Page, _: DemoShop) -> None:
    """The same in Chinese."""
    await ask(page, "可以用支付宝付款吗？")
    await last(page, "bot").locator(".thumb-up").click()
    await ask(page, "这个怎么洗？")


async def show_an_image(page: Page, _: DemoShop) -> None:
    """A question with a photograph of the lamp's display, and a thumb down."""
    await choose(page, saved(screenshot(["Lumen lamp", "Error E-17"], size=34, width=520)))
    await uploaded(page)
    await ask(page, "What does this mean?")
    await last(page, "bot").locator(".thumb-down").click()
    await page.locator("weaver-chat #input").blur()


async def show_a_chinese_image(page: Page, _: DemoShop) -> None:
    """The same in Chinese, with a long message."""
    await choose(page, saved(screenshot(["Lumen 智能灯", "错误 E-17"], size=34, width=520)))
    await uploaded(page)
    await ask(
        page, "您好，我上个月在贵店买了一盏灯，今天早上打开以后屏幕上一直显示这个，重新插电也没有用，请问是什么意思？"
    )


async def talk_from_right_to_left(page: Page, shop: DemoShop) -> None:
    """A conversation in Arabic with a person."""
    await page.evaluate("(texts) => Weaver.setLocale('ar', texts)", ARABIC)
    await expect(page.locator("weaver-chat #greeting .bubble")).to_have_text(ARABIC["greeting"])
    await page.locator("weaver-chat #handoff").click()
    await expect(page.locator("weaver-chat .status[data-mode=waiting]")).to_be_visible()
    stored = await page.evaluate("Object.entries(localStorage).find(([name]) => name.endsWith(':conversation'))[1]")
    address = f"/agent/conversations/{json.loads(stored)['id']}/messages"
    command = [WEAVER, "user", "add", AGENT, "--role", "agent", "--json"]
    made = await anyio.run_process(command, env=environment(shop.home), stderr=subprocess.DEVNULL)
    agent = page.locator("weaver-chat .message[data-role=agent]")
    turns = [
        ("مرحباً، أنا ليلى. كيف يمكنني مساعدتك؟", "متى يصل طلبي إلى دبي؟ اشتريت مصباح Lumen يوم الأحد."),
        (
            "يصل **خلال 7 إلى 14 يوم عمل**:\n\n1. نرسل لك رقم التتبع بالبريد.\n2. تجد الحالة في https://harbourandpine.example",
            "",
        ),
    ]
    with Person(shop) as layla:
        await to_thread.run_sync(layla.sign_in, AGENT, json.loads(made.stdout)["password"])
        await to_thread.run_sync(layla.read, "/agent")
        for number, (answer, reply) in enumerate(turns, 1):
            await to_thread.run_sync(partial(layla.send, address, text=answer))
            await expect(agent).to_have_count(number)
            if reply:
                await say(page, reply)
                await expect(page.locator("weaver-chat #outbox .message")).to_have_count(0)


PICTURES = (
    Picture("widget-en", "en", DESKTOP, "light", talk_in_english),
    Picture("widget-zh-dark", "zh", DESKTOP, "dark", talk_in_chinese),
    Picture("widget-phone-en", "en", PHONE, "light", talk_in_english),
    Picture("widget-phone-en-dark", "en", PHONE, "dark", show_an_image),
    Picture("widget-phone-zh", "zh", PHONE, "light", show_a_chinese_image),
    Picture("widget-phone-zh-dark", "zh", PHONE, "dark", talk_in_chinese),
    Picture("widget-phone-ar", "en", PHONE, "light", talk_from_right_to_left),
)


@dataclass(frozen=True, slots=True)
class ShopPicture:
    """One picture of a page behind the counter: its address, what is opened on it, which page of the docs it is in."""

    name: str
    path: str
    docs: str
    language: str = "en"
    scheme: Literal["light", "dark"] = "light"
    size: tuple[int, int] = DESKTOP


SHOP_PAGES = (
    ShopPicture("answers-en", "/admin/answers?status=pending&q=order", "answers.md"),
    ShopPicture("answers-try-en", "/admin/try?q=Can+I+send+a+lamp+back+after+two+weeks%3F", "answers.md"),
    ShopPicture("answers-alike-zh-dark", "/admin/answer-pairs", "answers.md", "zh", "dark"),
)


async def take_page(browser: Browser, shop: DemoShop, picture: ShopPicture) -> bytes:
    """A picture of a page, as a PNG of few colours."""
    context = await browser.new_context(
        viewport={"width": picture.size[0], "height": picture.size[1]},
        color_scheme=picture.scheme,
        reduced_motion="reduce",
        locale="en-GB" if picture.language == "en" else "zh-CN",
    )
    page = await context.new_page()
    await page.goto(f"{shop.url}{picture.path}")
    password = await anyio.Path(shop.home, PASSWORD_FILE).read_text()
    await fill_in(page, "admin", password.strip())
    await expect(page.locator("h1")).to_be_visible()
    await page.wait_for_load_state("networkidle")
    shown = await page.screenshot()
    await context.close()
    return small(shown, picture.name, smooth=picture.size == DESKTOP)


async def watch(page: Page, shop: DemoShop) -> None:
    """What the watch shows of the last week."""
    name = "ada" if await page.evaluate("navigator.language") == "en-GB" else "安娜"
    command = [WEAVER, "user", "add", name, "--role", "reviewer", "--json"]
    made = await anyio.run_process(command, env=environment(shop.home), stderr=subprocess.DEVNULL)
    await page.goto(f"{shop.url}/login?next=/admin/watching")
    await fill_in(page, name, json.loads(made.stdout)["password"])
    await expect(page.locator(".watch .tiles")).to_be_visible()


# The page that watches, of a shop in which some weeks have passed; its beginning is shown.
BEGINNING: FloatRect = {"x": 0, "y": 0, "width": 1280, "height": 1240}
WATCHING = (
    Picture("watching-en", "en", DESKTOP, "light", watch),
    Picture("watching-phone-zh-dark", "zh", PHONE, "dark", watch),
)


async def take(browser: Browser, shop: DemoShop, picture: Picture) -> bytes:
    """A picture as a PNG of few colours."""
    width, height = picture.size
    context = await browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme=picture.scheme,
        reduced_motion="reduce",
        device_scale_factor=2 if picture.size == PHONE else 1,
        locale="en-GB" if picture.language == "en" else "zh-CN",
    )
    page = await context.new_page()
    if picture in PICTURES:
        await open_chat(browser, shop, picture.language, page)
    await picture.act(page, shop)
    await page.mouse.move(0, 0)
    # A page says more than a screen holds.
    shown = await page.screenshot(full_page=True, clip=BEGINNING) if picture is WATCHING[0] else await page.screenshot()
    await context.close()
    return small(shown, picture.name, smooth=picture.size == DESKTOP)


def small(shown: bytes, name: str, *, smooth: bool) -> bytes:
    """A picture as a PNG of few colours; `smooth` where the sky and the shadows would have steps."""
    image, content = Image.open(BytesIO(shown)).convert("RGB"), BytesIO()
    few = image.quantize(256)
    if smooth:
        few = image.quantize(palette=few, dither=Image.Dither.FLOYDSTEINBERG)
    few.save(content, "PNG", optimize=True)
    if len(content.getvalue()) > MOST_BYTES:
        raise ValueError(f"{name} has {len(content.getvalue())} bytes, more than {MOST_BYTES}")
    return content.getvalue()


async def take_all(shop: DemoShop, names: list[str]) -> None:
    """Write the pictures, or those of these names."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for picture in (*PICTURES, *WATCHING):
            if names and picture.name not in names:
                continue
            content = await take(browser, shop, picture)
            await keep(picture.name, content)
        for page in SHOP_PAGES:
            if not names or page.name in names:
                await keep(page.name, await take_page(browser, shop, page))
        await browser.close()


async def keep(name: str, content: bytes) -> None:
    """Write a picture into the docs."""
    await anyio.Path(FOLDER, f"{name}.png").write_bytes(content)
    sys.stderr.write(f"{name}.png: {len(content):,} bytes\n")


def main() -> None:
    """Serve the shop, take the pictures."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder, "var")
        if sys.argv[1:]:
            shutil.copytree(sys.argv[1], home)
        if any(picture.name in sys.argv[2:] for picture in WATCHING):
            anyio.run(watched_shop.fill, home)
        with serve_demo(home, Path(folder, "demo.log")) as shop:
            anyio.run(take_all, shop, sys.argv[2:])


if __name__ == "__main__":
    main()
