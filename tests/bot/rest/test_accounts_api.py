"""Accounts, keys and the audit log over REST: what an admin may, what a person may with the own account, bad input."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx2
import pytest

from bot.guards.attempts import MOST_PER_NAME
from bot.rest.identity import CSRF_HEADER
from knowledge_base.accounts import AccountRole
from tests.bot.person import PASSWORD, Person, add_account, signed_in
from tests.bot.running_server import RunningServer
from tests.patience import PATIENCE_SECONDS

GOOD = "copper lantern river sofa"
Ask = Callable[..., httpx2.Response]


@pytest.fixture
def admin(server: RunningServer, keys: dict[str, str]) -> Iterator[httpx2.Client]:
    """A program with an admin's key."""
    headers = {"Authorization": f"Bearer {keys['admin']}"}
    with httpx2.Client(base_url=f"{server.url}/api/v1", headers=headers, timeout=30) as http:
        yield http


def account(admin: httpx2.Client, name: str) -> dict[str, Any]:
    """An account as the list has it."""
    held: list[dict[str, Any]] = admin.get("/accounts").json()["accounts"]
    return next(one for one in held if one["name"] == name)


def log(admin: httpx2.Client, **wanted: str) -> list[tuple[str, str, str, object, object]]:
    """What was written down, newest first."""
    entries = admin.get("/audit", params=wanted).json()["entries"]
    return [(one["who"], one["what"], one["subject"], one["before"], one["after"]) for one in entries]


def test_an_invited_person_chooses_a_password_once(admin: httpx2.Client, server: RunningServer) -> None:
    invited = admin.post("/invitations", json={"name": " Rhea ", "role": "reviewer", "days": 1})
    assert invited.status_code == 201
    link = invited.json()
    assert link["link"] == f"{server.url}/invitation?token={link['token']}"
    assert [one["name"] for one in admin.get("/invitations").json()["invitations"]] == ["Rhea"]
    accept = f"{server.url}/api/v1/invitations/accept"
    told = [
        httpx2.post(accept, json={"token": link["token"], "password": password}, timeout=PATIENCE_SECONDS)
        for password in ("password1234", GOOD, GOOD)
    ]
    assert [one.status_code for one in told] == [422, 204, 410]
    assert [told[0].json()["code"], told[2].json()["code"]] == ["password_weak", "invitation_used"]
    with Person(server) as rhea:
        assert rhea.sign_in("Rhea", GOOD).url.path == "/admin"
    assert admin.get("/invitations").json() == {"invitations": []}
    assert admin.post("/invitations", json={"name": "rhea", "role": "agent"}).json()["code"] == "account_exists"


def test_a_withdrawn_link_and_a_made_up_one_open_nothing(admin: httpx2.Client, server: RunningServer) -> None:
    link = admin.post("/invitations", json={"name": "otto", "role": "agent"}).json()
    assert admin.delete(f"/invitations/{link['invitation']['id']}").status_code == 204
    assert admin.delete(f"/invitations/{link['invitation']['id']}").status_code == 404
    for token in (link["token"], "guess", ""):
        told = httpx2.post(
            f"{server.url}/api/v1/invitations/accept", json={"token": token, "password": GOOD}, timeout=PATIENCE_SECONDS
        )
        assert (told.status_code, told.json()["code"]) == (404, "invitation_not_found")


def test_a_page_of_another_site_cannot_use_a_link_up(admin: httpx2.Client, server: RunningServer) -> None:
    link = admin.post("/invitations", json={"name": "otto", "role": "agent"}).json()
    body = {"token": link["token"], "password": GOOD}
    headers = {"Origin": "https://evil.example"}
    assert (
        httpx2.post(
            f"{server.url}/api/v1/invitations/accept", json=body, headers=headers, timeout=PATIENCE_SECONDS
        ).status_code
        == 403
    )


def test_an_account_is_made_changed_and_suspended_and_the_log_tells_it(
    admin: httpx2.Client, server: RunningServer, sqlite_url: str
) -> None:
    add_account(sqlite_url, "ada", AccountRole.ADMIN)
    given = admin.post("/accounts", json={"name": "otto", "role": "agent"}).json()
    otto = given["account"]
    with Person(server) as person:
        assert person.sign_in("otto", given["password"]).url.path == "/agent"
        assert account(admin, "otto")["sessions"] == 1
        assert admin.patch(f"/accounts/{otto['id']}", json={"role": "reviewer"}).json()["role"] == "reviewer"
        assert person.read("/admin").url.path == "/admin"
        suspended = admin.patch(f"/accounts/{otto['id']}", json={"suspended": True}).json()
        assert (suspended["sessions"], suspended["suspended_at"] is not None) == (0, True)
        assert person.read("/admin").url.path == "/login"
        assert (person.sign_in("otto", given["password"]).status_code, "suspended" in person.page) == (403, True)
        assert person.sign_in("otto", "a guess").status_code == 401
        admin.patch(f"/accounts/{otto['id']}", json={"suspended": False})
        assert person.sign_in("otto", given["password"]).url.path == "/admin"
    assert log(admin, words="otto") == [
        ("key:admin", "restore", "otto", {"suspended": True}, {"suspended": False}),
        ("key:admin", "suspend", "otto", {"suspended": False}, {"suspended": True}),
        ("key:admin", "role", "otto", {"role": "agent"}, {"role": "reviewer"}),
        ("key:admin", "add account", "otto", None, {"role": "agent"}),
    ]
    assert given["password"] not in admin.get("/audit/export.jsonl").text


