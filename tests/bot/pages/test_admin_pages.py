"""The reviewer's pages, without scripts: read, decide, take back; whatever a customer wrote stays text."""

from collections.abc import Iterator

import anyio
import pytest
from structlog.testing import capture_logs

from bot.judgements import review
from bot.pages import modelling
from bot.pages.frame import templates
from knowledge_base import answers, dialogues, models, positions
from knowledge_base.accounts import AccountRole
from knowledge_base.answers import AnswerDraft, AnswerStatus
from knowledge_base.database import Database
from knowledge_base.models import ModelDraft
from knowledge_base.positions import PositionDraft
from tests.bot.conftest import ANSWERS, Serve
from tests.bot.person import Person, add_account, signed_in, talk
from tests.bot.running_server import RunningServer
from tests.patience import wait_until
from weaver_core.dialogue import Dialogue, PositionKind, Role, Turn

SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(2)>"


@pytest.fixture
def rhea(server: RunningServer, sqlite_url: str) -> Iterator[Person]:
    """A reviewer, signed in."""
    add_account(sqlite_url, "rhea", AccountRole.REVIEWER)
    with signed_in(server, "rhea") as person:
        yield person


@pytest.fixture
def mined(sqlite_url: str) -> str:
    """The id of a pending answer that was found in a dialogue."""

    async def mine() -> str:
        database = Database(sqlite_url)
        turns = (
            Turn(Role.CUSTOMER, f"seal? {SCRIPT}"),
            Turn(Role.AGENT, "The seal costs £4."),
            Turn(Role.CUSTOMER, "ta"),
        )
        async with database.writing() as session:
            stored = await dialogues.add(session, Dialogue("d1", turns), "dialogues", "default", "hash")
            draft = AnswerDraft("The seal costs £4.", "Seals", status=AnswerStatus.PENDING, origin="dialogue")
            answer = await answers.create(session, draft, "import")
            asked = PositionDraft(PositionKind.QUESTION, "seal?", turn_id=stored.turn_ids[0])
            await positions.add(session, answer.id, [asked])
        await database.close()
        return answer.answer_id

    return anyio.run(mine)


def _item(person: Person) -> str:
    """The judgement that the page shows, by the address of its form."""
    return person.page.split('/dismiss">')[0].rsplit("/", 1)[1]


def test_one_click_teaches_the_answer_and_shows_the_next_judgement(rhea: Person, server: RunningServer) -> None:
    for question in ("where is my boot?", "where is my hat?"):
        talk(server, question).vote_down()
    # New ones join the queue within a second or two.
    both = ("where is my boot?", "where is my hat?")
    wait_until(lambda: all(question in rhea.read("/admin").text for question in both), "the queue shows both")
    item = _item(rhea)
    shown = rhea.send(f"/admin/feedback/{item}/correct", answer_id="returns")
    assert shown.url.path == "/admin"
    assert f"Taught. From now on: “{ANSWERS['returns'][0]}”." in rhea.page
    assert _item(rhea) != item
    rhea.send(f"/admin/feedback/{item}/undo")
    assert "It waits for a decision again." in rhea.page
    assert _item(rhea) == item


def test_a_judgement_is_shown_with_its_reason_comment_and_suggestion(rhea: Person, server: RunningServer) -> None:
    said = talk(server, "hello", "where is my boot?")
    said.vote_down(reason="outdated", comment="That was last year.", correction={"answer_id": "returns"})
    rhea.read("/admin")
    for words in ("out of date", "That was last year.", "Suggested as the right answer", "80 % likely", "score 0.90"):
        assert words in rhea.page
    assert rhea.page.count("Did not help") == 2
    assert rhea.page.index("where is my boot?") < rhea.page.index('class="message bot judged"')


