"""What the widget makes of the bot's words: Markdown, hostile or not, suggestions, sources, votes, the transcript."""

import random
from datetime import UTC, datetime

import anyio
import pytest
from playwright.async_api import Browser, Page, expect

from bot.reply import Query, Reply
from tests.bot.running_server import RunningServer
from tests.bot.script import Script
from tests.flows.conftest import ServeAnswers
from tests.flows.test_stories import last, open_chat, say

pytestmark = pytest.mark.anyio

MARKDOWN = """# The Larch blanket

**Wash *gently*** at 30 °C with `Larch soap`, see https://example.com/wool.
Then:

1. Soak it for [ten minutes](https://example.com/soak).
2. Dry it **flat**.

- no tumbler
- 不要**暴晒**

```sh
tumble --never <b>
```
5 * 3 * 2 and snake_case and 2*3*4 stay; ask [us](mailto:help@example.com)."""
LINK = 'target="_blank" rel="noopener noreferrer nofollow"'
AS_NODES = (
    "<p><strong>The Larch blanket</strong></p>"
    "<p><strong>Wash <em>gently</em></strong> at 30 °C with <code>Larch soap</code>, "
    f'see <a href="https://example.com/wool" {LINK}>https://example.com/wool</a>.\nThen:</p>'
    f'<ol start="1"><li>Soak it for <a href="https://example.com/soak" {LINK}>ten minutes</a>.</li>'
    "<li>Dry it <strong>flat</strong>.</li></ol>"
    "<ul><li>no tumbler</li><li>不要<strong>暴晒</strong></li></ul>"
    '<pre dir="ltr"><code>tumble --never &lt;b&gt;</code></pre>'
    "<p>5 * 3 * 2 and snake_case and 2*3*4 stay; "
    f'ask <a href="mailto:help@example.com" {LINK}>us</a>.</p>'
)
HOSTILE = (
    "<script>document.title='owned'</script>",
    "<img src=x onerror=document.title='owned'>",
    "[press](javascript:document.title='owned')",
    "[press](JaVaScRiPt:alert(1)) [press](\tjavascript:alert(1)) [press](&#106;avascript:alert(1))",
    "[press](data:text/html,<script>alert(1)</script>) [press](vbscript:x) [press](//evil.example)",
    '[press](https://good.example/"onmouseover="document.title=1) https://good.example/"onclick="x',
    "**[*`<script>`*](javascript:x)** ***both*** ****four**** *a **b* c** **a *b** c*",
    "![picture](https://evil.example/pixel.png) [[nested](https://a.example)](javascript:x)",
    "[https://bank.example](https://other.example) [a](https://[bad) https://[bad",
    "`**code**` `<b>` ``` not a block ```",
)
PIECES = (
    *("*", "**", "***", "`", "```", "\n", "- ", "1. ", "# ", "[", "](", ")", "javascript:", "https://a.example", "<b>"),
    *("mailto:x", " ", "word", "重点", "<img src=x onerror=alert(1)>", "\\", '"', "'"),
)
# What a bubble may hold, and what its elements may carry.
ALLOWED = {"P", "STRONG", "EM", "CODE", "PRE", "A", "UL", "OL", "LI"}
ATTRIBUTES = {"href", "target", "rel", "dir", "start"}
CONTENT = """(bubble) => [...bubble.querySelectorAll("*")].map((node) => [
  node.tagName, [...node.attributes].map(({ name }) => name), node.protocol || "", node.querySelector("a") !== null,
])"""


async def check_harmless(page: Page) -> None:
    """The last answer holds what it may hold, and nothing of it ran."""
    bubble = last(page, "bot").locator(".bubble")
    for tag, attributes, protocol, holds_link in await bubble.evaluate(CONTENT):
        assert tag in ALLOWED
        assert set(attributes) <= ATTRIBUTES
        if tag == "A":
            assert protocol in {"http:", "https:", "mailto:", "tel:"}
            assert not holds_link
    assert await page.title() != "owned"


async def test_markdown_is_shown_as_what_it_means(browser: Browser, serve_answers: ServeAnswers) -> None:
    page = await open_chat(browser, await serve_answers({"Larch": MARKDOWN}))
    await say(page, "How do I wash the blanket?")
    await expect(last(page, "bot")).to_contain_text("The Larch blanket")
    assert await last(page, "bot").locator(".bubble").inner_html() == AS_NODES


async def test_a_hostile_answer_is_words_and_harmless_links(browser: Browser, serve_answers: ServeAnswers) -> None:
    page = await open_chat(browser, await serve_answers({"Bad": "\n\n".join(HOSTILE)}))
    await say(page, "What is the worst that you can say?")
    bubble = last(page, "bot").locator(".bubble")
    await expect(bubble).to_contain_text("<script>document.title='owned'</script>")
    await check_harmless(page)
    links = [str(await link.get_attribute("href")) for link in await bubble.locator("a").all()]
    sites = {link.split("/")[2] for link in links}
    assert sites == {"good.example", "evil.example", "a.example", "other.example"}


