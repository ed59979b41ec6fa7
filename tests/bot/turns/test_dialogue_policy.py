"""Courtesies, wishes for a person, two questions in one turn, answers given before, questions back, anger."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from bot.reply import Candidate, Decision, Query, Reply
from bot.turns.dialogue_policy import DialoguePolicy, Said
from knowledge_base.answers import Answer, AnswerStatus
from knowledge_base.identifiers import new_id
from knowledge_base.messages import BotDecision, Message
from tests.bot.script import unheard
from weaver_core.dialogue import Role

pytestmark = pytest.mark.anyio

CONVERSATION = new_id()


def answer(text: str) -> Answer:
    """An approved answer."""
    then = datetime.now(UTC)
    return Answer(
        id=new_id(),
        answer_id=text,
        title=text,
        text=text,
        language="en",
        collection="default",
        tags=(),
        status=AnswerStatus.APPROVED,
        origin="faq",
        personal=False,
        valid_from=None,
        valid_until=None,
        created_at=then,
        updated_at=then,
    )


RETURNS, ORDERS = answer("returns"), answer("orders")


class Model:
    """Knows what to say of returns and of orders, and asks back else."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def respond(self, query: Query) -> Reply:
        """Answers by the words that it sees first."""
        self.asked.append(query.text)
        found = [answer for word, answer in (("return", RETURNS), ("order", ORDERS)) if word in query.text]
        others = [answer for answer in (RETURNS, ORDERS) if answer not in found]
        candidates = tuple(Candidate(one, 0.5, 0.5, ()) for one in (*found[:1], *found[1:], *others))
        decision = Decision.ANSWER if found else Decision.CLARIFY
        return Reply(decision, 0.9, candidates, "en", "v1", None, decision.value)


@pytest.fixture
def model() -> Model:
    return Model()


def customer(text: str) -> Message:
    """What the customer says."""
    return Message(9, new_id(), CONVERSATION, Role.CUSTOMER, text, datetime.now(UTC))


def bot(
    decision: str, given: Answer | None = None, sentiment: float | None = None, candidates: Sequence[str] = ("some",)
) -> Message:
    """What the bot said before."""
    decided = BotDecision(decision, 0.9, candidates=[{"answer_id": one} for one in candidates], sentiment=sentiment)
    return Message(
        8, new_id(), CONVERSATION, Role.BOT, "…", datetime.now(UTC), in_reply_to=7, bot=decided, answer=given
    )


async def say(model: Model, text: str, before: Sequence[Message] = (), sentiment: float | None = None) -> Said:
    """What the policy makes of a message."""

    async def sounds(heard: str) -> float | None:
        assert heard == text
        return sentiment

    return await DialoguePolicy(model.respond, sounds).decide(customer(text), before, "default")


@pytest.mark.parametrize(("text", "why"), [("Hello!", "greeting"), ("谢谢", "thanks"), ("bye", "goodbye")])
async def test_a_courtesy_reads_no_memory(model: Model, text: str, why: str) -> None:
    (part,) = (await DialoguePolicy(model.respond, unheard).decide(customer(text), (), "default")).parts
    assert (part.reply.decision, part.reply.why, model.asked) == (Decision.CLARIFY, why, [])


async def test_who_asks_for_a_person_gets_one(model: Model) -> None:
    (part,) = (await say(model, "转人工")).parts
    assert (part.reply.decision, part.reply.why, part.reply.language) == (Decision.HANDOFF, "asked_for_person", "zh")
    assert model.asked == []


async def test_two_questions_get_an_answer_each(model: Model) -> None:
    said = await say(model, "How do I return a lamp? Where is my order?")
    assert [(part.reply.answer, part.asked) for part in said.parts] == [(RETURNS, (0, 23)), (ORDERS, (24, 42))]


@pytest.mark.parametrize("text", ["How do I return it? Is returning free?", "How do I return it? Do you sell zebras?"])
async def test_questions_without_an_answer_each_are_read_together(model: Model, text: str) -> None:
    (part,) = (await say(model, text)).parts
    assert (part.reply.answer, part.asked, model.asked[-1]) == (RETURNS, None, text)


async def test_an_answer_that_was_just_given_is_not_repeated(model: Model) -> None:
    (part,) = (await say(model, "can I return it", [bot("answer", RETURNS)])).parts
    assert (part.reply.decision, part.reply.why) == (Decision.CLARIFY, "repeated")
    assert part.reply.suggestions == (ORDERS,)


async def test_an_answer_of_long_ago_is_given_again(model: Model) -> None:
    before = [bot("answer", RETURNS), *[bot("answer", ORDERS)] * 3]
    (part,) = (await say(model, "can I return it", before)).parts
    assert part.reply.answer == RETURNS


async def test_after_two_questions_back_a_person_is_asked(model: Model) -> None:
    (once,) = (await say(model, "zebras", [bot("answer", RETURNS), bot("clarify")])).parts
    (twice,) = (await say(model, "zebras", [bot("clarify"), bot("clarify")])).parts
    assert (once.reply.decision, twice.reply.decision, twice.reply.why) == (Decision.CLARIFY, Decision.HANDOFF, "stuck")


async def test_a_courtesy_between_is_no_question_back(model: Model) -> None:
    (part,) = (await say(model, "zebras", [bot("clarify"), bot("clarify", candidates=())])).parts
    assert part.reply.decision is Decision.CLARIFY


async def test_a_customer_who_sounds_angry_three_times_gets_a_person(model: Model) -> None:
    before = [bot("answer", ORDERS, -0.9), bot("clarify", None, -0.95)]
    said = await say(model, "I want to return it", before, -0.99)
    assert (said.parts[0].reply.decision, said.parts[0].reply.why, said.sentiment) == (Decision.HANDOFF, "upset", -0.99)


@pytest.mark.parametrize("earlier", [None, 0.2])
async def test_a_customer_who_sounded_otherwise_meanwhile_is_answered(model: Model, earlier: float | None) -> None:
    before = [bot("answer", ORDERS, -0.9), bot("clarify", None, earlier)]
    said = await say(model, "I want to return it", before, -0.99)
    assert said.parts[0].reply.answer == RETURNS
