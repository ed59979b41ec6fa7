"""`weaver user add` and `weaver key add`."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass

import anyio
import pytest

from bot import commands
from bot.guards import passwords
from knowledge_base import accounts, api_keys, audit
from knowledge_base.accounts import Account
from knowledge_base.api_keys import ApiKey
from knowledge_base.database import Database


@dataclass(frozen=True, slots=True)
class Said:
    """How a command ended and what it printed."""

    exit_code: int
    stdout: str
    stderr: str


Run = Callable[..., Said]


@pytest.fixture
def run(sqlite_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs `weaver` on an empty database."""
    monkeypatch.setenv("WEAVER_DATABASE_URL", sqlite_url)

    def weaver(*words: str) -> Said:
        monkeypatch.setattr("sys.argv", ["weaver", *words])
        with pytest.raises(SystemExit) as ended:
            commands.main()
        printed = capsys.readouterr()
        return Said(int(ended.value.code or 0), printed.out, printed.err)

    return weaver


def _stored(sqlite_url: str, name: str, key: str = "") -> tuple[Account | None, ApiKey | None, list[str]]:
    async def read() -> tuple[Account | None, ApiKey | None, list[str]]:
        database = Database(sqlite_url)
        async with database.reading() as session:
            actions = [f"{entry.action} {entry.subject}" for entry in await audit.newest(session)]
            found = await accounts.find(session, name), await api_keys.find(session, key), actions
        await database.close()
        return found

    return anyio.run(read)


def test_a_new_account_signs_in_with_the_password_that_is_printed_once(run: Run, sqlite_url: str) -> None:
    result = run("user", "add", "rhea", "--role", "reviewer", "--json")
    assert (result.exit_code, result.stderr) == (0, "")
    password = json.loads(result.stdout)["password"]
    account, _, actions = _stored(sqlite_url, "rhea")
    assert account is not None
    assert account.role == "reviewer"
    assert anyio.run(passwords.verify, password, account.password_hash)
    assert actions == ["add account rhea"]


def test_a_new_key_opens_what_its_role_may(run: Run, sqlite_url: str) -> None:
    result = run("key", "add", "shop", "--role", "program", "--json")
    secret = json.loads(result.stdout)["key"]
    _, key, actions = _stored(sqlite_url, "", secret)
    assert key is not None
    assert (key.name, key.role, actions) == ("shop", "program", ["add key shop"])


@pytest.mark.parametrize("noun", ["user", "key"])
def test_a_taken_name_is_refused_in_one_sentence(run: Run, noun: str) -> None:
    assert run(noun, "add", "rhea", "--role", "agent").exit_code == 0
    again = run(noun, "add", "rhea", "--role", "admin", "--json")
    assert (again.exit_code, again.stdout) == (2, "")
    assert again.stderr.count("\n") == 1
    assert "named rhea exists already." in again.stderr


@pytest.mark.parametrize("noun", ["user", "key"])
@pytest.mark.parametrize(
    ("name", "role"), [("rhea", "emperor"), (" ", "agent"), ("x" * 129, "agent"), ("\x00", "agent")]
)
def test_an_unknown_role_and_a_name_that_is_none_are_refused(run: Run, noun: str, name: str, role: str) -> None:
    refused = run(noun, "add", name, "--role", role)
    assert (refused.exit_code, refused.stdout) == (2, "")


@pytest.mark.parametrize("noun", ["user", "key"])
def test_what_is_printed_for_people_says_that_it_is_shown_once(run: Run, noun: str) -> None:
    assert "shown this once" in run(noun, "add", "rhea", "--role", "agent").stdout
    assert run(noun, "add", "--help").exit_code == 0


def test_a_new_password_is_for_an_account_that_is_there(run: Run, sqlite_url: str) -> None:
    refused = run("user", "password", "nobody")
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert refused.stderr.count("\n") == 1
    run("user", "add", "rhea", "--role", "agent")
    changed = run("user", "password", "rhea")
    assert "rhea signs in with the password " in changed.stdout
    assert _stored(sqlite_url, "rhea")[2] == ["new password rhea", "add account rhea"]


@pytest.mark.anyio
async def test_only_the_right_password_is_right() -> None:
    stored = await passwords.hash_password("correct horse")
    assert await passwords.verify("correct horse", stored)
    assert not await passwords.verify("correct hors", stored)
    assert not await passwords.verify("nobody", None)
    assert not await passwords.verify("correct horse", "not a hash")
    assert not await passwords.verify("x" * 2000, stored)
    assert passwords.generate() != passwords.generate()


def test_accounts_are_invited_changed_listed_and_signed_out_by_command(run: Run) -> None:
    assert "no account yet" in run("user", "list").stdout
    run("user", "add", "ada", "--role", "admin")
    link = json.loads(
        run("user", "invite", "rhea", "--role", "reviewer", "--site", "https://w.example/", "--json").stdout
    )
    assert link["link"].startswith("https://w.example/invitation?token=")
    run("user", "add", "otto", "--role", "agent")
    assert "/invitation?token=" in run("user", "link", "otto").stdout
    assert run("user", "role", "otto", "--role", "reviewer").stdout == "otto is reviewer from now on.\n"
    assert "suspended" in run("user", "suspend", "otto").stdout
    listed = json.loads(run("user", "list", "--json").stdout)
    assert [(one["name"], one["role"], one["suspended_at"] is None) for one in listed["accounts"]] == [
        ("ada", "admin", True),
        ("otto", "reviewer", False),
    ]
    assert [one["name"] for one in listed["invitations"]] == ["rhea"]
    text = run("user", "list").stdout
    assert re.search(r"^otto +reviewer +suspended$", text, re.MULTILINE)
    assert re.search(r"^rhea +reviewer +invited by command line until ", text, re.MULTILINE)
    assert run("user", "restore", "otto").exit_code == 0
    assert "signed in nowhere" in run("user", "sessions", "otto").stdout
    assert json.loads(run("user", "sessions", "otto", "--end-all", "--json").stdout) == {"sessions": []}
    for refused in (("suspend", "ada"), ("suspend", "nobody"), ("link", "nobody"), ("sessions", "otto", "--end", "x")):
        told = run("user", *refused)
        assert (told.exit_code, told.stderr.count("\n")) == (2, 1), refused


def test_keys_are_listed_and_revoked_by_command_and_the_log_tells_all_of_it(run: Run) -> None:
    assert "no key yet" in run("key", "list").stdout
    secret = json.loads(run("key", "add", "shop", "--role", "program", "--json").stdout)["key"]
    assert re.search(r"^shop +program +never used$", run("key", "list").stdout, re.MULTILINE)
    assert json.loads(run("key", "list", "--json").stdout)["keys"][0]["created_by"] == "command line"
    assert run("key", "revoke", "shop").exit_code == 0
    assert run("key", "revoke", "shop").exit_code == 2
    told = run("audit", "--kind", "key").stdout
    assert "command line: revoke key shop  role: program → –" in told
    assert [json.loads(line)["what"] for line in run("audit", "--jsonl").stdout.splitlines()] == [
        "revoke key",
        "add key",
    ]
    assert run("audit", "--csv", "--words", "add").stdout.count("\n") == 2
    assert "Nothing was changed" in run("audit", "--until", "2020-01-01").stdout
    assert run("audit", "--since", "yesterday").exit_code == 2
    assert secret not in run("audit", "--jsonl").stdout
