"""The pages of accounts, keys, the audit log and one's own account, without scripts; whatever is typed stays text."""

import re
from collections.abc import Iterator
from html import unescape

import pytest

from knowledge_base.accounts import AccountRole
from tests.bot.person import PASSWORD, Person, add_account, signed_in
from tests.bot.running_server import RunningServer

GOOD = "copper lantern river sofa"
SCRIPT = "<script>alert(1)</script>"
_LINK = re.compile(r'id="link"[^>]* value="http://[^/]+(/invitation\?token=[^"]+)"')
_ACCOUNT = re.compile(r'action="/admin/accounts/([0-9a-f-]{36})/role">.*?aria-label="[^:]+: ([^"]+)"', re.DOTALL)


@pytest.fixture
def ada(server: RunningServer, sqlite_url: str) -> Iterator[Person]:
    """An admin, signed in."""
    add_account(sqlite_url, "ada", AccountRole.ADMIN)
    with signed_in(server, "ada") as person:
        yield person


def link(person: Person) -> str:
    """The link that the page shows this once."""
    found = _LINK.search(person.page)
    assert found is not None
    return unescape(found[1])


def account(person: Person, name: str) -> str:
    """Where an account's forms of the page lead to."""
    person.read("/admin/accounts")
    return f"/admin/accounts/{ {unescape(found[2]): found[1] for found in _ACCOUNT.finditer(person.page)}[name] }"


def test_an_admin_hands_a_link_over_and_the_invited_person_is_in(ada: Person, server: RunningServer) -> None:
    assert "Nobody else has an account yet." in ada.read("/admin/accounts").text
    ada.send("/admin/accounts/invite", name=SCRIPT, role="reviewer", days="1")
    assert SCRIPT not in ada.page
    path = link(ada)
    assert path not in ada.read("/admin/accounts").text
    with Person(server, "zh") as rhea:
        assert rhea.read(path).status_code == 200
        assert (SCRIPT in rhea.page, "欢迎" in rhea.page) == (False, True)
        token = path.split("=")[1]
        told = [
            rhea.send("/invitation", token=token, password=password, again=again)
            for password, again in ((GOOD, "other"), ("qwertyuiop1", "qwertyuiop1"))
        ]
        assert [one.status_code for one in told] == [422, 422]
        assert ["不一致" in told[0].text, "容易被猜到" in told[1].text] == [True, True]
        assert rhea.send("/invitation", token=token, password=GOOD, again=GOOD).url.path == "/admin"
        assert SCRIPT not in rhea.page
        assert rhea.read("/account").status_code == 200
        assert SCRIPT not in rhea.page
    with Person(server) as late:
        assert (late.read(path).status_code, "used already" in late.page) == (410, True)
        assert (late.read("/invitation?token=guess").status_code, "not known here" in late.page) == (404, True)
    assert SCRIPT not in ada.read("/admin/audit").text
    assert "&lt;script&gt;" in ada.page


def test_a_name_that_is_taken_comes_back_with_what_was_written(ada: Person) -> None:
    ada.read("/admin/accounts")
    refused = ada.send("/admin/accounts/invite", name="Ada", role="admin")
    assert (refused.status_code, 'value="Ada"' in refused.text) == (409, True)
    assert "Somebody is called so already" in refused.text
    assert ada.send("/admin/accounts/invite", name=" ", role="admin").status_code == 422
    assert ada.send("/admin/accounts/invite", name="x", role="emperor").status_code == 422


def test_an_admin_changes_roles_suspends_and_restores(ada: Person, server: RunningServer, sqlite_url: str) -> None:
    add_account(sqlite_url, "otto", AccountRole.AGENT)
    place = account(ada, "otto")
    with signed_in(server, "otto") as otto:
        ada.send(f"{place}/role", role="reviewer")
        assert otto.read("/admin").status_code == 200
        ada.send(f"{place}/suspend")
        assert "suspended" in ada.page
        # The form that stood open is answered by the sign-in form, which says that nothing was done.
        assert (otto.send("/account/password", old=PASSWORD, new=GOOD, again=GOOD).url.path) == "/login"
        assert "login" in str(otto.client.get("/account").url)
        assert otto.sign_in("otto").status_code == 403
        ada.send(f"{place}/restore")
        assert otto.sign_in("otto").status_code == 200
    ada.send(f"{place}/link")
    with Person(server) as again:
        assert "A new password for otto" in again.read(link(ada)).text


