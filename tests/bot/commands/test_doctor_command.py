"""`weaver doctor`: what is wrong with an installation is named, with what to do; what is right is not complained of."""

import json
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import anyio
import pytest
from sqlalchemy import update

from bot.commands import machine
from bot.commands.doctor import CHECKS
from bot.settings import Settings
from knowledge_base import conversations
from knowledge_base.conversations import Opening
from knowledge_base.database import Database
from knowledge_base.identifiers import new_id
from knowledge_base.tables import ConversationRow
from knowledge_base.tables.base import now
from tests.bot.installation import Installation

pytestmark = pytest.mark.slow

Findings = Mapping[str, Mapping[str, Any]]


def examined(installation: Installation, **variables: str) -> tuple[int, Findings]:
    """The exit code and what each check found."""
    said = installation.run("doctor", "--json", **variables)
    findings = json.loads(said.stdout)
    assert all(finding["ok"] is not bool(finding["mend"]) for finding in findings)
    assert said.returncode == (1 if any(finding["mend"] for finding in findings) else 0)
    return said.returncode, {finding["check"]: finding for finding in findings}


@pytest.fixture
def taught(installation: Installation, tmp_path: Path) -> Installation:
    """An installation that has an answer, and of which nothing is wrong."""
    faq = tmp_path / "faq.jsonl"
    faq.write_text(json.dumps({"question": "How long does it take?", "answer": "Three days."}) + "\n")
    assert installation.run("import", str(faq)).returncode == 0
    return installation


def test_a_sound_installation_has_nothing_to_mend(taught: Installation) -> None:
    code, findings = examined(taught)
    assert (code, list(findings)) == (0, list(CHECKS))
    assert findings["memory"]["found"] == "1 approved answers, 0 pending"
    told = taught.run("doctor")
    assert told.returncode == 0
    assert [line.split()[0] for line in told.stdout.splitlines()] == ["ok"] * len(CHECKS)


def test_an_empty_one_is_told_to_import(installation: Installation) -> None:
    code, findings = examined(installation)
    assert (code, "weaver import" in findings["memory"]["mend"]) == (1, True)


def forget_schema(home: Path) -> None:
    """As an older release left it."""
    with closing(sqlite3.connect(home / "weaver.db")) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0001'")
        connection.commit()


def come_from_the_future(home: Path) -> None:
    """As a clock leaves it that was set back."""

    async def open_one() -> None:
        database = Database(f"sqlite:///{home / 'weaver.db'}")
        async with database.writing() as session:
            opened = await conversations.open_conversation(session, Opening())
            moved = update(ConversationRow).where(ConversationRow.dialogue_id == opened.id)
            await session.execute(moved.values(updated_at=now() + timedelta(days=1)))
        await database.close()

    anyio.run(open_one)


@pytest.mark.parametrize(
    ("break_", "check", "mend"),
    [(forget_schema, "schema", "weaver db upgrade"), (come_from_the_future, "clocks", "NTP")],
    ids=["old schema", "clock"],
)
def test_what_is_wrong_is_named_with_what_to_do(
    taught: Installation, break_: Callable[[Path], None], check: str, mend: str
) -> None:
    break_(taught.home)
    code, findings = examined(taught)
    assert (code, mend in findings[check]["mend"]) == (1, True), findings[check]


def test_a_database_that_cannot_be_reached_is_named_without_its_password(taught: Installation) -> None:
    url = "postgresql://weaver:swordfish@127.0.0.1:1/weaver"
    code, findings = examined(taught, WEAVER_DATABASE_URL=url)
    assert code == 1
    assert "127.0.0.1:1" in findings["database"]["found"]
    assert findings["database"]["mend"].startswith("Start the database")
    assert "swordfish" not in json.dumps(findings)


def test_weights_that_are_not_the_published_ones_are_named(tmp_path: Path, taught: Installation) -> None:
    cut = tmp_path / "cut"
    cut.mkdir()
    _, findings = examined(taught, WEAVER_ENCODERS=str(cut))
    assert str(cut) in findings["encoders"]["found"]
    assert findings["encoders"]["mend"]


def test_data_that_others_may_read_is_named_and_a_closed_folder_is_enough() -> None:
    with TemporaryDirectory() as folder:
        home = Path(folder)
        settings = Settings.model_validate({"home": home, "database_url": ""})
        (home / "weaver.db").touch(mode=0o644)
        assert machine.secrets(settings).mend == ""
        home.chmod(0o755)
        assert machine.secrets(settings).mend == f"chmod go-rwx {home / 'weaver.db'}"
        (home / "weaver.db").chmod(0o600)
        assert machine.secrets(settings).mend == ""


def test_a_full_disk_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings.model_validate({"home": tmp_path, "database_url": ""})
    assert machine.disk(settings).mend == ""
    monkeypatch.setattr(machine, "FEWEST_BYTES", 10**18)
    assert machine.disk(settings).mend.startswith("Make room: at least ")


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"allowed_origins": "*"}, "every page of the web"),
        ({"allowed_origins": "shop.example"}, "https://shop.example"),
        ({"identity_secret": "short"}, "fewer than 32 bytes"),
        ({"address_message_burst": 5}, "WEAVER_ADDRESS_MESSAGE_BURST"),
        ({"address_messages_a_second": 5}, "WEAVER_ADDRESS_MESSAGES_A_SECOND"),
        ({"update_schedule": "off", "update_shadow": True}, "WEAVER_UPDATE_SHADOW"),
    ],
)
def test_settings_that_cannot_both_be_meant_are_named(tmp_path: Path, given: dict[str, object], named: str) -> None:
    found = machine.configuration(Settings.model_validate({"home": tmp_path, **given}))
    assert named in found.mend


def test_sound_settings_are_not(tmp_path: Path) -> None:
    given = {"home": tmp_path, "allowed_origins": "https://shop.example,https://www.shop.example:8443/"}
    assert machine.configuration(Settings.model_validate(given)).mend == ""


def test_indexes_that_cannot_be_opened_are_told_and_cost_nothing(tmp_path: Path) -> None:
    settings = Settings.model_validate({"home": tmp_path, "database_url": ""})
    assert machine.index(settings).found == "none kept yet: made at the first start"
    kept = settings.index_folder / str(new_id())
    kept.mkdir(parents=True)
    (kept / "header.json").write_text("{half")
    found = machine.index(settings)
    assert ("made again at the next start" in found.found, found.mend) == (True, "")
