"""Signing in to the pages: who may, who may not, and what a stranger can make of it."""

import json

import pytest

from bot.guards.attempts import MOST_PER_ADDRESS, MOST_PER_NAME, SPAN_SECONDS, Attempts
from bot.pages import login
from bot.pages.login import local_path
from bot.rest.identity import COOKIE
from knowledge_base.accounts import AccountRole
from tests.bot.commands.test_accounts_command import Run, run
from tests.bot.conftest import Serve
from tests.bot.person import PASSWORD, Person, add_account, signed_in
from tests.bot.running_server import RunningServer

__all__ = ["run"]


@pytest.fixture
def people(sqlite_url: str) -> None:
    """A reviewer, an agent and a program's account."""
    add_account(sqlite_url, "rhea", AccountRole.REVIEWER)
    add_account(sqlite_url, "ada", AccountRole.AGENT)


@pytest.mark.usefixtures("people")
def test_a_reviewer_signs_in_to_the_queue_and_an_agent_to_the_desk(server: RunningServer) -> None:
    with Person(server) as rhea, Person(server) as ada:
        assert rhea.sign_in("rhea").url.path == "/admin"
        assert ada.sign_in("ada").url.path == "/agent"


@pytest.mark.usefixtures("people")
def test_a_wrong_name_and_a_wrong_password_are_told_alike(server: RunningServer) -> None:
    with Person(server) as person:
        told = [person.sign_in(name, "guess") for name in ("rhea", "nobody")]
    assert [response.status_code for response in told] == [401, 401]
    assert told[0].text == told[1].text.replace("nobody", "rhea")
    assert "The name or the password is wrong." in told[0].text


@pytest.mark.usefixtures("people")
def test_the_cookie_is_out_of_reach_for_scripts_and_other_sites(server: RunningServer) -> None:
    with Person(server) as person:
        person.client.follow_redirects = False
        cookie = person.sign_in("rhea").headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "samesite=lax" in cookie.lower()
    assert "Secure" not in cookie


@pytest.mark.usefixtures("people")
def test_a_page_asks_to_sign_in_and_then_comes_back(server: RunningServer) -> None:
    with Person(server) as person:
        assert person.read("/admin/answers?status=pending").url.path == "/login"
        assert 'value="/admin/answers?status=pending"' in person.page
        shown = person.sign_in("rhea", wanted="/admin/answers?status=pending")
    assert (shown.url.path, shown.url.query) == ("/admin/answers", b"status=pending")


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
def test_a_login_never_leads_to_another_site(server: RunningServer, elsewhere: str) -> None:
    assert local_path(elsewhere) == ""
    with Person(server) as person:
        person.client.follow_redirects = False
        assert person.sign_in("rhea", wanted=elsewhere).headers["location"] == "/admin"


@pytest.mark.usefixtures("people")
def test_a_form_of_another_site_cannot_sign_anybody_in(server: RunningServer) -> None:
    with Person(server) as person:
        person.client.headers["Origin"] = "https://evil.example"
        assert person.sign_in("rhea").status_code == 403


@pytest.mark.usefixtures("people")
def test_guessing_a_name_is_stopped_and_others_may_still_sign_in(server: RunningServer) -> None:
    with Person(server) as person:
        codes = [person.sign_in("rhea", f"guess {number}").status_code for number in range(MOST_PER_NAME + 1)]
        blocked = person.sign_in("rhea", PASSWORD)
        assert codes == [401] * MOST_PER_NAME + [429]
        assert (blocked.status_code, "Too many attempts" in blocked.text) == (429, True)
        assert int(blocked.headers["retry-after"]) <= SPAN_SECONDS
        assert person.sign_in("ada").url.path == "/agent"


def test_right_passwords_are_no_attempts_and_time_forgives_wrong_ones() -> None:
    moment = 0.0
    attempts = Attempts(lambda: moment)
    limits = {("name", "rhea"): 2, ("address", "192.0.2.1"): MOST_PER_ADDRESS}
    for _ in range(10):
        assert attempts.begin(limits) == 0
        attempts.succeed(limits)
    assert (attempts.begin(limits), attempts.begin(limits)) == (0, 0)
    assert attempts.begin(limits) == SPAN_SECONDS
    moment = SPAN_SECONDS
    assert attempts.begin(limits) == 0


def test_an_address_that_tries_many_names_is_stopped() -> None:
    attempts = Attempts(lambda: 0.0)
    waits = [attempts.begin({("name", str(n)): 5, ("address", "192.0.2.1"): 3}) for n in range(4)]
    assert waits == [0, 0, 0, SPAN_SECONDS]


