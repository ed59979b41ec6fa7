"""Who calls: visitors, programs, people; and what a browser must prove."""

from datetime import timedelta
from uuid import UUID

import anyio
import httpx2
import jwt
import pytest

from bot.errors import IdentityInvalidError, TokenInvalidError
from bot.guards.tokens import Identity, Tokens, identity_of
from bot.rest.identity import COOKIE
from knowledge_base import accounts, logins
from knowledge_base.accounts import AccountRole
from knowledge_base.database import Database
from knowledge_base.identifiers import new_id
from tests.bot.running_server import RunningServer
from tests.patience import PATIENCE_SECONDS

SECRET = "a secret of forty characters or rather more"


@pytest.fixture
def browser(sqlite_url: str) -> tuple[str, str]:
    """A reviewer's signed-in browser: its cookie and its CSRF token."""

    async def sign_in() -> tuple[str, str]:
        database = Database(sqlite_url)
        async with database.writing() as session:
            account = await accounts.add(session, "ada", AccountRole.REVIEWER, "no password", "test")
            token, login = await logins.sign_in(session, account)
        await database.close()
        return token, login.csrf_token

    return anyio.run(sign_in)


def ask(server: RunningServer, cookie: str, **headers: str | bytes) -> httpx2.Response:
    sent = [(name.encode(), value if isinstance(value, bytes) else value.encode()) for name, value in headers.items()]
    sent.append((b"Cookie", f"{COOKIE}={cookie}".encode()))
    return httpx2.post(f"{server.url}/api/v1/ask", json={"text": "hello"}, headers=sent, timeout=PATIENCE_SECONDS)


def test_a_signed_in_person_may_do_what_their_role_may(server: RunningServer, browser: tuple[str, str]) -> None:
    cookie, csrf = browser
    assert ask(server, cookie, **{"X-CSRF-Token": csrf}).status_code == 200


@pytest.mark.parametrize("header", [{}, {"X-CSRF-Token": "wrong"}, {"X-CSRF-Token": b"\xe9"}])
def test_a_change_by_cookie_needs_the_logins_own_csrf_token(
    server: RunningServer, browser: tuple[str, str], header: dict[str, str | bytes]
) -> None:
    refused = ask(server, browser[0], **header)
    assert (refused.status_code, refused.json()["code"]) == (403, "csrf_token_invalid")


def test_reading_by_cookie_needs_none(server: RunningServer, browser: tuple[str, str]) -> None:
    opened = httpx2.post(f"{server.url}/api/v1/conversations", json={}, timeout=PATIENCE_SECONDS).json()
    path = f"{server.url}/api/v1/conversations/{opened['id']}/events"
    assert httpx2.get(path, headers={"Cookie": f"{COOKIE}={browser[0]}"}, timeout=PATIENCE_SECONDS).status_code == 200


def test_an_unknown_cookie_is_nobody(server: RunningServer) -> None:
    assert ask(server, "unknown").json()["code"] == "credentials_missing"


def test_a_token_names_one_conversation_until_it_is_over() -> None:
    conversation_id = new_id()
    tokens = Tokens(SECRET)
    assert tokens.conversation_of(tokens.issue(conversation_id)) == conversation_id
    with pytest.raises(TokenInvalidError, match="over"):
        tokens.conversation_of(Tokens(SECRET, timedelta(seconds=-1)).issue(conversation_id))
    with pytest.raises(TokenInvalidError):
        Tokens(SECRET[::-1]).conversation_of(tokens.issue(conversation_id))
    assert isinstance(conversation_id, UUID)


@pytest.mark.parametrize("identity", ["", "nonsense", "é.è.à", "e30.e30.e30"])
def test_an_identity_that_the_secret_did_not_sign_is_refused(identity: str) -> None:
    with pytest.raises(IdentityInvalidError):
        identity_of(identity, SECRET)


def signed(**claims: object) -> str:
    """A shop's word for who its customer is."""
    return jwt.encode(claims, SECRET, algorithm="HS256")


def test_an_identity_tells_the_shops_id_and_what_it_says_of_name_and_language() -> None:
    assert identity_of(signed(sub=" 17 "), SECRET) == Identity("17")
    found = identity_of(signed(sub="17", name="Ada\n Lovelace\x00", locale="zh-CN"), SECRET)
    assert found == Identity("17", "Ada Lovelace", "zh-CN")


TOO_LONG = {"name": "x" * 129, "locale": "x" * 17, "sub": "x" * 256}


@pytest.mark.parametrize(("claim", "said"), [("name", ""), ("name", 7), ("sub", " "), *TOO_LONG.items()])
def test_a_claim_that_cannot_be_kept_is_named(claim: str, said: object) -> None:
    with pytest.raises(IdentityInvalidError, match=f"identity's {claim} must"):
        identity_of(signed(**{"sub": "17", claim: said}), SECRET)
