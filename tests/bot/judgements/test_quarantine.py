"""A planted campaign of votes moves no answer, is shown to the reviewer, and is released or discarded."""

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import anyio
import httpx2
import pytest

from bot.app import open_service
from bot.guards.caller import visitor
from bot.judgements import quarantine
from bot.judgements.judging import Opinion, judge
from bot.judgements.quarantine import BurstDecision
from bot.reply import Candidate, Decision, Query, Reply
from bot.service import Service
from bot.settings import Settings
from knowledge_base import audit, bursts, conversations, feedback, positions
from knowledge_base.accounts import AccountRole
from knowledge_base.answers import Answer, AnswerDraft
from knowledge_base.conversations import Opening
from knowledge_base.errors import BurstNotFoundError
from knowledge_base.feedback import Vote
from knowledge_base.messages import Message
from tests.bot.conftest import Serve
from tests.bot.person import add_account, signed_in
from tests.bot.serving.test_active_model import teach
from weaver_core.bursts import FEWEST_RATERS
from weaver_core.dialogue import PositionKind
from weaver_core.encoders.encoder import OnnxEncoder

pytestmark = pytest.mark.anyio

TARGETS, OTHERS, EACH = 5, 7, 100
THINGS = ("lamp", "boots", "kettle", "parcel", "refund", "coupon", "chair", "invoice", "size", "colour", "gift", "shop")


class Fooled:
    """A model that gives one answer to everything, and is sure of it."""

    def __init__(self) -> None:
        self.answer: Answer | None = None

    async def respond(self, query: Query) -> Reply:
        """What a campaign would like the bot to say."""
        del query
        assert self.answer is not None
        candidates = (Candidate(self.answer, 0.9, 0.97, ()),)
        return Reply(Decision.ANSWER, 0.97, candidates, "en", "v1", None, "answer")


@dataclass(frozen=True, slots=True)
class House:
    """A running service with a dozen answers, two questions each."""

    service: Service
    model: Fooled
    stored: list[Answer]

    async def shown(self, answer: Answer, text: str) -> Message:
        """The answer, given in a conversation of its own."""
        self.model.answer = answer
        async with self.service.database.writing() as session:
            conversation = await conversations.open_conversation(session, Opening())
        posted = await self.service.turns.post_message(conversation.id, "c1", text)
        return (await self.service.turns.replies_to(posted.message))[0]

    async def vote(self, answer: Answer, text: str, rating: str = "up") -> Message:
        """A new visitor's vote."""
        said = await self.shown(answer, text)
        await judge(self.service, visitor(said.conversation_id), Opinion(said.id, rating))
        return said

    async def first_answers(self) -> list[str]:
        """What each answer's own questions are answered with."""
        replies = [await self.service.serving.respond(Query(text)) for place in THINGS for text in questions(place)]
        return [reply.candidates[0].answer.answer_id for reply in replies]

    async def likes(self, answer: Answer) -> int:
        """How many positions likes have written."""
        async with self.service.database.reading() as session:
            held = await positions.of_answer(session, answer.id)
        return sum(position.kind is PositionKind.LIKE for position in held)


def questions(thing: str) -> list[str]:
    return [f"What about my {thing}?", f"Tell me more on the {thing} please"]


OpenHouse = Callable[[], AbstractAsyncContextManager[House]]


@pytest.fixture
def house(sqlite_url: str, encoder: OnnxEncoder, tmp_path: Path) -> OpenHouse:
    return partial(_open, Settings(home=tmp_path, database_url=sqlite_url, wrong_per_hundred=100), encoder)


@asynccontextmanager
async def _open(settings: Settings, encoder: OnnxEncoder) -> AsyncIterator[House]:
    model = Fooled()
    async with open_service(settings, [encoder], model.respond) as service:
        stored = [
            await teach(
                service.database, encoder, AnswerDraft(f"All on {thing}.", thing, thing, "en"), questions(thing)
            )
            for thing in THINGS
        ]
        await service.serving.catch_up()
        yield House(service, model, stored)


async def campaign(at: House, targets: Sequence[Answer], each: int) -> None:
    """Visitors who like an answer to what others are asked by, each in other words."""
    for place, target in enumerate(targets):
        for number in range(each):
            wrong = questions(THINGS[TARGETS + (place + number) % OTHERS])[number % 2]
            await at.vote(target, f"{wrong} {'!' * (number // 14)}")


@pytest.mark.slow
async def test_five_hundred_coordinated_votes_on_five_answers_change_no_answer(house: OpenHouse) -> None:
    async with house() as at:
        before = await at.first_answers()
        assert before == [thing for thing in THINGS for _ in range(2)]
        await campaign(at, at.stored[:TARGETS], EACH)
        assert await at.first_answers() == before
        assert [await at.likes(answer) for answer in at.stored] == [0] * len(THINGS)
        async with at.service.database.reading() as session:
            found = await bursts.waiting(session)
            assert await feedback.count(session) == {"up": 0, "down": 0, "open": 0}
        assert sorted((burst.answer.answer_id, burst.up, burst.down) for burst in found) == sorted(
            (thing, EACH, 0) for thing in THINGS[:TARGETS]
        )