async def test_a_soup_of_marks_is_harmless_and_soon_shown(browser: Browser, serve_answers: ServeAnswers) -> None:
    chance = random.Random(6)
    soup = "".join(chance.choice(PIECES) for _ in range(1500))
    page = await open_chat(
        browser, await serve_answers({"Soup": f"Soup: {soup}{'*' * 1500}{'[' * 1500}{'`' * 1500} done"})
    )
    await say(page, "What is in the soup of today?")
    await expect(last(page, "bot")).to_contain_text("done")
    await check_harmless(page)


async def test_what_a_customer_writes_is_shown_as_it_was_written(browser: Browser, shop: RunningServer) -> None:
    page = await open_chat(browser, shop)
    text = "**How long** does `delivery` take? [x](https://example.com)"
    await say(page, text)
    await expect(last(page, "bot")).to_be_visible()
    assert await last(page, "customer").locator(".bubble").inner_html() == text


class Aisles(Script):
    """Offers, when asked "which", the answers whose titles end with the rest of the question."""

    async def respond(self, query: Query) -> Reply:
        """Decide for a turn."""
        stored, asked = self.answers, query.text.removeprefix("which ")
        try:
            self.answers = [answer for answer in stored if answer.title.endswith(asked)]
            return await super().respond(query)
        finally:
            self.answers = stored


async def test_every_message_keeps_its_own_suggestions_until_one_is_taken(
    browser: Browser, serve_answers: ServeAnswers
) -> None:
    titles = ("table lamp", "floor lamp", "small pan", "large pan")
    script = Aisles([])
    served = await serve_answers({title: f"All about the {title}." for title in titles}, script)
    page = await open_chat(browser, served)
    script.gate.clear()
    await say(page, "which lamp")
    await say(page, "which pan")
    await expect(page.locator("weaver-chat #events .message[data-role=customer]")).to_have_count(2)
    script.gate.set()
    suggestions = page.locator("weaver-chat .suggestion")
    await expect(suggestions).to_have_text(["table lamp", "floor lamp", "small pan", "large pan"])
    enabled = page.locator("weaver-chat .suggestion:enabled")
    await expect(enabled).to_have_count(4)

    await suggestions.nth(1).click()
    await expect(last(page, "bot")).to_contain_text("All about the floor lamp.")
    await expect(last(page, "bot").locator(".sources")).to_have_text("Source: floor lamp")
    await expect(enabled).to_have_text(["small pan", "large pan"])
    await page.reload()
    await open_chat(browser, served, page=page)
    await expect(enabled).to_have_text(["small pan", "large pan"])

    await say(page, "Never mind the pans, when do you open?")
    await expect(enabled).to_have_count(0)


@pytest.mark.parametrize(
    ("language", "question", "courtesy", "wish"),
    [
        ("en", "How long does delivery take?", "Thanks a lot!", "Get me a human please"),
        ("zh", "快递多久能到？", "好的，谢谢", "转人工"),
    ],
)
async def test_an_answer_can_be_judged_and_a_courtesy_can_not(
    browser: Browser, shop: RunningServer, language: str, question: str, courtesy: str, wish: str
) -> None:
    page = await open_chat(browser, shop, language)
    for number, (text, thumbs) in enumerate([(question, 2), (courtesy, 0), (wish, 0)], 1):
        await say(page, text)
        await expect(page.locator("weaver-chat .message[data-role=bot]")).to_have_count(number)
        await expect(last(page, "bot").locator(".thumb")).to_have_count(thumbs)


@pytest.mark.parametrize(
    ("language", "question", "lines"),
    [
        ("en", "How long does delivery take?", ["You: How long", "Assistant: Parcels take", "Notice: Waiting for a"]),
        (
            "zh",
            "快递多久能到？",
            ["您: 快递多久能到？", "智能助手: 一般三到五个工作日送达。", "提示: 正在等待人工客服"],
        ),
    ],
)
async def test_the_conversation_can_be_taken_along_as_a_text(
    browser: Browser, shop: RunningServer, language: str, question: str, lines: list[str]
) -> None:
    page = await open_chat(browser, shop, language)
    await expect(page.locator("weaver-chat #transcript")).to_be_disabled()
    await say(page, question)
    await expect(last(page, "bot")).to_be_visible()
    await page.locator("weaver-chat #handoff").click()
    await expect(page.locator("weaver-chat .status[data-mode=waiting]")).to_be_visible()
    async with page.expect_download() as downloading:
        await page.locator("weaver-chat #transcript").click()
    download = await downloading.value
    assert download.suggested_filename == f"chat-{datetime.now(UTC):%Y-%m-%d}.txt"
    said = await anyio.Path(await download.path()).read_text(encoding="utf-8")
    places = [said.find(line) for line in lines]
    assert -1 not in places, said
    assert places == sorted(places)
