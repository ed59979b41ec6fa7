"""Names, passwords, settings and the log taken out: what the pages, REST and the command line share."""

import csv
import io
import json
from collections.abc import AsyncIterator

import anyio
import pytest

from bot.errors import NameInvalidError, PasswordWeakError
from bot.guards import passwords
from bot.people import browsers, settings_trail, suspending, trail
from bot.people.naming import named
from bot.settings import Settings
from knowledge_base import accounts, audit, conversations, event_log
from knowledge_base.accounts import AccountRole
from knowledge_base.audit import Wanted
from knowledge_base.conversations import Mode, Opening
from knowledge_base.database import Database

pytestmark = pytest.mark.anyio


@pytest.fixture
async def database(sqlite_url: str) -> AsyncIterator[Database]:
    """A migrated, empty database."""
    database = Database(sqlite_url)
    yield database
    await database.close()


@pytest.mark.parametrize(
    "name", ["", " \n", "\u200b\u2060", "x" * 129, "key:shop", "Visitor:1", "Live Guard", "a\u202eb"]
)
def test_a_name_that_is_none_or_weavers_own_is_refused(name: str) -> None:
    with pytest.raises(NameInvalidError):
        named(name)


def test_a_name_is_one_line_in_any_script() -> None:
    assert [named(name) for name in (" Rhea \n Smith", "小美", "<b>x</b>")] == ["Rhea Smith", "小美", "<b>x</b>"]


@pytest.mark.parametrize(
    "password", ["short", "password1234", "qwertyuiop1", "aaaaaaaaaaaaaa", "rhearhearhea", "x" * 2000]
)
async def test_a_password_that_is_soon_guessed_is_refused(password: str) -> None:
    with pytest.raises(PasswordWeakError):
        await passwords.check(password, "rhea")


@pytest.mark.parametrize(
    "password",
    ["copper lantern river sofa", "我家门口那条河里没有鱼", "Tz7-pq!vRe2", "copper lantern river sofa. " * 30],
)
async def test_a_good_password_is_taken_however_long(password: str) -> None:
    await passwords.check(password, "rhea")


async def test_new_settings_are_written_down_once_without_secrets(database: Database) -> None:
    first = Settings(wrong_per_hundred=5, identity_secret="hush", database_url="postgresql://me:pw@host/db", port=1)
    second = first.model_copy(update={"wrong_per_hundred": 10.0, "timezone": "Asia/Shanghai"})
    for settings in (Settings(), first, first, second, second):
        await settings_trail.note(database, settings)
    async with database.reading() as session:
        entries = list(reversed(await audit.newest(session)))
    assert [(one.before, one.after) for one in entries] == [
        (
            {"database_url": None, "identity_secret": None, "wrong_per_hundred": None},
            {"database_url": "(set)", "identity_secret": "(set)", "wrong_per_hundred": 5.0},
        ),
        (
            {"timezone": None, "wrong_per_hundred": 5.0},
            {"timezone": "Asia/Shanghai", "wrong_per_hundred": None},
        ),
    ]
    assert not any(secret in repr(entries) for secret in ("hush", "pw@"))


async def test_workers_that_start_at_once_write_new_settings_down_once(database: Database) -> None:
    async with anyio.create_task_group() as tasks:
        for _ in range(4):
            tasks.start_soon(settings_trail.note, database, Settings(wrong_per_hundred=5))
    async with database.reading() as session:
        assert len(await audit.newest(session)) == 1


async def test_the_customers_of_a_suspended_agent_wait_for_another(database: Database) -> None:
    async with database.writing() as session:
        agent = await accounts.add(session, "otto", AccountRole.AGENT, "hash", "test")
        held = (await conversations.open_conversation(session, Opening(customer="Vera"))).id
        kept = (await conversations.open_conversation(session, Opening(customer="Ivo"))).id
        await event_log.set_mode(session, held, Mode.AGENT, "otto")
        await event_log.set_mode(session, kept, Mode.AGENT, "grace")
    await suspending.set_role(database, agent.id, AccountRole.REVIEWER, "ada")
    async with database.reading() as session:
        assert (await conversations.get(session, held)).mode is Mode.AGENT
    await suspending.suspend(database, agent.id, "ada")
    async with database.reading() as session:
        modes = [(await conversations.get(session, one)).mode for one in (held, kept)]
        actions = [entry.action for entry in await audit.newest(session, 2)]
    assert (modes, actions) == ([Mode.WAITING, Mode.AGENT], ["conversation waiting", "suspend"])


async def test_the_log_is_taken_out_whole_and_no_cell_is_a_formula(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trail, "ENTRIES_AT_ONCE", 2)
    names = ["=1+1", "@SUM(A1)", "<script>", "小美", "+x"]
    async with database.writing() as session:
        for name in names:
            await audit.record(session, name, "role", "-2", before="=HYPERLINK(1)", after={"role": "agent"}, shown=True)
    rows = list(csv.reader(io.StringIO("".join([line async for line in trail.table(database, Wanted())]))))
    lines = [json.loads(line) async for line in trail.jsonl(database, Wanted())]
    assert [row[1] for row in rows[1:]] == ["'+x", "小美", "<script>", "'@SUM(A1)", "'=1+1"]
    assert rows[1][2:] == ["account", "role", "'-2", "'=HYPERLINK(1)", "role: agent", "shown: yes"]
    assert [line["who"] for line in lines] == list(reversed(names))
    assert (lines[0]["before"], lines[0]["after"]) == ("=HYPERLINK(1)", {"role": "agent"})


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/141.0 Safari/537.36 Edg/141.0",
            "Edge, Windows",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 CriOS/141.0 Safari/604.1",
            "Chrome, iPhone",
        ),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 15_1) AppleWebKit/618 Version/18.1 Safari/618.1", "Safari, macOS"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0", "Firefox, Linux"),
        ("curl/8.5", "curl/8.5"),
    ],
)
def test_a_browser_is_called_what_people_call_it(user_agent: str, name: str) -> None:
    assert browsers.called(user_agent) == name