def test_the_last_admin_is_told_why_nothing_was_done(ada: Person) -> None:
    place = account(ada, "ada")
    for path, fields in ((f"{place}/role", {"role": "agent"}), (f"{place}/suspend", {})):
        refused = ada.send(path, **fields)
        assert (refused.status_code, "last administrator" in refused.text) == (409, True)
    assert ada.read("/admin/accounts").status_code == 200


def test_sessions_are_seen_and_ended_by_the_admin_and_by_oneself(ada: Person, server: RunningServer) -> None:
    place = account(ada, "ada")
    ada.client.headers["User-Agent"] = SCRIPT
    with signed_in(server, "ada") as second, signed_in(server, "ada") as third:
        third.client.headers["User-Agent"] = SCRIPT
        third.sign_in("ada")
        page = ada.read("/account").text
        # The name of the browser, and all that it says of itself as a hint.
        assert (SCRIPT in page, page.count("&lt;script&gt;"), page.count("this browser")) == (False, 2, 1)
        ended = re.findall(r'name="session" value="([0-9a-f]+)"', page)
        assert len(ended) == 2
        ada.send("/account/sessions/end", session=ended[0])
        ada.send("/account/sessions/end")
        assert [one.read("/account").url.path for one in (second, third)] == ["/login", "/login"]
        second.sign_in("ada")
        ada.read("/admin/accounts")
        ada.send(f"{place}/sessions/end")
        assert [one.read("/account").url.path for one in (ada, second)] == ["/login", "/login"]


def test_the_own_password_is_changed_with_the_present_one(ada: Person, server: RunningServer) -> None:
    ada.read("/account")
    wrong = [
        ada.send("/account/password", old=old, new=new, again=again)
        for old, new, again in ((PASSWORD, GOOD, "x"), ("guess", GOOD, GOOD), (PASSWORD, "ada ada ada", "ada ada ada"))
    ]
    assert [one.status_code for one in wrong] == [422, 403, 422]
    changed = ada.send("/account/password", old=PASSWORD, new=GOOD, again=GOOD)
    assert "Your password is changed." in changed.text
    with Person(server) as person:
        assert person.sign_in("ada").status_code == 401
        assert person.sign_in("ada", GOOD).status_code == 200


def test_a_key_is_shown_this_once_and_revoked(ada: Person) -> None:
    assert "There is no key yet" in ada.read("/admin/keys").text
    made = ada.send("/admin/keys", name=f"shop {SCRIPT}", role="program").text
    secret = re.findall(r'value="(wv_[^"]+)"', made)
    assert (len(secret), SCRIPT in made) == (1, False)
    listed = ada.read("/admin/keys").text
    assert (secret[0] in listed, "never used" in listed) == (False, True)
    taken = ada.send("/admin/keys", name=f"shop {SCRIPT}", role="program")
    assert (taken.status_code, "A key is called so already" in taken.text) == (409, True)
    revoke = re.findall(r'action="(/admin/keys/[^/]+/revoke)"', ada.page)[0]
    assert "There is no key yet" in ada.send(revoke).text
    assert ada.send(revoke).status_code == 404


def test_the_log_is_filtered_paged_and_taken_out(ada: Person) -> None:
    assert "made the account" in ada.read("/admin/audit").text
    for number in range(51):
        ada.read("/admin/keys")
        ada.send("/admin/keys", name=f"=shop {number}", role="program")
    page = ada.read("/admin/audit?kind=key").text
    older = re.findall(r'href="(/admin/audit\?[^"]*after=[^"]+)"', page)
    assert ("made the account" in page, len(older)) == (False, 1)
    assert "=shop 0<" in ada.read(unescape(older[0])).text
    assert "No change fits these filters." in ada.read("/admin/audit?who=nobody&kind=&since=&until=").text
    exported = ada.client.get("/admin/audit/export.csv?kind=key&words=shop+7")
    assert exported.headers["content-disposition"] == 'attachment; filename="audit.csv"'
    assert exported.text.count("\n") == 2
    assert ",'=shop 7," in exported.text
    assert "审计日志" in ada.read("/admin/audit?lang=zh").text


def test_a_reviewer_is_told_that_these_pages_are_an_admins(server: RunningServer, sqlite_url: str) -> None:
    add_account(sqlite_url, "rhea", AccountRole.REVIEWER)
    with signed_in(server, "rhea") as rhea:
        assert "/admin/accounts" not in rhea.read("/admin").text
        for path in ("/admin/accounts", "/admin/keys", "/admin/audit"):
            told = rhea.read(path)
            assert (told.status_code, "administrator" in told.text) == (403, True)
