"""How the bot reads a judged question now: how sure it is, and which words of its memory it attends to."""

from dataclasses import dataclass
from uuid import UUID

from bot.reply import Candidate, Decision, Query, Reply
from bot.service import Service
from bot.turns import judged_turn
from knowledge_base import messages

SHOWN, PASSAGES = 4, 3
# Shades of attention, from none to all of the heaviest word's.
SHADES = 5


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a text with its shade: 0 for what is hardly attended to, up to 5."""

    text: str
    shade: int


@dataclass(frozen=True, slots=True)
class ReadAnswer:
    """A candidate as it is read now: the passages that weigh most, the words of the heaviest one shaded."""

    candidate: Candidate
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class NowRead:
    """What the bot would do with a judged question now, and why."""

    question: str
    decision: Decision
    confidence: float
    answers: tuple[ReadAnswer, ...]
    reply: Reply


async def read_again(service: Service, message_id: UUID) -> NowRead:
    """Read the question that a message replies to as if it were asked now. Raises MessageNotFoundError."""
    judged = await judged_turn.read(service.database, service.settings.company_contacts, message_id)
    async with service.database.reading() as session:
        asked = await messages.asked_in(session, judged.message)
        seq = judged.message.seq if asked is None else asked.seq
        before = await messages.turns_before(session, judged.message.conversation_id, seq)
    text = asked.words if asked is not None and asked.words.strip() else judged.question
    return await read(service, Query(text, before, judged.collection, explain=True))


async def read(service: Service, query: Query) -> NowRead:
    """Read a question as if a customer had asked it just now. Nothing is stored."""
    reply = await service.respond(query)
    shown = tuple(ReadAnswer(one, pieces_of(one)) for one in reply.candidates[:SHOWN])
    return NowRead(query.text, reply.decision, reply.confidence, shown, reply)


def pieces_of(candidate: Candidate) -> tuple[Piece, ...]:
    """The heaviest passage of a candidate, cut at its words, each with the shade of its weight."""
    if not candidate.positions:
        return ()
    text = candidate.positions[0].position.text
    heaviest = max((word.weight for word in candidate.words), default=0.0)
    pieces: list[Piece] = []
    end = 0
    for word in sorted(candidate.words, key=lambda word: word.start):
        if word.start > end:
            pieces.append(Piece(text[end : word.start], 0))
        pieces.append(Piece(text[word.start : word.end], round(SHADES * word.weight / heaviest) if heaviest else 0))
        end = max(end, word.end)
    return (*pieces, Piece(text[end:], 0)) if end < len(text) else tuple(pieces)
