"""The agent's desk, without scripts: who waits, the conversation, the reply."""

import re
from collections.abc import Iterator

import pytest

from knowledge_base.accounts import AccountRole
from tests.bot.drawn import ERROR, saved, screenshot, wordless
from tests.bot.person import Person, Talk, add_account, signed_in, talk
from tests.bot.running_server import RunningServer


@pytest.fixture
def ada(server: RunningServer, sqlite_url: str) -> Iterator[Person]:
    """An agent, signed in."""
    add_account(sqlite_url, "ada", AccountRole.AGENT)
    with signed_in(server, "ada") as person:
        yield person


@pytest.fixture
def waiting(server: RunningServer) -> Talk:
    """A customer who waits for a person."""
    return talk(server, "person lamps?")


def test_an_agent_reads_takes_and_answers_the_one_who_waits(ada: Person, waiting: Talk) -> None:
    assert "person lamps?" in ada.read("/agent").text
    assert "waits for a person" in ada.read(f"/agent?conversation={waiting.id}").text
    ada.send(f"/agent/conversations/{waiting.id}/take")
    assert "with a person · ada" in ada.page
    ada.send(f"/agent/conversations/{waiting.id}/messages", text="Hello, Ada here.")
    assert ada.page.count("Hello, Ada here.") == 1
    ada.send(f"/agent/conversations/{waiting.id}/return")
    assert "with the bot" in ada.page


def test_the_bot_keeps_answering_until_somebody_writes(ada: Person, waiting: Talk) -> None:
    waiting.say("how long does it take?")
    assert waiting.replies[-1]["decision"] == "answer"
    ada.read(f"/agent?conversation={waiting.id}")
    ada.send(f"/agent/conversations/{waiting.id}/messages", text="Ada here.")
    waiting.say("hello Ada")
    assert waiting.replies[-1] is None


def test_a_closed_conversation_has_no_reply_box(ada: Person, waiting: Talk) -> None:
    ada.read(f"/agent?conversation={waiting.id}")
    ada.send(f"/agent/conversations/{waiting.id}/close")
    page = ada.read(f"/agent?conversation={waiting.id}").text
    assert 'class="reply"' not in page
    assert "closed" in page
    assert ada.send(f"/agent/conversations/{waiting.id}/messages", text="too late").status_code == 409


def test_another_agents_conversation_can_be_read_only(
    ada: Person, waiting: Talk, server: RunningServer, sqlite_url: str
) -> None:
    add_account(sqlite_url, "grace", AccountRole.AGENT)
    with signed_in(server, "grace") as grace:
        grace.send(f"/agent/conversations/{waiting.id}/take")
    page = ada.read(f"/agent?conversation={waiting.id}").text
    assert "with a person · grace" in page
    assert 'class="reply"' not in page


def test_a_reply_that_cannot_be_sent_stays_in_the_box(ada: Person, waiting: Talk) -> None:
    ada.read(f"/agent?conversation={waiting.id}")
    refused = ada.send(f"/agent/conversations/{waiting.id}/messages", text="x" * 4001)
    assert (refused.status_code, "The text has 4001 characters" in refused.text) == (422, True)
    assert "x" * 4001 in refused.text


def test_the_memorys_best_answers_are_suggested_to_the_agent(ada: Person, waiting: Talk) -> None:
    page = ada.read(f"/agent?conversation={waiting.id}").text
    assert "Suggested answers" in page
    assert "Parcels take three days." in page


def test_an_agent_sees_the_image_and_what_was_read_in_it(ada: Person, waiting: Talk) -> None:
    for content in (saved(screenshot()), saved(wordless())):
        waiting.show(content)
    page = ada.read(f"/agent?conversation={waiting.id}").text
    for line in ERROR:
        assert line in page
    assert "No text was found in the image." in page
    places = re.findall(r'<img src="(/api[^"]+)"', page)
    assert len(places) == 2
    image = ada.client.get(places[0])
    assert (image.status_code, image.headers["content-type"]) == (200, "image/png")
    assert image.content.startswith(b"\x89PNG")


def test_of_two_agents_the_second_is_told_on_the_desk_who_was_first(
    ada: Person, waiting: Talk, server: RunningServer, sqlite_url: str
) -> None:
    add_account(sqlite_url, "grace", AccountRole.AGENT)
    ada.read(f"/agent?conversation={waiting.id}")
    with signed_in(server, "grace") as grace:
        grace.send(f"/agent/conversations/{waiting.id}/take")
    refused = ada.send(f"/agent/conversations/{waiting.id}/take")
    assert refused.status_code == 409
    assert 'role="alert"' in ada.page
    assert "grace" in ada.page
    assert "person lamps?" in ada.page


def test_notes_are_read_by_agents_and_reviewers(
    ada: Person, waiting: Talk, server: RunningServer, sqlite_url: str
) -> None:
    ada.read(f"/agent?conversation={waiting.id}")
    ada.send(f"/agent/conversations/{waiting.id}/notes", text="Called back at noon.")
    assert "Called back at noon." in ada.page
    waiting.vote_down()
    add_account(sqlite_url, "rhea", AccountRole.REVIEWER)
    with signed_in(server, "rhea") as rhea:
        assert "Called back at noon." in rhea.read("/admin").text
    [place] = re.findall(r'action="(/agent/conversations/[^"]+/delete)"', ada.page)
    ada.send(place)
    assert "Called back at noon." not in ada.page


def test_canned_texts_are_kept_on_a_page_of_the_desk_and_offered_in_the_customers_language(
    ada: Person, waiting: Talk
) -> None:
    ada.read("/agent/canned")
    ada.send("/agent/canned", shortcut="refund", language="en", text="Your money is back in five days.")
    ada.send("/agent/canned", shortcut="refund", language="zh", text="款项五天内退回。")
    refused = ada.send("/agent/canned", shortcut="two words", language="en", text="Kept in the form.")
    assert (refused.status_code, "Kept in the form." in refused.text) == (422, True)
    assert "two words" in refused.text
    page = ada.read(f"/agent?conversation={waiting.id}").text
    assert page.count('data-shortcut="refund"') == 1
    assert "Your money is back in five days." in page
    places = re.findall(r'action="(/agent/canned/[^"]+)/delete"', ada.read("/agent/canned").text)
    ada.send(places[0], shortcut="refund", language="en", text="Your money is back in a week.")
    ada.send(f"{places[1]}/delete")
    assert "in a week" in ada.page
    assert "款项" not in ada.page


def test_a_page_that_has_shown_all_is_sent_the_rest_only(ada: Person, waiting: Talk) -> None:
    whole = ada.read(f"/agent?conversation={waiting.id}").text
    [seen] = re.findall(r'data-seen="(\d+)"', whole)
    rest = ada.read(f"/agent?conversation={waiting.id}&seen={seen}").text
    assert ('id="log"' in whole, 'id="suggested"' in whole) == (True, True)
    assert ('id="log"' in rest, 'id="suggested"' in rest, 'id="notes"' in rest) == (False, False, True)
    waiting.say("how long does it take?")
    assert 'id="log"' in ada.read(f"/agent?conversation={waiting.id}&seen={seen}").text
