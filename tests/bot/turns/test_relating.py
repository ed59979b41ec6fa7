"""Related answers in conversations: told beside an answer, only what may be sent, never to whom had them already."""

from datetime import UTC, datetime

import pytest

from bot.turns.dialogue_policy import DialoguePolicy
from bot.turns.relating import Relating
from knowledge_base import answers, conversations, event_log
from knowledge_base.answers import Answer, AnswerDraft, AnswerStatus
from knowledge_base.conversations import Opening
from knowledge_base.database import Database
from knowledge_base.identifiers import new_id
from knowledge_base.messages import BotDecision, Message
from tests.bot.script import Script, unheard
from weaver_core.dialogue import Role

pytestmark = pytest.mark.anyio


async def make(database: Database, title: str, **fields: object) -> Answer:
    """An answer."""
    async with database.writing() as session:
        return await answers.create(session, AnswerDraft(f"About {title}.", title, **fields), "test")  # type: ignore[arg-type]


async def tell(database: Database, *given: Answer, customers: int = 3) -> None:
    """So many customers who were given these answers each."""
    async with database.writing() as session:
        for _ in range(customers):
            opened = await conversations.open_conversation(session, Opening())
            for number, answer in enumerate(given):
                asked = await event_log.add_customer_message(session, opened.id, f"{number}", "Where is it?")
                decision = BotDecision("answer", 0.9, answer.id)
                await event_log.add_bot_message(session, opened.id, asked.message.seq, "x", decision)


async def counted(database: Database) -> Relating:
    """The relations as they are now."""
    relating = Relating(database)
    await relating.count()
    return relating


async def titles(relating: Relating, answer: Answer, *before: Answer) -> list[str]:
    return [one.title for one in await relating.related([one.id for one in before], answer)]


async def test_what_others_needed_too_is_told_best_first_without_what_was_given(database: Database) -> None:
    refund, shipping, size = [await make(database, title) for title in ("refund", "shipping", "size")]
    await tell(database, refund, shipping, customers=5)
    await tell(database, refund, shipping, size)
    relating = await counted(database)
    assert await titles(relating, refund) == ["shipping", "size"]
    assert await titles(relating, refund, shipping) == ["size"]
    assert await titles(relating, await make(database, "lamp")) == []


async def test_what_may_not_be_sent_here_and_now_is_not_told(database: Database) -> None:
    refund = await make(database, "refund", language="en")
    others = [
        await make(database, "retired", language="en"),
        await make(database, "over", language="en", valid_until=datetime(2020, 1, 1, tzinfo=UTC)),
        await make(database, "一个人的", language="zh"),
        await make(database, "of another shop", language="en", collection="other"),
        await make(database, "one customer's own", language="en", personal=True),
        await make(database, "fine", language="en"),
    ]
    async with database.writing() as session:
        await answers.set_status(session, others[0].id, AnswerStatus.RETIRED)
    await tell(database, refund, *others)
    assert await titles(await counted(database), refund) == ["fine"]


async def test_it_stands_beside_the_answer_in_the_log(database: Database) -> None:
    refund, shipping = [await make(database, title) for title in ("refund", "shipping")]
    await tell(database, refund, shipping)
    policy = DialoguePolicy(Script([refund]).respond, unheard, (await counted(database)).related)
    asked = Message(1, new_id(), new_id(), Role.CUSTOMER, "How do refunds work?", datetime.now(UTC))
    (part,) = (await policy.decide(asked, [], "default")).parts
    assert part.related == (shipping,)
    clarified = Message(1, new_id(), new_id(), Role.CUSTOMER, "which of them?", datetime.now(UTC))
    (part,) = (await policy.decide(clarified, [], "default")).parts
    assert part.related == ()
