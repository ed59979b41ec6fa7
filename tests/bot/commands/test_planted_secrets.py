"""Secrets planted in past dialogues reach no other customer by any face, even if every answer was approved unread."""

import json
import logging
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import anyio
import httpx2
import pytest
from sqlalchemy import select

from benchmarks.planting import dialogues
from benchmarks.planting.dialogues import Planted
from benchmarks.planting.secret import Group, Secret, Shown
from bot.settings import Settings
from knowledge_base import answers, api_keys, encoding, exports
from knowledge_base.accounts import AccountRole
from knowledge_base.answers import AnswerStatus
from knowledge_base.conversations import SOURCE
from knowledge_base.database import Database
from knowledge_base.ingestion.importing import ImportOptions, import_file
from knowledge_base.tables import DialogueRow, PositionRow, TurnRow
from tests.bot.action_server import UserEvent, serve_actions, webhook_call
from tests.bot.chat_client import open_chat
from tests.bot.running_server import RunningServer, run_server
from tests.patience import PATIENCE_SECONDS
from weaver_core.encoders.encoder import OnnxEncoder

DIALOGUES, SEED = 200, 5
BY_SOCKET, BY_RASA = 16, 6
# What names a thing and says nothing: UUIDs and times have figures in them.
NAMES = frozenset(
    ["id", "answer_id", "at", "token", "conversation_id", "client_id", "model_version", "type", "dialogue_id"]
)


@pytest.fixture(scope="module")
def planted() -> list[Planted]:
    return dialogues.plant(DIALOGUES, SEED)


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory, migrated_sqlite: bytes) -> str:
    path = tmp_path_factory.mktemp("planted") / "weaver.db"
    path.write_bytes(migrated_sqlite)
    return f"sqlite:///{path}"


@pytest.fixture(scope="module")
def key(url: str, planted: list[Planted], encoder: OnnxEncoder, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A program's key to a memory of the dialogues: half were approved at once, half by one who looks at nothing."""

    async def store() -> str:
        database = Database(url)
        for number, approve in enumerate(("auto", "review")):
            path = tmp_path_factory.mktemp("files") / "dialogues.jsonl"
            path.write_text("".join(json.dumps(one.line) + "\n" for one in planted[number::2]), encoding="utf-8")
            await import_file(database, path, ImportOptions(approve="auto" if approve == "auto" else "review"))
        async with database.writing() as session:
            for answer in await answers.find(session, statuses=(AnswerStatus.PENDING,), limit=10_000):
                await answers.set_status(session, answer.id, AnswerStatus.APPROVED)
            made = await api_keys.add(session, "program", AccountRole.PROGRAM, "test")
        await encoding.encode_missing(database, encoder)
        await database.close()
        return made

    return anyio.run(store)


@pytest.fixture(scope="module")
def server(
    url: str, key: str, encoder: OnnxEncoder, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningServer]:
    del key
    given = {"home": tmp_path_factory.mktemp("home"), "database_url": url, "wrong_per_hundred": 100}
    with run_server(Settings.model_validate(given), encoder) as running:
        yield running


def secrets_of(planted: list[Planted]) -> list[Secret]:
    return [secret for one in planted for secret in one.secrets]


def words_in(document: object) -> Iterator[str]:
    """All that a person could read in what a face gave back."""
    if isinstance(document, dict):
        for name, value in document.items():
            if name not in NAMES:
                yield from words_in(value)
    elif isinstance(document, list):
        for value in document:
            yield from words_in(value)
    elif isinstance(document, str):
        yield document


def found_in(texts: list[str], secrets: list[Secret]) -> list[Secret]:
    shown = Shown("\n".join(texts))
    return [secret for secret in secrets if secret.is_in(shown)]


def by_rest(server: RunningServer, key: str, questions: list[str], *, explain: bool = True) -> list[str]:
    with httpx2.Client(headers={"Authorization": f"Bearer {key}"}, timeout=PATIENCE_SECONDS) as client:
        asked = [{"text": text, "explain": explain} for text in questions]
        replies = [client.post(f"{server.url}/api/v1/ask", json=body).json() for body in asked]
    return [word for reply in replies for word in words_in(reply)]


async def by_socket(server: RunningServer, questions: list[str]) -> list[str]:
    said: list[str] = []
    for text in questions:
        async with open_chat(server.chat_url) as chat:
            await chat.hello()
            await chat.say(text, "one")
            said += words_in(await chat.until_said("bot"))
    return said


@pytest.mark.slow
def test_no_face_shows_another_customer_a_planted_secret(
    planted: list[Planted], server: RunningServer, key: str, tmp_path: Path
) -> None:
    questions = dialogues.probes()
    texts = by_rest(server, key, questions)
    texts += anyio.run(by_socket, server, questions[:: len(questions) // BY_SOCKET])
    with serve_actions(tmp_path / "actions.log", WEAVER_URL=server.url, WEAVER_API_KEY=key) as actions:
        for number, text in enumerate(questions[:: len(questions) // BY_RASA]):
            ran = actions.run(webhook_call("action_weaver_answer", UserEvent(text), sender_id=f"other-{number}"))
            texts += words_in(ran.responses)
    assert len(set(texts)) > DIALOGUES // 8
    assert found_in(texts, secrets_of(planted)) == []


@pytest.mark.anyio
async def test_nothing_that_the_bot_may_send_or_an_export_holds_has_a_planted_secret(
    planted: list[Planted], key: str, url: str
) -> None:
    del key
    database = Database(url)
    async with database.reading() as session:
        held = await answers.find(session, limit=10_000)
        lines = [line async for line in exports.faq(session)]
    await database.close()
    texts = [word for answer in held if not answer.personal for word in (answer.title, answer.text)]
    assert len(texts) > DIALOGUES // 8
    assert found_in([*texts, *words_in(lines)], secrets_of(planted)) == []


@pytest.mark.anyio
async def test_what_is_stored_for_staff_is_masked_in_nearly_every_shape(
    planted: list[Planted], key: str, url: str
) -> None:
    del key
    database = Database(url)
    async with database.reading() as session:
        live = select(DialogueRow.id).where(DialogueRow.source == SOURCE)
        turns = select(TurnRow.text).where(TurnRow.dialogue_id.not_in(live))
        texts = list((await session.execute(turns)).scalars())
        texts += [f"{row.text}\n{row.context}" for row in (await session.execute(select(PositionRow))).scalars()]
    await database.close()
    known = [one for one in secrets_of(planted) if one.kind != "particular" and one.group is Group.KNOWN]
    left = Counter((secret.kind, secret.shape) for secret in found_in(texts, known))
    assert sum(left.values()) <= len(known) // 100, left


def test_what_a_customer_writes_is_in_no_log(
    planted: list[Planted], server: RunningServer, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG, "bot")
    written = [one.line["turns"][0]["text"] for one in planted[:BY_SOCKET]]
    anyio.run(by_socket, server, written)
    printed = capfd.readouterr()
    assert found_in([caplog.text, printed.out, printed.err], secrets_of(planted)) == []
