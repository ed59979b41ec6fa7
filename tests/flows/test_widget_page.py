"""The widget on a page: its JavaScript, focus, themes, directions, sound, badge, banner, a strict policy."""

import asyncio
import json
from typing import Any, Literal

import jwt
import pytest
import rcssmin
from playwright.async_api import Browser, Page, ViewportSize, WebSocketRoute, expect

from bot import widget
from tests.bot.running_server import RunningServer
from tests.flows import next_page
from tests.flows.conftest import ServeAnswers
from tests.flows.signing_in import signed_in
from tests.flows.test_image_stories import listen
from tests.flows.test_stories import last, open_chat, say, seqs, stop_time

pytestmark = pytest.mark.anyio

Scheme = Literal["light", "dark"]
DESKTOP: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 390, "height": 844}
SECRET = "the secret that the shop signs its customers with"
QUESTION = "How long does delivery take?"
ACTIVE = """() => {
  const outside = document.activeElement;
  return (outside.shadowRoot?.activeElement || outside).id;
}"""
# How many tones the browser was told to play.
COUNT_TONES = """
  window.tones = 0;
  const { start } = OscillatorNode.prototype;
  OscillatorNode.prototype.start = function (at) { window.tones++; return start.call(this, at); };
"""
HEARD = """() => {
  window.heard = [];
  for (const name of ["open", "close", "message", "status", "feedback", "unread"]) {
    Weaver.on(name, (detail) => window.heard.push([name, detail]));
  }
}"""
# A sheet's rules as the browser has understood them; values of custom properties it keeps as they were written.
RULES = """(text) => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(text);
  return [...sheet.cssRules].map(({ cssText }) => cssText.replace(/,\\s+/g, ","));
}"""
ARABIC = {"title": "تحدث معنا", "input": "اكتب رسالة…", "handoff": "تحدث إلى شخص", "greeting": "مرحباً! اسألني عن طلبك."}


async def visit(browser: Browser, shop: RunningServer, query: str = "lang=en", **context: Any) -> Page:  # noqa: ANN401
    """A new customer on the shop's page, with the chat closed."""
    page = await (await browser.new_context(**context)).new_page()
    await page.goto(f"{shop.url}/shop?{query}")
    await expect(page.locator("weaver-chat #launcher")).to_be_visible()
    return page


# What moves into its place is there when that has ended; some things move for ever.
SETTLED = """() => Promise.all(document.querySelector("weaver-chat").shadowRoot.getAnimations()
  .filter((one) => one.effect.getComputedTiming().endTime !== Infinity)
  .map((one) => one.finished.catch(() => 0)))"""


async def box(page: Page, selector: str) -> tuple[float, float, float, float]:
    """The place of a part of the widget, when nothing moves any more: left, top, right, bottom."""
    await expect(page.locator(f"weaver-chat {selector}").last).to_be_visible()
    await page.evaluate(SETTLED)
    place = await page.locator(f"weaver-chat {selector}").last.bounding_box()
    assert place is not None
    return place["x"], place["y"], place["x"] + place["width"], place["y"] + place["height"]


async def color(page: Page, selector: str, name: str = "background-color") -> str:
    """A colour as it is shown."""
    found: str = await page.locator(f"weaver-chat {selector}").last.evaluate(
        "(node, name) => getComputedStyle(node).getPropertyValue(name)", name
    )
    return found


async def test_a_page_opens_speaks_listens_and_closes(browser: Browser, shop: RunningServer) -> None:
    page = await visit(browser, shop)
    await page.evaluate(HEARD)
    assert await page.evaluate("Object.keys(Weaver)") == [
        *("open", "close", "toggle", "send", "identify", "setLocale", "setTheme", "on", "off")
    ]
    await page.evaluate("Weaver.open()")
    await page.evaluate(f"Weaver.send('{QUESTION}')")
    await expect(last(page, "bot")).to_contain_text("three to five")
    await last(page, "bot").locator(".thumb-up").click()
    await page.locator("weaver-chat #handoff").click()
    await expect(page.locator("weaver-chat .status[data-mode=waiting]")).to_be_visible()
    await page.evaluate("Weaver.toggle()")
    await expect(page.locator("weaver-chat #panel")).to_be_hidden()
    heard = await page.evaluate("window.heard")
    said = [
        (name, detail.get("role") or detail.get("mode") or detail.get("rating")) for name, detail in heard if detail
    ]
    assert [name for name, _ in heard if name in ("open", "close")] == ["open", "close"]
    assert ("message", "customer") in said
    assert ("message", "bot") in said
    assert ("feedback", "up") in said
    assert ("status", "waiting") in said