def test_whose_role_falls_may_no_more_what_the_role_could(
    admin: httpx2.Client, server: RunningServer, sqlite_url: str
) -> None:
    add_account(sqlite_url, "ada", AccountRole.ADMIN)
    add_account(sqlite_url, "bea", AccountRole.ADMIN)
    with signed_in(server, "bea") as bea:
        assert bea.read("/admin/accounts").status_code == 200
        admin.patch(f"/accounts/{account(admin, 'bea')['id']}", json={"role": "agent"})
        assert bea.read("/admin/accounts").status_code == 403
        assert bea.client.get("/api/v1/accounts").status_code == 403
        assert bea.read("/agent").status_code == 200


def test_the_last_admin_is_neither_suspended_nor_given_another_role(admin: httpx2.Client, sqlite_url: str) -> None:
    add_account(sqlite_url, "ada", AccountRole.ADMIN)
    ada = account(admin, "ada")["id"]
    for change in ({"role": "agent"}, {"suspended": True}):
        told = admin.patch(f"/accounts/{ada}", json=change)
        assert (told.status_code, told.json()["code"]) == (409, "last_admin")
    assert account(admin, "ada")["role"] == "admin"


def test_an_admin_sees_and_ends_sessions(admin: httpx2.Client, server: RunningServer, sqlite_url: str) -> None:
    add_account(sqlite_url, "otto", AccountRole.AGENT)
    place = f"/accounts/{account(admin, 'otto')['id']}/sessions"
    with signed_in(server, "otto") as first, signed_in(server, "otto") as second:
        held = admin.get(place).json()["sessions"]
        assert {one["browser"] for one in held} == {first.client.headers["user-agent"]}
        assert admin.delete(f"{place}/{held[0]['id']}").status_code == 204
        assert admin.delete(f"{place}/{held[0]['id']}").status_code == 404
        assert admin.delete(place).json() == {"ended": 1}
        assert [person.read("/agent").url.path for person in (first, second)] == ["/login", "/login"]


def test_a_person_changes_the_own_password_and_the_other_sessions_end(server: RunningServer, sqlite_url: str) -> None:
    add_account(sqlite_url, "otto", AccountRole.AGENT)
    with signed_in(server, "otto") as here, signed_in(server, "otto") as there:
        here.read("/agent")
        headers = {CSRF_HEADER: here.csrf_token}

        def change(old: str, new: str) -> httpx2.Response:
            return here.client.put("/api/v1/account/password", json={"old": old, "new": new}, headers=headers)

        assert (here.client.get("/api/v1/account").json()["name"], change("guess", GOOD).status_code) == ("otto", 403)
        assert change(PASSWORD, "qwertyuiop1").json()["code"] == "password_weak"
        assert change(PASSWORD, GOOD).status_code == 204
        assert here.read("/agent").url.path == "/agent"
        assert there.read("/agent").url.path == "/login"
        sessions = here.client.get("/api/v1/account/sessions").json()["sessions"]
        assert [one["here"] for one in sessions] == [True]
        assert there.sign_in("otto", GOOD).url.path == "/agent"
        assert here.client.delete("/api/v1/account/sessions", headers=headers).json() == {"ended": 1}
        for _ in range(MOST_PER_NAME):
            change("guess", GOOD)
        assert change(GOOD, GOOD + "!").status_code == 429


def test_a_key_has_no_account_of_its_own(admin: httpx2.Client) -> None:
    for method, path in (("GET", "/account"), ("GET", "/account/sessions"), ("DELETE", "/account/sessions")):
        assert admin.request(method, path).json()["code"] == "forbidden"


def test_a_key_is_shown_once_listed_with_its_use_and_revoked(admin: httpx2.Client, server: RunningServer) -> None:
    made = admin.post("/keys", json={"name": "shop", "role": "program"})
    secret, headers = made.json()["key"], {"Authorization": f"Bearer {made.json()['key']}"}
    held = next(one for one in admin.get("/keys").json()["keys"] if one["name"] == "shop")
    assert (held["used_at"], held["created_by"], secret in admin.get("/keys").text) == (None, "key:admin", False)
    ask = f"{server.url}/api/v1/ask"
    assert (
        httpx2.post(ask, json={"text": "Where is my parcel?"}, headers=headers, timeout=PATIENCE_SECONDS).status_code
        == 200
    )
    assert next(one for one in admin.get("/keys").json()["keys"] if one["name"] == "shop")["used_at"] is not None
    assert admin.post("/keys", json={"name": "shop", "role": "admin"}).json()["code"] == "key_exists"
    assert admin.delete(f"/keys/{held['id']}").status_code == 204
    assert (
        httpx2.post(ask, json={"text": "Where is my parcel?"}, headers=headers, timeout=PATIENCE_SECONDS).status_code
        == 401
    )
    assert [entry[:2] for entry in log(admin, kind="key")][:2] == [
        ("key:admin", "revoke key"),
        ("key:admin", "add key"),
    ]
    assert secret not in admin.get("/audit/export.csv").text


def test_the_log_has_pages_and_days(admin: httpx2.Client) -> None:
    for number in range(3):
        admin.post("/keys", json={"name": f"shop {number}", "role": "program"})
    first = admin.get("/audit", params={"limit": 2}).json()["entries"]
    rest = admin.get("/audit", params={"after": first[-1]["id"]}).json()["entries"]
    assert [one["subject"] for one in first] == ["shop 2", "shop 1"]
    assert rest[0]["subject"] == "shop 0"
    assert log(admin, since="9999-12-31", until="9999-12-31") == []
    assert admin.get("/audit", params={"since": "yesterday"}).status_code == 422
    assert admin.get("/audit/export.xls").status_code == 422


def test_names_that_are_none_are_refused(admin: httpx2.Client) -> None:
    for path in ("/accounts", "/invitations", "/keys"):
        for name in ("", "key:x", "x" * 200, "\u200b"):
            assert admin.post(path, json={"name": name, "role": "agent"}).status_code == 422, (path, name)