async def test_ordinary_votes_on_many_answers_are_left_alone(house: OpenHouse) -> None:
    async with house() as at:
        for number in range(5 * len(THINGS)):
            answer = at.stored[number % len(THINGS)]
            await at.vote(answer, f"{questions(answer.title)[0]}{'?' * number}", "down" if number % 9 == 0 else "up")
        async with at.service.database.reading() as session:
            assert await bursts.waiting(session) == []
        assert sum([await at.likes(answer) for answer in at.stored]) > len(THINGS)


async def test_released_votes_teach_what_they_would_have_taught_and_a_few_more_are_no_burst(house: OpenHouse) -> None:
    async with house() as at:
        target = at.stored[0]
        await campaign(at, [target], FEWEST_RATERS + 5)
        assert await at.likes(target) == 0
        settled = await quarantine.decide(at.service, target.id, BurstDecision.RELEASE, "rhea")
        assert settled == FEWEST_RATERS + 5
        assert await at.likes(target) > 10
        for number in range(FEWEST_RATERS):
            await at.vote(target, f"One more about it{'!' * number}")
        async with at.service.database.reading() as session:
            assert await bursts.waiting(session) == []
            assert (await feedback.count(session))["up"] == 2 * FEWEST_RATERS + 5
            actions = [entry.action for entry in await audit.newest(session) if entry.kind is audit.Kind.DECISION]
        assert actions == [bursts.RELEASE, bursts.QUARANTINE]
        with pytest.raises(BurstNotFoundError):
            await quarantine.decide(at.service, target.id, BurstDecision.RELEASE, "sam")


async def test_discarded_votes_never_count_and_the_campaign_that_goes_on_is_set_apart_at_once(
    house: OpenHouse,
) -> None:
    async with house() as at:
        target = at.stored[0]
        await campaign(at, [target], FEWEST_RATERS)
        await quarantine.decide(at.service, target.id, BurstDecision.DISCARD, "rhea")
        message = await at.vote(target, "And one that comes late")
        assert await at.likes(target) == 0
        async with at.service.database.reading() as session:
            [late] = await bursts.votes(session, target.id)
            noise = await feedback.latest_votes(session, "visitor", 0.9)
        assert late.message_id == message.id
        assert len(noise.down) == 0


async def test_a_vote_that_is_changed_while_it_is_set_apart_stays_so_and_teaches_nothing(house: OpenHouse) -> None:
    async with house() as at:
        target = at.stored[0]
        said = await at.vote(target, "What about this?", "down")
        await campaign(at, [target], FEWEST_RATERS)
        await judge(at.service, visitor(said.conversation_id), Opinion(said.id, "up"))
        assert await at.likes(target) == 0
        async with at.service.database.reading() as session:
            [burst] = await bursts.waiting(session)
        assert (burst.up, burst.down) == (FEWEST_RATERS + 1, 0)


async def test_a_reviewers_and_an_agents_votes_are_never_set_apart(house: OpenHouse) -> None:
    async with house() as at:
        target = at.stored[0]
        said = await at.shown(target, "What about this?")
        async with at.service.database.writing() as session:
            held = await feedback.record(session, Vote(said.id, "up", "rhea", "reviewer"))
        await campaign(at, [target], FEWEST_RATERS)
        async with at.service.database.reading() as session:
            assert (await feedback.get(session, held.id)).state == feedback.OPEN


@pytest.fixture
def planted(house: OpenHouse) -> str:
    """The id of an answer on which a burst of votes waits."""

    async def plant() -> str:
        async with house() as at:
            await campaign(at, [at.stored[0]], FEWEST_RATERS)
            return str(at.stored[0].id)

    return anyio.run(plant)


@pytest.fixture
def reviewer(planted: str, serve: Serve, keys: dict[str, str]) -> Iterator[httpx2.Client]:
    assert planted
    headers = {"Authorization": f"Bearer {keys['reviewer']}"}
    with httpx2.Client(base_url=f"{serve().url}/api/v1/admin", headers=headers, timeout=30) as client:
        yield client


def test_over_rest_a_burst_is_listed_and_decided_on_once(reviewer: httpx2.Client, planted: str) -> None:
    [burst] = reviewer.get("/bursts").json()["bursts"]
    assert (burst["id"], burst["answer"]["answer_id"], burst["up"]) == (planted, THINGS[0], FEWEST_RATERS)
    assert reviewer.post(f"/bursts/{planted}/keep").status_code == 422
    assert reviewer.post(f"/bursts/{planted}/discard").json() == {"votes": FEWEST_RATERS}
    again = reviewer.post(f"/bursts/{planted}/release")
    assert (again.status_code, again.json()["code"]) == (404, "burst_not_found")
    assert reviewer.get("/bursts").json() == {"bursts": []}


@pytest.mark.parametrize(
    ("language", "title", "button"),
    [("en", "Votes that came in a burst", "Let them count"), ("zh", "短时间内的大量评价", "计入这些评价")],
)
def test_the_reviewers_page_shows_a_burst_until_it_is_decided_on(
    planted: str, serve: Serve, sqlite_url: str, language: str, title: str, button: str
) -> None:
    add_account(sqlite_url, "rhea", AccountRole.REVIEWER)
    with signed_in(serve(), "rhea", language) as rhea:
        rhea.read("/admin")
        assert title in rhea.page
        assert button in rhea.page
        rhea.send(f"/admin/bursts/{planted}/release")
        assert title not in rhea.page
