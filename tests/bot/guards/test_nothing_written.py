"""What must not be written down: no customer's words and no secrets in logs, and no secret as it is in the data."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import anyio
import httpx2
import pytest

from bot.guards import passwords
from bot.guards.tokens import Tokens
from knowledge_base import accounts, api_keys, logins
from knowledge_base.accounts import AccountRole
from knowledge_base.database import Database
from knowledge_base.identifiers import new_id
from tests.bot.installation import Installation, until_ready

WORDS = "zanzibar"
PASSWORD = "swordfish-9xqvR"


def break_(home: Path) -> None:
    """From now on nothing that is said can be stored: an error that no part of Weaver expects."""
    with closing(sqlite3.connect(home / "weaver.db")) as connection:
        connection.execute("CREATE TRIGGER refused BEFORE INSERT ON turn BEGIN SELECT RAISE(ABORT, 'refused'); END")
        connection.commit()


@pytest.mark.parametrize("form", ["text", "json"])
def test_an_unexpected_failure_is_logged_by_its_kind_and_place_and_without_words_or_secrets(
    installation: Installation, form: str
) -> None:
    with installation.serving(WEAVER_LOG=form, WEAVER_IDENTITY_SECRET=PASSWORD) as (_, address):
        until_ready(address)
        opened = httpx2.post(f"{address}/api/v1/conversations", json={}, timeout=30).json()
        break_(installation.home)
        path = f"{address}/api/v1/conversations/{opened['id']}/messages"
        headers = {"Authorization": f"Bearer {opened['token']}", "Cookie": f"weaver_session={PASSWORD}"}
        body = {"client_id": "c1", "text": f"My parcel to {WORDS} is late"}
        refused = httpx2.post(path, json=body, headers=headers, timeout=30)
        assert (refused.status_code, WORDS in refused.text) == (500, False)
        httpx2.post(f"{address}/login", data={"name": "rhea", "password": PASSWORD}, timeout=30)
    said = installation.said
    assert "sqlalchemy.exc.IntegrityError" in said
    assert "in add_customer_message" in said
    assert [secret for secret in (WORDS, opened["token"], PASSWORD) if secret in said] == []
    if form == "json":
        assert all(json.loads(line)["level"] for line in said.splitlines())


def test_no_password_key_or_login_is_stored_as_it_is(sqlite_url: str) -> None:
    async def store() -> list[str]:
        database = Database(sqlite_url)
        password = passwords.generate()
        async with database.writing() as session:
            hashed = await passwords.hash_password(password)
            account = await accounts.add(session, "rhea", AccountRole.REVIEWER, hashed, "test")
            login, _ = await logins.sign_in(session, account)
            key = await api_keys.add(session, "shop", AccountRole.PROGRAM, "test")
        await database.close()
        assert hashed.startswith("$argon2id$")
        return [password, login, key]

    kept = anyio.run(store)
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    written = b"".join(file.read_bytes() for file in path.parent.glob(f"{path.name}*"))
    assert b"rhea" in written
    assert [secret for secret in kept if secret.encode() in written] == []


def test_a_visitors_token_names_its_conversation_and_nothing_of_the_customer() -> None:
    conversation_id = new_id()
    token = Tokens("a secret of forty characters or rather more").issue(conversation_id)
    assert len(token) < 400
    assert Tokens("a secret of forty characters or rather more").conversation_of(token) == conversation_id