def test_what_a_customer_wrote_is_text_on_every_page(rhea: Person, server: RunningServer) -> None:
    said = talk(server, f"person {SCRIPT}", SCRIPT)
    said.vote_down(reason="other", comment=SCRIPT, correction={"text": f"{SCRIPT} no"})
    rhea.read("/admin")
    item = _item(rhea)
    pages = [rhea.page, rhea.read("/agent").text, rhea.read(f"/agent?conversation={said.id}").text]
    rhea.read("/admin")
    pages.append(rhea.send(f"/admin/feedback/{item}/correct", text=f"{SCRIPT} yes", title=SCRIPT).text)
    pages += [rhea.read(f"/admin?state=resolved&item={item}").text, rhea.read("/admin/answers").text]
    address = rhea.page.split('<h2><a href="')[1].split('"')[0]
    pages += [rhea.read(address).text, rhea.read("/admin?q=%22%3E%3Cscript%3E").text]
    for page in pages:
        assert "<script>" not in page
        assert "<img src=x" not in page
    assert sum("&lt;script&gt;alert(1)" in page for page in pages) >= 6


def test_no_template_turns_escaping_off_or_runs_script_in_the_page() -> None:
    environment = templates()
    assert environment.autoescape
    for name in environment.list_templates(filter_func=lambda name: name != "shop.html"):
        source = environment.loader.get_source(environment, name)[0] if environment.loader else ""
        for word in ("|safe", "autoescape", " onclick", " onload", "javascript:", "style="):
            assert word not in source, name
        assert "<script" not in source.replace('<script type="module" src="/static/', ""), name


def test_pages_may_run_only_our_own_script(rhea: Person) -> None:
    policy = rhea.read("/admin").headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "script-src" not in policy
    assert rhea.read("/static/pages.js").headers["content-type"].startswith("text/javascript")


def test_a_written_answer_that_cannot_be_kept_stays_on_the_page(rhea: Person, server: RunningServer) -> None:
    talk(server, "where is my boot?").vote_down()
    rhea.read("/admin")
    shown = rhea.send(f"/admin/feedback/{_item(rhea)}/correct", text="!!!", title="My title")
    assert (shown.status_code, "no words" in shown.text, 'value="My title"' in shown.text) == (422, True, True)


def test_a_judgement_that_another_reviewer_decided_on_is_told_in_a_sentence(
    rhea: Person, server: RunningServer, sqlite_url: str
) -> None:
    talk(server, "where is my boot?").vote_down()
    add_account(sqlite_url, "ruth", AccountRole.REVIEWER)
    rhea.read("/admin")
    with signed_in(server, "ruth") as ruth:
        item = _item(ruth)
        ruth.send(f"/admin/feedback/{item}/dismiss")
        assert "Set aside" in ruth.page
    shown = rhea.send(f"/admin/feedback/{item}/correct", answer_id="returns")
    assert (shown.status_code, "ruth has already decided" in shown.text) == (409, True)
    assert "ruth has already decided" in rhea.read("/admin").text or "Nothing waits" in rhea.page


def test_any_answer_in_the_questions_language_is_found_by_search(rhea: Person, server: RunningServer) -> None:
    talk(server, "where is my boot?").vote_down()
    rhea.read("/admin")
    item = _item(rhea)
    results = rhea.read(f"/admin?item={item}&q=return+30").text.split('id="results"')[1]
    assert ANSWERS["returns"][1] in results
    assert "Nothing holds these words" in rhea.read(f"/admin?item={item}&q=unicorn").text


def test_pending_answers_wait_with_the_dialogue_that_they_come_from(rhea: Person, mined: str) -> None:
    rhea.read("/admin/answers?status=pending")
    assert "The seal costs £4." in rhea.page
    assert "seal? &lt;script&gt;" in rhea.page
    shown = rhea.send(f"/admin/answers/{mined}?from_list", status="approved")
    assert (shown.url.path, shown.url.params["status"]) == ("/admin/answers", "pending")
    assert "Approved: “Seals”." in rhea.page
    assert "beside-origin" not in rhea.page
    assert "The seal costs £4." in rhea.read("/admin/answers").text


def test_an_answer_is_edited_with_its_history_shown(rhea: Person) -> None:
    rhea.read("/admin/answers/returns")
    rhea.send("/admin/answers/returns", title="Returns", text="Thirty days. Keep the box.")
    assert "Saved." in rhea.page
    assert rhea.page.index("Thirty days. Keep the box.") < rhea.page.index(ANSWERS["returns"][1])
    assert "Keep the box." in rhea.page.split("Its memory")[1]
    refused = rhea.send("/admin/answers/returns", title="Returns", text="   ")
    assert (refused.status_code, "The text is empty" in refused.text) == (422, True)
    rhea.send("/admin/answers/returns", status="retired")
    assert "Retired" in rhea.page


