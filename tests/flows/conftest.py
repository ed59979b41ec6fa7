"""A service with a small memory in two languages, and a real Chromium to look at it."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import anyio
import pytest
from playwright.async_api import Browser, async_playwright

from bot.settings import Settings
from knowledge_base import answers, keys, positions
from knowledge_base.accounts import AccountRole
from knowledge_base.answers import AnswerDraft
from knowledge_base.database import Database
from knowledge_base.positions import PositionDraft
from tests import tiny_encoder
from tests.bot.person import add_account
from tests.bot.running_server import RunningServer, run_server
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
async def browser() -> AsyncIterator[Browser]:
    """A real Chromium."""
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        await chromium.close()