async def test_a_listener_hears_nothing_once_it_is_off(browser: Browser, shop: RunningServer) -> None:
    page = await visit(browser, shop)
    await page.evaluate("""() => {
      window.heard = [];
      const listener = () => window.heard.push("one");
      Weaver.on("open", listener);
      const stop = Weaver.on("open", () => window.heard.push("two"));
      Weaver.on("open", () => { throw new Error("a listener's own mistake"); });
      Weaver.open(); Weaver.close();
      Weaver.off("open", listener); stop();
      Weaver.off("never", listener);
      Weaver.open();
    }""")
    await expect(page.locator("weaver-chat #greeting .bubble")).to_be_visible()
    assert await page.evaluate("window.heard") == ["one", "two"]


async def test_a_page_that_loads_the_widget_late_is_told_when_it_is_there(
    browser: Browser, shop: RunningServer
) -> None:
    page = await (await browser.new_context()).new_page()
    await page.goto(f"{shop.url}/healthz")
    await page.evaluate("""() => {
      document.addEventListener("weaver:ready", () => Weaver.open());
      const script = document.createElement("script");
      Object.assign(script, { src: "/widget.js", async: true });
      document.head.append(script);
    }""")
    await expect(page.locator("weaver-chat #greeting .bubble")).to_be_visible()


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
async def test_the_focus_goes_in_and_comes_back_to_where_it_was(
    browser: Browser, shop: RunningServer, size: ViewportSize
) -> None:
    page = await visit(browser, shop, viewport=size)
    await page.locator("weaver-chat #launcher").focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("weaver-chat #greeting .bubble")).to_be_visible()
    assert await page.evaluate(ACTIVE) == "input"
    await page.keyboard.press("Escape")
    await expect(page.locator("weaver-chat #panel")).to_be_hidden()
    assert await page.evaluate(ACTIVE) == "launcher"
    # Opened from the page, the focus goes back to the page.
    await page.locator(".hero [data-chat]").focus()
    await page.keyboard.press("Enter")
    assert await page.evaluate(ACTIVE) == "input"
    await page.locator("weaver-chat #close").click()
    assert await page.locator(".hero [data-chat]").evaluate("(button) => button === document.activeElement")


async def test_the_browser_may_close_the_chat_too(browser: Browser, shop: RunningServer) -> None:
    page = await visit(browser, shop, viewport=PHONE)
    await page.evaluate(HEARD)
    await page.locator("weaver-chat #launcher").click()
    # As a phone's back gesture does; the widget is told of it later, and may have drawn itself again by then.
    await page.locator("weaver-chat #panel").evaluate("(panel) => { panel.close(); Weaver.setLocale('zh'); }")
    await expect(page.locator("weaver-chat #launcher")).to_have_attribute("aria-expanded", "false")
    await page.wait_for_function("window.heard.some(([name]) => name === 'close')")
    assert [name for name, _ in await page.evaluate("window.heard") if name != "unread"] == ["open", "close"]


async def test_the_message_box_is_small_again_once_a_long_message_is_sent(
    browser: Browser, shop: RunningServer
) -> None:
    page = await open_chat(browser, shop)
    _, empty, _, bottom = await box(page, "#input")
    await page.locator("weaver-chat #input").fill("The lamp\n\nis dark.\n\nWhy?")
    assert (await box(page, "#input"))[1] < empty
    await page.locator("weaver-chat #send").click()
    assert (await box(page, "#input"))[1::2] == (empty, bottom)
    await expect(page.locator("weaver-chat #send")).to_be_disabled()


async def test_on_a_phone_tab_stays_in_the_chat_which_fills_the_screen(browser: Browser, shop: RunningServer) -> None:
    page = await visit(browser, shop, viewport=PHONE)
    await page.locator("weaver-chat #launcher").click()
    await expect(page.locator("weaver-chat #greeting .bubble")).to_be_visible()
    assert await box(page, "#panel") == (0, 0, 390, 844)
    seen = []
    for _ in range(14):
        await page.keyboard.press("Tab")
        seen.append(await page.evaluate(ACTIVE))
    # The body is where a browser's own buttons would have the focus.
    assert set(seen) - {""} == {"sound", "close", "log", "handoff", "attach", "input"}
    await page.set_viewport_size(DESKTOP)
    await expect(page.locator("weaver-chat #panel:not(:modal)")).to_be_visible()
    left, top, right, bottom = await box(page, "#panel")
    assert right < 1280
    assert bottom < 800
    assert (left, top) > (0, 0)
    await expect(page.locator("weaver-chat #launcher")).to_be_visible()


