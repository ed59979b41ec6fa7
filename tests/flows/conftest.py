"""A service with a small memory in two languages, and a real Chromium to look at it."""

import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import anyio
import pytest
from playwright.async_api import Browser, async_playwright, expect

from bot.settings import Settings
from knowledge_base import answers, keys, positions
from knowledge_base.accounts import AccountRole
from knowledge_base.answers import Answer, AnswerDraft
from knowledge_base.database import Database
from knowledge_base.positions import PositionDraft
from tests import tiny_encoder
from tests.bot.person import add_account
from tests.bot.running_server import RunningServer, run_server
from tests.bot.script import Script
from weaver_core.dialogue import PositionKind
from weaver_core.encoders import export, sources
from weaver_core.encoders.encoder import OnnxEncoder

CHROMIUM = "/usr/bin/chromium"
# As root there is no sandbox, and without a network Chromium's own calls home only make noise.
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# How long a test waits for what it expects, on a busy machine too.
PATIENCE_MS = 30_000
ServeAnswers = Callable[..., Awaitable[RunningServer]]
MEMORY = {
    ("delivery", "en", "How long delivery takes"): (
        "Parcels take three to five working days.",
        ("How long does delivery take?", "When will my parcel arrive?", "delivery time"),
    ),
    ("returns", "en", "Returns"): (
        "You can return it within 30 days.",
        ("Can I send it back?", "How do returns work?", "return policy"),
    ),
    ("delivery.zh", "zh", "配送多久到"): ("一般三到五个工作日送达。", ("快递多久能到", "几天送到", "什么时候发货到家")),
    ("returns.zh", "zh", "退货政策"): ("收货后30天内可以退货。", ("可以退货吗", "怎么退货", "不喜欢能退吗")),
}


@pytest.fixture(scope="session", autouse=True)
def patience() -> None:
    """Wait longer than Playwright's five seconds."""
    expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="session")
def shop_encoder(tmp_path_factory: pytest.TempPathFactory) -> OnnxEncoder:
    """A small transformer that this run wrote from the memory's own texts."""
    texts = [text for answer, questions in MEMORY.values() for text in (answer, *questions)]
    folder = tiny_encoder.write(tmp_path_factory.mktemp("encoder") / "tiny", texts)
    return OnnxEncoder(export.exported(sources.find(str(folder)), tmp_path_factory.mktemp("encoders")))


async def _teach(url: str, encoder: OnnxEncoder) -> None:
    database = Database(url)
    for (name, language, title), (text, questions) in MEMORY.items():
        vectors = encoder.encode(questions)
        async with database.writing() as session:
            draft = AnswerDraft(text, title, external_id=name, language=language)
            answer = await answers.create(session, draft, "test")
            drafts = [PositionDraft(PositionKind.QUESTION, question, language=language) for question in questions]
            ids = await positions.add(session, answer.id, drafts)
            await keys.put(session, encoder.version, dict(zip(ids, vectors, strict=True)), [answer.id])
    await database.close()


@pytest.fixture
def shop(sqlite_url: str, shop_encoder: OnnxEncoder, tmp_path: Path) -> Iterator[RunningServer]:
    """The service with its memory, a reviewer named ada and an agent named grace."""
    anyio.run(_teach, sqlite_url, shop_encoder)
    add_account(sqlite_url, "ada", AccountRole.REVIEWER)
    add_account(sqlite_url, "grace", AccountRole.AGENT)
    settings = Settings.model_validate({"home": tmp_path, "database_url": sqlite_url, "shop": True})
    with run_server(settings, shop_encoder) as server:
        yield server


@pytest.fixture
def serve_answers(sqlite_url: str, shop_encoder: OnnxEncoder, tmp_path: Path) -> Iterator[ServeAnswers]:
    """Starts the shop with a bot that gives the first of these answers, or offers all of them when asked "which"."""

    async def store(texts: Mapping[str, str]) -> list[Answer]:
        database = Database(sqlite_url)
        async with database.writing() as session:
            stored = [await answers.create(session, AnswerDraft(text, title), "test") for title, text in texts.items()]
        await database.close()
        return stored

    add_account(sqlite_url, "grace", AccountRole.AGENT)
    with ExitStack() as stack:

        async def start(texts: Mapping[str, str], script: Script | None = None, **more: object) -> RunningServer:
            given = {"home": tmp_path, "database_url": sqlite_url, "shop": True, **more}
            settings = Settings.model_validate(given)
            script = script or Script([])
            script.answers = await store(texts)
            return stack.enter_context(run_server(settings, shop_encoder, script.respond))

        yield start


@pytest.fixture
def strict_page(shop: RunningServer) -> Iterator[str]:
    """The address of another shop's page, which allows the chat's script and connections and nothing else."""
    connections = f"{shop.url} {shop.chat_url}"
    policy = (
        f"default-src 'none'; script-src {shop.url}; connect-src {connections}; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    )
    html = f"<!doctype html><title>Strict</title><body><script src='{shop.url}/widget.js' data-open></script>"

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/" else 404)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Security-Policy", policy)
            self.end_headers()
            self.wfile.write(html.encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://localhost:{server.server_port}/"
        server.shutdown()


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """A real Chromium."""
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        await chromium.close()
