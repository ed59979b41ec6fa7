"""A memory that an update can learn from: forty answers with questions in many wordings, and votes on some."""

from pathlib import Path
from uuid import UUID

from knowledge_base import answers, conversations, event_log, feedback, keys, positions
from knowledge_base.answers import Answer, AnswerDraft
from knowledge_base.database import Database
from knowledge_base.feedback import Vote
from knowledge_base.messages import BotDecision
from knowledge_base.positions import PositionDraft
from tests import tiny_encoder
from weaver_core.dialogue import PositionKind
from weaver_core.encoders.encoder import OnnxEncoder

# Each answer has three words of its own; its questions say two or three of them, so that an encoder finds it by these.
SYLLABLES = ("ba", "do", "ki", "lu", "me", "no", "ra", "si", "tu", "ve")
TOPICS = [
    tuple(f"{first}{second}{middle}" for middle in ("lan", "mor", "tis"))
    for first in SYLLABLES[:4]
    for second in SYLLABLES
]
WORDINGS = (
    "{0} {1}",
    "{1} {2}",
    "{2} {0}",
    "{0} {1} {2}",
    "how {0} {1}",
    "where {1} {2}",
    "my {2} {0}",
    "please {0} {2}",
    "why {1} {0}",
    "{2} {1} today",
    "old {0} {1}",
    "new {1} {2}",
    "{2} {0} gone",
    "{0} {2} {1} please",
    "when {1} {0}",
    "broken {2} {1}",
)


def name_of(topic: tuple[str, ...]) -> str:
    """The id of a topic's answer."""
    return topic[0]


def questions_about(topic: tuple[str, ...]) -> list[str]:
    """What customers ask of one answer."""
    return [wording.format(*topic) for wording in WORDINGS]


def write_encoder(folder: Path) -> Path:
    """A small transformer that knows these words."""
    return tiny_encoder.write(folder, [text for topic in TOPICS for text in questions_about(topic)])


async def teach(database: Database, encoder: OnnxEncoder, most: int | None = None) -> list[Answer]:
    """Store the answers, or so many of them, with their questions, encoded."""
    stored: list[Answer] = []
    async with database.writing() as session:
        for topic in TOPICS[:most]:
            name = name_of(topic)
            draft = AnswerDraft(f"About {name}.", name, external_id=name, language="en")
            answer = await answers.create(session, draft, "test")
            texts = questions_about(topic)
            drafts = [PositionDraft(PositionKind.QUESTION, text, language="en") for text in texts]
            ids = await positions.add(session, answer.id, drafts)
            vectors = encoder.encode(texts)
            await keys.put(session, encoder.version, dict(zip(ids, vectors, strict=True)), [answer.id])
            stored.append(answer)
    return stored


async def judge(
    database: Database, asked: str, shown: Answer, rating: str, role: str, propensity: float = 1.0
) -> tuple[UUID, UUID]:
    """A judged turn: somebody asked, was shown an answer, and voted. Returns the turn's and the judgement's ids."""
    async with database.writing() as session:
        opened = await conversations.open_conversation(session, conversations.Opening())
        said = await event_log.add_customer_message(session, opened.id, "c1", asked)
        decision = BotDecision("answer", 0.95, shown.id, [], [], None, propensity=propensity)
        told = await event_log.add_bot_message(session, opened.id, said.message.seq, shown.text, decision)
        assert told is not None
        given = await feedback.record(session, Vote(told.id, rating, f"{role}:{opened.id}", role))
    return said.message.id, given.id


async def like(
    database: Database, encoder: OnnxEncoder, asked: str, shown: Answer, trust: float, propensity: float = 1.0
) -> UUID:
    """A visitor's like with the position that it wrote, whose id is returned."""
    turn_id, feedback_id = await judge(database, asked, shown, "up", "visitor", propensity)
    draft = PositionDraft(
        PositionKind.LIKE, asked, language="en", trust=trust, turn_id=turn_id, feedback_id=feedback_id
    )
    async with database.writing() as session:
        (position_id,) = await positions.add(session, shown.id, [draft])
        await keys.put(session, encoder.version, {position_id: encoder.encode([asked])[0]}, [shown.id])
    return position_id


async def dislike(database: Database, asked: str, shown: Answer, role: str = "visitor") -> UUID:
    """A thumb down, which writes no position. Returns the judgement's id."""
    return (await judge(database, asked, shown, "down", role))[1]


async def pick(database: Database, asked: str, picked: Answer, others: list[Answer], propensity: float) -> UUID:
    """A suggestion that was picked among others. Returns the judgement's id."""
    offered = [{"answer_id": one.answer_id, "title": one.title, "propensity": propensity} for one in (picked, *others)]
    async with database.writing() as session:
        opened = await conversations.open_conversation(session, conversations.Opening())
        said = await event_log.add_customer_message(session, opened.id, "c1", asked)
        decision = BotDecision("clarify", 0.5, None, [], offered, None)
        told = await event_log.add_bot_message(session, opened.id, said.message.seq, "Which?", decision)
        assert told is not None
        vote = Vote(told.id, "up", f"turn:{opened.id}", feedback.HEARD, "picked", suggested_answer_id=picked.id)
        return (await feedback.record(session, vote)).id