def test_ever_new_names_do_not_fill_the_memory() -> None:
    attempts = Attempts(lambda: 0.0)
    for number in range(25_000):
        attempts.begin({("name", str(number)): 5})
    assert len(attempts._counts) <= 10_000


@pytest.mark.usefixtures("people")
def test_signing_out_ends_the_login_on_the_server_too(server: RunningServer) -> None:
    with signed_in(server, "rhea") as rhea:
        cookie = dict(rhea.client.cookies)
        assert rhea.send("/logout").url.path == "/login"
        rhea.client.cookies.update(cookie)
        assert rhea.read("/admin").url.path == "/login"


@pytest.mark.usefixtures("people")
def test_signing_in_again_makes_a_new_login_and_ends_the_browsers_old_one(server: RunningServer) -> None:
    with signed_in(server, "rhea") as rhea:
        old = dict(rhea.client.cookies)
        rhea.client.post("/login", data={"name": "rhea", "password": PASSWORD})
        assert rhea.client.cookies[COOKIE] != old[COOKIE]
        assert rhea.read("/admin").url.path == "/admin"
        rhea.client.cookies.clear()
        rhea.client.cookies.update(old)
        assert rhea.read("/admin").url.path == "/login"


@pytest.mark.usefixtures("people")
def test_a_new_password_ends_every_login_of_the_account(server: RunningServer, run: Run) -> None:
    with signed_in(server, "rhea") as here, signed_in(server, "rhea") as there, signed_in(server, "ada") as ada:
        password = json.loads(run("user", "password", "rhea", "--json").stdout)["password"]
        assert [person.read("/admin").url.path for person in (here, there)] == ["/login", "/login"]
        assert ada.read("/agent").url.path == "/agent"
        assert here.sign_in("rhea").status_code == 401
        assert here.sign_in("rhea", password).url.path == "/admin"


@pytest.mark.usefixtures("people")
def test_a_cookie_that_a_stranger_planted_is_not_the_login_that_follows(server: RunningServer) -> None:
    with Person(server) as rhea:
        rhea.client.cookies.set(COOKIE, "planted")
        rhea.sign_in("rhea")
        with Person(server) as stranger:
            stranger.client.cookies.set(COOKIE, "planted")
            assert stranger.read("/admin").url.path == "/login"


@pytest.mark.usefixtures("people")
def test_an_address_that_guesses_at_many_names_is_stopped_and_other_addresses_are_not(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(login, "MOST_PER_ADDRESS", 3)
    with Person(server) as person:
        person.client.headers["X-Forwarded-For"] = "203.0.113.7"
        codes = [person.sign_in(f"nobody {number}", "guess").status_code for number in range(4)]
        assert codes == [401, 401, 401, 429]
        person.client.headers["X-Forwarded-For"] = "203.0.113.8"
        assert person.sign_in("rhea").url.path == "/admin"


@pytest.mark.usefixtures("people")
def test_a_form_without_the_logins_own_token_changes_nothing(server: RunningServer) -> None:
    with signed_in(server, "rhea") as rhea:
        assert rhea.client.post("/logout", data={"csrf_token": "guess"}).status_code == 403
        assert rhea.read("/admin").url.path == "/admin"


@pytest.mark.usefixtures("people")
def test_an_agent_is_told_that_the_queue_is_for_reviewers(server: RunningServer) -> None:
    with signed_in(server, "ada") as ada:
        refused = ada.read("/admin")
        assert (refused.status_code, "the role “reviewer” or above" in refused.text) == (403, True)
        assert 'href="/agent"' in refused.text


@pytest.mark.usefixtures("people")
def test_the_pages_speak_the_language_of_the_browser_or_the_chosen_one(server: RunningServer) -> None:
    with Person(server, "zh-CN,zh;q=0.9,en;q=0.8") as person:
        assert '<html lang="zh-CN">' in person.read("/login").text
        assert "Sign in" in person.read("/login?lang=en").text
        assert '<html lang="en">' in person.read("/login").text


def test_the_front_door_leads_to_the_shop_where_there_is_one(serve: Serve) -> None:
    with Person(serve(shop=True)) as person:
        assert person.read("/").url.path == "/shop"
        assert "widget.js" in person.page
        assert '<html lang="zh-CN">' in person.read("/shop?lang=zh").text
    with Person(serve()) as person:
        assert person.read("/").url.path == "/login"
