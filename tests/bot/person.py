"""A person at the pages: signs in, reads, sends forms, as a browser without scripts does."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from html import unescape
from types import TracebackType
from typing import Any, Protocol, Self

import anyio
import httpx2

from bot.guards import passwords
from knowledge_base import accounts
from knowledge_base.accounts import AccountRole
from knowledge_base.database import Database
from tests.bot.running_server import RunningServer

PASSWORD = "correct horse"
_CSRF = re.compile(r'name="csrf_token" value="([^"]+)"')


class Served(Protocol):
    """A service that runs somewhere."""

    @property
    def url(self) -> str:
        """Its address."""
        ...


class Person:
    """One browser, its cookies and the page that it shows."""

    def __init__(self, server: Served, language: str = "en") -> None:
        """Nobody is signed in."""
        self.client = httpx2.Client(
            base_url=server.url, follow_redirects=True, headers={"Accept-Language": language}, timeout=20
        )
        self.page = ""

    def __enter__(self) -> Self:
        """Open the browser."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the browser."""
        self.client.close()

    def sign_in(self, name: str, password: str = PASSWORD, wanted: str = "") -> httpx2.Response:
        """Fill in the sign-in form."""
        return self._shown(self.client.post("/login", data={"name": name, "password": password, "next": wanted}))

    def read(self, path: str) -> httpx2.Response:
        """Go to a page."""
        return self._shown(self.client.get(path))

    def send(self, path: str, **fields: str) -> httpx2.Response:
        """Send a form of the page that is shown."""
        return self._shown(self.client.post(path, data={"csrf_token": self.csrf_token, **fields}))

    @property
    def csrf_token(self) -> str:
        """The token in the forms of the page that is shown."""
        found = _CSRF.search(self.page)
        return unescape(found[1]) if found else ""

    def _shown(self, response: httpx2.Response) -> httpx2.Response:
        self.page = response.text
        return response


@contextmanager
def signed_in(server: RunningServer, name: str, language: str = "en") -> Iterator[Person]:
    """A person who has signed in."""
    with Person(server, language) as person:
        assert person.sign_in(name).status_code == httpx2.codes.OK
        yield person


@cache
def _password_hash() -> str:
    """The hash of the tests' password: made once, since a good hash is slow."""
    return anyio.run(passwords.hash_password, PASSWORD)


def add_account(database_url: str, name: str, role: AccountRole) -> None:
    """Let a person sign in with the tests' password."""
    password_hash = _password_hash()

    async def add() -> None:
        database = Database(database_url)
        async with database.writing() as session:
            await accounts.add(session, name, role, password_hash, "test")
        await database.close()

    anyio.run(add)


@dataclass(frozen=True, slots=True)
class Talk:
    """A customer's conversation."""

    server: RunningServer
    id: str
    token: str
    replies: list[dict[str, Any]]

    def post(self, path: str, **body: object) -> dict[str, Any]:
        """What the customer's browser sends."""
        headers = {"Authorization": f"Bearer {self.token}"}
        response = httpx2.post(f"{self.server.url}/api/v1{path}", json=body, headers=headers, timeout=20)
        response.raise_for_status()
        answer: dict[str, Any] = response.json() if response.content else {}
        return answer

    def say(self, text: str) -> None:
        """Write a message; the bot's reply is kept."""
        posted = self.post(f"/conversations/{self.id}/messages", client_id=f"c{len(self.replies)}", text=text)
        self.replies.append(posted["reply"])

    def show(self, content: bytes) -> None:
        """Send an image without a word; the bot's reply is kept."""
        headers = {"Authorization": f"Bearer {self.token}"}
        place = f"{self.server.url}/api/v1/conversations/{self.id}/attachments"
        image = httpx2.post(place, files={"file": ("photo", content)}, headers=headers, timeout=120).json()
        body = {"client_id": f"c{len(self.replies)}", "text": "", "attachments": [image["id"]]}
        self.replies.append(self.post(f"/conversations/{self.id}/messages", **body)["reply"])

    def vote_down(self, **more: object) -> None:
        """A thumb down for the bot's last message."""
        self.post(f"/messages/{self.replies[-1]['id']}/feedback", rating="down", **more)


def talk(server: RunningServer, *texts: str) -> Talk:
    """A new conversation in which a customer writes these texts."""
    opened = httpx2.post(f"{server.url}/api/v1/conversations", json={}, timeout=20).json()
    begun = Talk(server, opened["id"], opened["token"], [])
    for text in texts:
        begun.say(text)
    return begun