async def test_tab_goes_through_the_panel_from_top_to_bottom(browser: Browser, shop: RunningServer) -> None:
    page = await open_chat(browser, shop)
    await say(page, QUESTION)
    await expect(last(page, "bot").locator(".thumb")).to_have_count(2)
    await page.locator("weaver-chat #sound").focus()
    order = ["sound"]
    for _ in range(8):
        await page.keyboard.press("Tab")
        order.append(await page.evaluate(ACTIVE))
    assert order == ["sound", "transcript", "close", "log", "", "", "handoff", "attach", "input"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_theme_is_the_systems_until_the_page_chooses_one(
    browser: Browser, shop: RunningServer, scheme: Scheme
) -> None:
    page = await visit(browser, shop, color_scheme=scheme)
    await page.evaluate("Weaver.open()")
    shades = {"light": "rgb(255, 255, 255)", "dark": "rgb(21, 28, 26)"}
    assert await color(page, "#panel") == shades[scheme]
    for theme in ("dark", "light"):
        await page.evaluate(f"Weaver.setTheme('{theme}')")
        assert await color(page, "#panel") == shades[theme]
    await page.evaluate("Weaver.setTheme('auto')")
    assert await color(page, "#panel") == shades[scheme]


@pytest.mark.parametrize(
    ("accent", "words"),
    [("#f6c945", "0"), ("#7fd4ff", "0"), ("hotpink", "0"), ("#12305c", "1"), ("crimson", "1"), ("rebeccapurple", "1")],
)
@pytest.mark.slow
async def test_words_on_the_shops_colour_are_black_or_white_as_can_be_read(
    browser: Browser, shop: RunningServer, accent: str, words: str
) -> None:
    page = await (await browser.new_context(reduced_motion="reduce")).new_page()
    await page.goto(f"{shop.url}/healthz")
    await page.evaluate(
        """(color) => {
          const script = document.createElement("script");
          Object.assign(script, { src: "/widget.js" });
          Object.assign(script.dataset, { color, open: "", theme: "light", title: "Ask", position: "left" });
          document.head.append(script);
        }""",
        accent,
    )
    await expect(page.locator("weaver-chat #greeting .bubble")).to_be_visible()
    await expect(page.locator("weaver-chat #title")).to_have_text("Ask")
    assert (await box(page, "#launcher"))[0] == 24
    assert (await color(page, "#launcher", "color")).startswith(f"oklch({words} ")


@pytest.mark.parametrize("locale", ["ar", "he-IL", "fa_IR"])
@pytest.mark.slow
async def test_a_language_from_right_to_left_mirrors_the_chat(
    browser: Browser, shop: RunningServer, locale: str
) -> None:
    page = await open_chat(browser, shop)
    await say(page, QUESTION)
    await expect(last(page, "bot")).to_be_visible()
    before = {part: await box(page, part) for part in ("#launcher", "#panel", "#face", "#send")}
    bubbles = {role: await box(page, f"[data-role={role}] .bubble") for role in ("bot", "customer")}
    await page.evaluate("([locale, texts]) => Weaver.setLocale(locale, texts)", [locale, ARABIC])
    await expect(page.locator("weaver-chat #greeting .bubble")).to_have_text(ARABIC["greeting"])
    await expect(page.locator("weaver-chat")).to_have_attribute("dir", "rtl")
    await expect(page.locator("weaver-chat #handoff")).to_have_text(ARABIC["handoff"])
    width = await page.evaluate("document.documentElement.clientWidth")
    for part, (left, top, right, bottom) in before.items():
        mirrored = (width - right, top, width - left, bottom)
        assert await box(page, part) == pytest.approx(mirrored, abs=1), part
    for role, (left, _, right, _) in bubbles.items():
        now = await box(page, f"[data-role={role}] .bubble")
        assert (now[0], now[2]) == pytest.approx((width - right, width - left), abs=1), role
    await page.evaluate("Weaver.setLocale('en')")
    await expect(page.locator("weaver-chat")).to_have_attribute("dir", "ltr")
    assert await box(page, "#launcher") == before["#launcher"]


async def test_a_page_may_set_the_direction_itself(browser: Browser, shop: RunningServer) -> None:
    page = await (await browser.new_context()).new_page()

    async def with_direction(route: Any) -> None:  # noqa: ANN401
        response = await route.fetch()
        await route.fulfill(
            response=response, body=(await response.text()).replace('data-locale="en"', 'data-dir="rtl"')
        )

    await page.route("**/shop*", with_direction)
    await page.goto(f"{shop.url}/shop?lang=en")
    assert (await box(page, "#launcher"))[0] == 24
    await page.locator("weaver-chat #launcher").click()
    await expect(page.locator("weaver-chat #title")).to_have_text("Chat with us")


@pytest.mark.parametrize(("language", "label"), [("en", "Open chat, 1 unread"), ("zh", "打开聊天, 1 条未读")])
async def test_what_came_while_the_chat_was_closed_is_counted_and_said(
    browser: Browser, shop: RunningServer, language: str, label: str
) -> None:
    page = await visit(browser, shop, f"lang={language}")
    await page.evaluate(HEARD)
    await page.evaluate(f"Weaver.send('{QUESTION}')")
    await expect(page.locator("weaver-chat #badge")).to_have_text("1")
    await expect(page.get_by_role("button", name=label)).to_be_visible()
    assert await page.locator("weaver-chat #news").inner_text() == label.split(", ")[1]
    await page.reload()
    await expect(page.locator("weaver-chat #badge")).to_have_text("1")
    await page.locator("weaver-chat #launcher").click()
    await expect(page.locator("weaver-chat #badge")).to_be_hidden()


async def test_there_is_no_sound_until_the_customer_wants_it(browser: Browser, shop: RunningServer) -> None:
    page = await (await browser.new_context()).new_page()
    await page.add_init_script(COUNT_TONES)
    await open_chat(browser, shop, page=page)
    switch = page.get_by_role("button", name="Sound")
    await expect(switch).to_have_attribute("aria-pressed", "false")
    await page.evaluate(f"Weaver.close(); Weaver.send('{QUESTION}')")
    await expect(page.locator("weaver-chat #badge")).to_have_text("1")
    assert await page.evaluate("window.tones") == 0

    await page.locator("weaver-chat #launcher").click()
    await switch.click()
    await expect(switch).to_have_attribute("aria-pressed", "true")
    assert await page.evaluate("window.tones") == 2
    # Who reads along needs no sound.
    await say(page, "How do returns work?")
    await expect(last(page, "bot")).to_contain_text("within 30 days")
    assert await page.evaluate("window.tones") == 2
    await page.evaluate("Weaver.close(); Weaver.send('delivery time')")
    await expect(page.locator("weaver-chat #badge")).to_have_text("1")
    assert await page.evaluate("window.tones") == 4
    await page.reload()
    await open_chat(browser, shop, page=page)
    await expect(switch).to_have_attribute("aria-pressed", "true")
    await switch.click()
    await page.evaluate("Weaver.close(); Weaver.send('return policy')")
    await expect(page.locator("weaver-chat #badge")).to_have_text("1")
    assert await page.evaluate("window.tones") == 0


@pytest.mark.parametrize(
    ("language", "lost", "again"),
    [("en", "Connection lost. Reconnecting…", "Try again"), ("zh", "连接已断开，正在重连…", "重试")],
)
async def test_a_lost_connection_is_said_and_nothing_is_lost(
    browser: Browser, shop: RunningServer, language: str, lost: str, again: str
) -> None:
    reachable, routes, refused = True, list[WebSocketRoute](), asyncio.Event()

    async def watch(route: WebSocketRoute) -> None:
        routes.append(route)
        if reachable:
            route.connect_to_server()
        else:
            await route.close(code=1001)
            refused.set()

    page = await (await browser.new_context()).new_page()
    await page.route_web_socket("**/ws/chat", watch)
    # The chat does not try again by itself before the customer does.
    await stop_time(page)
    await open_chat(browser, shop, language, page)
    await expect(page.locator("weaver-chat #banner")).to_be_hidden()
    reachable = False
    await routes[-1].close(code=1001)
    await expect(page.get_by_role("status").filter(has_text=lost)).to_be_visible()
    await say(page, QUESTION)
    await expect(page.locator("weaver-chat #outbox .message")).to_contain_text(QUESTION)
    await asyncio.wait_for(refused.wait(), 30)
    reachable = True
    await page.get_by_role("button", name=again).click()
    await page.clock.resume()
    await expect(last(page, "bot")).to_be_visible()
    await expect(page.locator("weaver-chat #banner")).to_be_hidden()
    assert await seqs(page) == ["1", "2"]


async def test_with_less_motion_nothing_moves(browser: Browser, shop: RunningServer) -> None:
    moving = "() => document.querySelector('weaver-chat').shadowRoot.getAnimations({ subtree: true }).length"
    # Counted at once: the movement is over in a moment.
    opening = f"() => {{ Weaver.open(); return ({moving})(); }}"
    assert await (await visit(browser, shop)).evaluate(opening) > 0
    calm = await visit(browser, shop, reduced_motion="reduce")
    assert await calm.evaluate(opening) == 0
    await calm.evaluate(f"Weaver.send('{QUESTION}')")
    await expect(last(calm, "bot")).to_be_visible()
    assert await calm.evaluate(moving) == 0


async def test_what_is_news_is_read_out_and_a_history_is_not(browser: Browser, shop: RunningServer) -> None:
    page = await open_chat(browser, shop)
    log = page.get_by_role("log", name="Conversation")
    await expect(log).to_have_attribute("aria-live", "polite")
    await say(page, QUESTION)
    await expect(last(page, "bot")).to_be_visible()
    await expect(log).to_have_attribute("aria-busy", "false")
    # Who speaks is said, though not shown.
    await expect(log.get_by_text("Assistant", exact=True)).to_have_count(1)
    await expect(log.get_by_text("You", exact=True)).to_have_count(1)


async def test_a_person_can_be_asked_for_at_any_time_and_says_who_they_are(
    browser: Browser, shop: RunningServer
) -> None:
    page = await open_chat(browser, shop)
    await page.get_by_role("button", name="Talk to a person").click()
    await expect(page.locator("weaver-chat #handoff")).to_have_text("Waiting for a person")
    await say(page, "My lamp is broken.")
    agent = await signed_in(browser, shop, "grace", "/agent")
    await next_page.click(agent.locator(".list a").first)
    await agent.get_by_role("textbox", name="Your reply").fill("Which **lamp** is it?")
    await agent.get_by_role("textbox", name="Your reply").press("Control+Enter")
    await expect(last(page, "agent").locator(".name")).to_have_text("grace")
    await expect(last(page, "agent").locator("strong")).to_have_text("lamp")
    await expect(page.locator("weaver-chat #mode")).to_have_text("You are talking to a person")
    await agent.get_by_role("button", name="Close").click()
    await expect(page.locator("weaver-chat .status[data-mode=closed]")).to_be_visible()
    # In a closed conversation the same button begins another one with a person.
    await page.get_by_role("button", name="Talk to a person").click()
    await expect(page.locator("weaver-chat #handoff")).to_have_text("Waiting for a person")
    await expect(page.locator("weaver-chat .status[data-mode=closed]")).to_have_count(0)


async def test_what_is_written_after_the_end_begins_a_new_conversation(browser: Browser, shop: RunningServer) -> None:
    page = await open_chat(browser, shop)
    await page.locator("weaver-chat #handoff").click()
    agent = await signed_in(browser, shop, "grace", "/agent")
    await next_page.click(agent.locator(".list a").first)
    await agent.get_by_role("textbox", name="Your reply").fill("We have sent a new one.")
    await agent.get_by_role("textbox", name="Your reply").press("Control+Enter")
    await expect(last(page, "agent")).to_contain_text("We have sent a new one.")
    await agent.get_by_role("button", name="Close").click()
    await expect(page.locator("weaver-chat .status[data-mode=closed]")).to_be_visible()
    await say(page, QUESTION)
    await expect(last(page, "bot")).to_contain_text("three to five")
    assert await seqs(page) == ["1", "2"]


async def test_a_strict_policy_of_the_page_forbids_nothing_that_the_chat_does(
    browser: Browser, strict_page: str
) -> None:
    page = await (await browser.new_context()).new_page()
    said = listen(page)
    await page.goto(strict_page)
    await expect(page.locator("weaver-chat #greeting .bubble")).to_be_visible()
    await page.locator("weaver-chat #sound").click()
    await say(page, QUESTION)
    await expect(last(page, "bot")).to_contain_text("three to five")
    await last(page, "bot").locator(".thumb-down").click()
    await page.locator("weaver-chat .reason").first.click()
    async with page.expect_download() as downloading:
        await page.locator("weaver-chat #transcript").click()
    assert await (await downloading.value).failure() is None
    await page.evaluate("Weaver.setTheme('dark'); Weaver.setLocale('ar')")
    await expect(page.locator("weaver-chat")).to_have_attribute("dir", "rtl")
    assert await color(page, "#panel") == "rgb(21, 28, 26)"
    assert [one for one in said if "favicon" not in one] == []


async def test_a_signed_customer_is_known_and_leaves_nothing_when_they_sign_out(
    browser: Browser, serve_answers: ServeAnswers
) -> None:
    served = await serve_answers({"Lamps": "It takes an E27 bulb."}, identity_secret=SECRET)
    page = await open_chat(browser, served)
    await say(page, "Which bulb does the lamp take?")
    await expect(last(page, "bot")).to_be_visible()
    frames: list[str] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda frame: frames.append(str(frame))))
    identity = jwt.encode({"sub": "customer-7"}, SECRET, algorithm="HS256")
    await page.evaluate("(jwt) => Weaver.identify(jwt)", identity)
    await say(page, "And how bright may it be?")
    await expect(page.locator("weaver-chat .message[data-role=bot]")).to_have_count(2)
    assert any(identity in frame for frame in frames)
    # A forged one is not believed, and the chat goes on.
    await page.evaluate("Weaver.identify('forged')")
    await say(page, "May I use an LED?")
    await expect(page.locator("weaver-chat .message[data-role=bot]")).to_have_count(3)
    await page.evaluate("Weaver.identify(null)")
    await expect(page.locator("weaver-chat .message")).to_have_count(0)
    await page.reload()
    await open_chat(browser, served, page=page)
    await expect(page.locator("weaver-chat .message")).to_have_count(0)