def test_versions_are_shown_with_their_figures(rhea: Person, sqlite_url: str) -> None:
    assert "No model has been fitted yet" in rhea.read("/admin/models").text

    async def promote() -> None:
        database = Database(sqlite_url)
        async with database.writing() as session:
            figures = {"en": {"questions": 1234, "loss": 0.4567, "accuracy": 0.91234567, "confidence": 0.9}}
            await models.promote_fit(session, ModelDraft("tiny@1", {}, figures, ""), "rhea")
        await database.close()

    anyio.run(promote)
    page = rhea.read("/admin/models").text
    assert all(
        words in page for words in ("v1", "is being loaded", "tiny@1", "English", "1,234", "91.2 %", "90.0 %", "0.46")
    )


def test_a_page_that_fails_says_so_in_words(rhea: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(session: object) -> None:
        raise RuntimeError(session)

    monkeypatch.setattr(models, "every", broken)
    for language, sentence in (("en", "Weaver failed at this; it is in its log."), ("zh", "出错")):
        with capture_logs() as logs:
            page = rhea.read(f"/admin/models?lang={language}")
        assert (page.status_code, sentence in page.text, "text/html" in page.headers["content-type"]) == (
            500,
            True,
            True,
        )
        assert [log["event"] for log in logs] == ["page_failed"]


def test_what_an_earlier_version_did_not_keep_is_left_open() -> None:
    (fit,) = modelling.fits({"zh": {"questions": 9, "accuracy": 0.5, "loss": 1.0}})
    assert (fit.language, fit.confidence) == ("中文", None)


def test_an_empty_house_says_what_to_do_first(serve: Serve, sqlite_url: str) -> None:
    add_account(sqlite_url, "rhea", AccountRole.REVIEWER)
    with signed_in(serve(), "rhea") as rhea:
        assert "weaver import faq.csv" in rhea.read("/admin").text
        assert "weaver import faq.csv" in rhea.read("/admin/answers").text
        assert 'href="/admin/imports"' in rhea.read("/admin/answers?status=pending").text
        assert "No file has been sent yet" in rhea.read("/admin/imports").text
        assert "The bot has no answers yet" in rhea.read("/admin/try").text
        assert "No dialogues yet" in rhea.read("/admin/dialogues").text
        assert "Nothing waits here" in rhea.read("/admin/answer-pairs").text
        assert "Nobody waits." in rhea.read("/agent").text
        assert "No feedback has been decided on yet." in rhea.read("/admin?state=resolved").text


def test_every_page_is_there_in_chinese(rhea: Person, server: RunningServer, mined: str) -> None:
    said = talk(server, "person please")
    said.vote_down(reason="wrong")
    for path, words in {
        "/admin": "机器人本该怎样回答？",
        "/admin/answers": "已批准",
        f"/admin/answers/{mined}": "修改记录",
        "/admin/models": "还没有拟合过模型",
        "/admin/answers?status=pending": "来源对话",
        "/admin/new-answer": "对应的问题，每行一个",
        "/admin/answer-pairs": "问题相同、答案不同",
        "/admin/try?q=seal": "会直接回答",
        "/admin/imports": "将文件拖到这里，或点击选择",
        "/admin/dialogues": "对话中的词",
        f"/agent?conversation={said.id}": "交还机器人",
    }.items():
        assert words in rhea.read(f"{path}{'&' if '?' in path else '?'}lang=zh").text
    assert "There is no answer nothing-like-it." in rhea.read("/admin/answers/nothing-like-it").text


def test_an_erased_candidate_is_left_out(rhea: Person, server: RunningServer) -> None:
    assert review.BEFORE > review.AFTER
    talk(server, "where is my boot?").vote_down()
    rhea.read("/admin")
    assert rhea.read("/admin?item=01a209ad-0000-7000-8000-000000000000").status_code == 404
    assert rhea.read("/admin?item=not-an-id").status_code == 422
