"""Images over REST: attached, sent with a message, given back, and to whom not."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import anyio
import httpx2
import pytest
from sqlalchemy import func, select

from bot.images import received
from knowledge_base import event_log
from knowledge_base.conversations import Mode
from knowledge_base.database import Database
from knowledge_base.identifiers import new_id
from knowledge_base.tables import AttachmentRow
from tests.bot.conftest import Serve
from tests.bot.drawn import ERROR, saved, screenshot, wordless
from tests.bot.running_server import RunningServer
from tests.bot.script import Script

Opened = dict[str, str]


@pytest.fixture
def http(server: RunningServer) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=f"{server.url}/api/v1", timeout=120) as client:
        yield client


@pytest.fixture
def visitor(http: httpx2.Client) -> Opened:
    opened: Opened = http.post("/conversations", json={}).json()
    return opened


def bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


def attach(http: httpx2.Client, visitor: Opened, content: bytes, name: str = "screen.png") -> httpx2.Response:
    path = f"/conversations/{visitor['id']}/attachments"
    return http.post(path, files={"file": (name, content, "image/png")}, headers=bearer(visitor["token"]))


def attached(http: httpx2.Client, visitor: Opened, content: bytes) -> str:
    response = attach(http, visitor, content)
    assert response.status_code == 200, response.text
    name: str = response.json()["id"]
    return name


def say(http: httpx2.Client, visitor: Opened, **fields: object) -> httpx2.Response:
    path = f"/conversations/{visitor['id']}/messages"
    return http.post(path, json={"client_id": "c1", "text": "", **fields}, headers=bearer(visitor["token"]))


def events(http: httpx2.Client, visitor: Opened) -> list[dict[str, Any]]:
    path = f"/conversations/{visitor['id']}/events"
    found: list[dict[str, Any]] = http.get(path, headers=bearer(visitor["token"])).json()["events"]
    return found


def stored(url: str) -> int:
    async def count() -> int:
        database = Database(url)
        async with database.reading() as session:
            number = (await session.execute(select(func.count()).select_from(AttachmentRow))).scalar_one()
        await database.close()
        return number

    return anyio.run(count)


def test_a_screenshot_s_text_joins_the_question(http: httpx2.Client, visitor: Opened, script: Script) -> None:
    content = saved(screenshot())
    answer = attach(http, visitor, content).json()
    assert answer.pop("id")
    assert answer == {"media_type": "image/png", "width": 760, "height": 156, "text_found": "\n".join(ERROR)}
    (image,) = [attached(http, visitor, content)]
    posted = say(http, visitor, text="What is this?", attachments=[image]).json()
    assert posted["reply"]["decision"] == "answer"
    assert script.asked[-1].text == "\n".join(["What is this?", *ERROR])
    asked, _ = events(http, visitor)
    assert asked["text"] == "What is this?"
    assert asked["attachments"] == [{"id": image, **answer}]


def test_an_image_alone_is_a_question_and_history_for_the_next(
    http: httpx2.Client, visitor: Opened, script: Script
) -> None:
    image = attached(http, visitor, saved(screenshot(["Where is my parcel?"])))
    assert say(http, visitor, attachments=[image]).status_code == 200
    assert script.asked[-1].text == "Where is my parcel?"
    say(http, visitor, client_id="c2", text="And?")
    assert script.asked[-1].history[0].text == "Where is my parcel?"


@pytest.mark.parametrize(
    ("locale", "answer"), [("en", "I could not find any text"), ("zh-CN", "我没能在图片中找到文字")]
)
def test_an_image_without_a_text_is_asked_back(serve: Serve, locale: str, answer: str) -> None:
    # No script: the model itself decides.
    with httpx2.Client(base_url=f"{serve().url}/api/v1", timeout=120) as http:
        visitor = http.post("/conversations", json={"locale": locale}).json()
        image = attached(http, visitor, saved(wordless()))
        reply = say(http, visitor, attachments=[image]).json()["reply"]
        assert (reply["decision"], reply["text"][: len(answer)]) == ("clarify", answer)
        assert "text_found" not in events(http, visitor)[0]["attachments"][0]


def test_an_image_comes_back_and_no_browser_runs_it(http: httpx2.Client, visitor: Opened, keys: dict[str, str]) -> None:
    image = attached(http, visitor, saved(screenshot()))
    path = f"/conversations/{visitor['id']}/attachments/{image}"
    for secret in (visitor["token"], keys["agent"], keys["reviewer"], keys["admin"]):
        found = http.get(path, headers=bearer(secret))
        assert (found.status_code, found.headers["content-type"]) == (200, "image/png")
        assert found.content == received.prepared(saved(screenshot())).content
    assert found.headers["x-content-type-options"] == "nosniff"
    assert found.headers["content-security-policy"] == "default-src 'none'; sandbox; frame-ancestors 'none'"
    assert found.headers["content-disposition"] == f'attachment; filename="{image}.png"'
    assert found.headers["cache-control"] == "private, no-store"


def test_nobody_else_gets_an_image(http: httpx2.Client, visitor: Opened, keys: dict[str, str]) -> None:
    image = attached(http, visitor, saved(screenshot()))
    other: Opened = http.post("/conversations", json={}).json()
    path = f"/conversations/{visitor['id']}/attachments/{image}"
    assert http.get(path).status_code == 401
    assert http.get(path, headers=bearer(other["token"])).status_code == 401
    assert http.get(path, headers=bearer(keys["program"])).status_code == 403
    # Nor through a conversation that is one's own.
    mine = f"/conversations/{other['id']}/attachments/{image}"
    for secret in (other["token"], keys["admin"]):
        refused = http.get(mine, headers=bearer(secret))
        assert (refused.status_code, refused.json()["code"]) == (404, "attachment_not_found")
    assert attach(http, {**visitor, "token": other["token"]}, saved(wordless())).status_code == 401


def test_a_program_attaches_for_its_customer(http: httpx2.Client, visitor: Opened, keys: dict[str, str]) -> None:
    assert attach(http, {**visitor, "token": keys["program"]}, saved(wordless())).status_code == 200


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"MZ not an image", (415, "image_type", "The file is not a PNG, JPEG, WebP or GIF image.")),
        (saved(screenshot())[:3000], (422, "image_damaged", "The image is damaged; it cannot be opened.")),
        (b"\x89PNG" + b"\0" * 5_000_000, (413, "image_too_large", "The image is too large; it may have 5 MB.")),
        (b"\0" * 6_000_000, (413, "content_too_large", "The body is too large: it may have 5065536 bytes.")),
        (
            saved(wordless(), "GIF", save_all=True, append_images=[screenshot()]),
            (422, "image_animated", "The image is animated; send a still one."),
        ),
    ],
)
def test_what_cannot_be_taken_is_refused_with_one_sentence_and_nothing_is_stored(
    http: httpx2.Client, visitor: Opened, sqlite_url: str, content: bytes, told: tuple[int, str, str]
) -> None:
    refused = attach(http, visitor, content)
    assert refused.headers["content-type"] == "application/problem+json"
    assert (refused.status_code, refused.json()["code"], refused.json()["detail"]) == told
    assert stored(sqlite_url) == 0


def test_a_body_without_a_file_is_refused(http: httpx2.Client, visitor: Opened) -> None:
    path = f"/conversations/{visitor['id']}/attachments"
    refused = http.post(path, json={}, headers=bearer(visitor["token"]))
    assert (refused.status_code, refused.json()["detail"]) == (422, "The field file is missing.")


def test_a_message_takes_only_unsent_images_of_its_own_conversation(http: httpx2.Client, visitor: Opened) -> None:
    other: Opened = http.post("/conversations", json={}).json()
    [mine, theirs] = [attached(http, one, saved(wordless())) for one in (visitor, other)]
    for name in (theirs, str(new_id())):
        refused = say(http, visitor, text="hello", attachments=[mine, name])
        assert (refused.status_code, refused.json()["code"]) == (404, "attachment_not_found")
    assert events(http, visitor) == []
    assert say(http, visitor, text="hello", attachments=[mine]).status_code == 200
    again = say(http, visitor, client_id="c2", text="hello", attachments=[mine])
    assert (again.status_code, again.json()["code"]) == (409, "attachment_sent")
    assert len(events(http, visitor)) == 2


def test_what_is_sent_again_is_a_duplicate_only_with_the_same_images(http: httpx2.Client, visitor: Opened) -> None:
    [one, two] = [attached(http, visitor, saved(wordless(200 + number))) for number in range(2)]
    first = say(http, visitor, text="hello", attachments=[one]).json()
    assert say(http, visitor, text="hello", attachments=[one]).json() == first
    for other in ({"text": "hello"}, {"text": "hello", "attachments": [two]}, {"text": "h", "attachments": [one]}):
        refused = say(http, visitor, **other)
        assert (refused.status_code, refused.json()["code"]) == (409, "client_id_reused")
    assert len(events(http, visitor)) == 2


def test_too_many_images_or_one_twice_are_refused(http: httpx2.Client, visitor: Opened) -> None:
    image = str(new_id())
    refused = say(http, visitor, text="hello", attachments=[image, image])
    assert refused.json()["detail"] == "The field attachments must not name one attachment twice."
    refused = say(http, visitor, text="hello", attachments=[str(new_id()) for _ in range(5)])
    assert refused.json()["detail"] == "The field attachments should have at most 4 items after validation, not 5."
    assert "1 to 4000" in say(http, visitor, attachments=[]).json()["detail"]


def test_images_are_limited_a_minute(serve: Serve, script: Script) -> None:
    server = serve(script, images_a_minute=2)
    with httpx2.Client(base_url=f"{server.url}/api/v1", timeout=120) as http:
        visitor: Opened = http.post("/conversations", json={}).json()
        assert [attach(http, visitor, saved(wordless())).status_code for _ in range(3)] == [200, 200, 429]


def test_a_closed_conversation_takes_no_image(http: httpx2.Client, visitor: Opened, sqlite_url: str) -> None:
    async def close() -> None:
        database = Database(sqlite_url)
        async with database.writing() as session:
            await event_log.set_mode(session, UUID(visitor["id"]), Mode.CLOSED)
        await database.close()

    anyio.run(close)
    refused = attach(http, visitor, saved(wordless()))
    assert (refused.status_code, refused.json()["code"]) == (409, "conversation_closed")


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [("https://shop.example", True), ("http://localhost:3000", True), ("https://evil.example", False), ("null", False)],
)
def test_pages_of_allowed_origins_alone_may_attach(serve: Serve, script: Script, origin: str, *, allowed: bool) -> None:
    server = serve(script, allowed_origins=("https://shop.example",))
    with httpx2.Client(base_url=f"{server.url}/api/v1", timeout=120) as http:
        visitor: Opened = http.post("/conversations", json={}).json()
        path = f"/conversations/{visitor['id']}/attachments"
        wanted = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
        asked = http.options(path, headers={"Origin": origin, **wanted})
        assert (asked.status_code == 204) is allowed
        sent = http.post(
            path,
            files={"file": ("x.png", saved(wordless()), "image/png")},
            headers={"Origin": origin, **bearer(visitor["token"])},
        )
        for answer in (asked, sent):
            assert answer.headers.get("access-control-allow-origin") == (origin if allowed else None)
        # Nothing else is readable for another origin's page.
        other = http.get(f"/conversations/{visitor['id']}/events", headers={"Origin": origin})
        assert "access-control-allow-origin" not in other.headers