@pytest.mark.parametrize(("language", "moment"), [("en", "One moment, please…"), ("zh", "请稍候…")])
@pytest.mark.slow
async def test_while_the_database_is_away_the_customer_waits_a_moment(
    browser: Browser, shop: RunningServer, language: str, moment: str
) -> None:
    away = True

    def stand_between(route: WebSocketRoute) -> None:
        server = route.connect_to_server()

        def pass_on(frame: str | bytes) -> None:
            said = json.loads(frame)
            if away and said["type"] == "message":
                refused = {"type": "error", "code": "unavailable", "detail": "…", "client_id": said["client_id"]}
                route.send(json.dumps(refused))
            else:
                server.send(frame)

        route.on_message(pass_on)

    page = await (await browser.new_context()).new_page()
    await page.route_web_socket("**/ws/chat", stand_between)
    await open_chat(browser, shop, language, page)
    await say(page, QUESTION)
    await expect(page.locator("weaver-chat #outbox .meta")).to_have_text(moment)
    away = False
    await expect(last(page, "bot")).to_be_visible()
    assert await seqs(page) == ["1", "2"]


async def test_messages_that_came_too_fast_are_sent_again_and_stored_once(
    browser: Browser, shop: RunningServer
) -> None:
    page = await open_chat(browser, shop)
    texts = [f"Where is parcel number {number}?" for number in range(24)]
    await page.evaluate("(texts) => texts.forEach((text) => Weaver.send(text))", texts)
    await expect(page.locator("weaver-chat #events .message[data-role=customer]")).to_have_count(24)
    shown = await page.locator("weaver-chat #events .message[data-role=customer] .bubble").all_inner_texts()
    assert sorted(shown) == sorted(texts)
    await expect(page.locator("weaver-chat #outbox .message")).to_have_count(0)


async def test_the_style_means_without_its_spaces_what_it_means_with_them(browser: Browser) -> None:
    page = await browser.new_page()
    written = (widget.FOLDER / widget.STYLE).read_text(encoding="utf-8")
    rules: list[str] = await page.evaluate(RULES, written)
    assert len(rules) > 100
    assert await page.evaluate(RULES, rcssmin.cssmin(written)) == rules
