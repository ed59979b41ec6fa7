"""What the bot does with a customer's turn in its conversation, beyond reading the memory for it."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from uuid import UUID

from bot.reply import Decision, Query, Reply, Respond
from knowledge_base.answers import Answer
from knowledge_base.messages import ASKED_FOR_PERSON, Message, turns_of
from weaver_core.texts import language
from weaver_core.texts.person_wish import wants_person
from weaver_core.texts.questions import questions
from weaver_core.texts.small_talk import small_talk

REPEATED, STUCK, UPSET = "repeated", "stuck", "upset"
NO_WORDS, NO_WORDS_IN_IMAGE = "no_words", "no_words_in_image"
# An answer is not given again while it is among this many of the bot's last messages.
LATELY = 3
# After so many questions back, one after the other, a person is asked.
MOST_QUESTIONS_BACK = 2
# So many of a customer's messages in a row, all of them sounding worse than this, are more than a bot should answer.
ANGRY_MESSAGES, ANGRY = 3, -0.8

# How a message sounds, None where nobody can tell.
Sounds = Callable[[str], Awaitable[float | None]]
# What goes with an answer, for a customer who was given these before, oldest first.
GoesWith = Callable[[Sequence[UUID], Answer], Awaitable[tuple[Answer, ...]]]


async def nothing(_history: Sequence[UUID], _answer: Answer) -> tuple[Answer, ...]:
    """Nothing goes with any answer."""
    return ()


@dataclass(frozen=True, slots=True)
class Part:
    """What the bot says to a message, or to the part of it from one character to before another.

    `related` are answers that customers with the same question needed too.
    """

    reply: Reply
    asked: tuple[int, int] | None = None
    related: tuple[Answer, ...] = ()


@dataclass(frozen=True, slots=True)
class Said:
    """All that the bot says to a message, and how that sounded, from -1 (angry) to 1 (pleased)."""

    parts: tuple[Part, ...]
    sentiment: float | None = None


@dataclass(frozen=True, slots=True)
class DialoguePolicy:
    """Reads the memory by `respond`, has messages judged by `sounds`, tells beside an answer what `goes_with` it."""

    respond: Respond
    sounds: Sounds
    goes_with: GoesWith = nothing

    async def decide(self, message: Message, before: Sequence[Message], collection: str) -> Said:
        """What to say to a message, after the conversation's last messages `before` it, oldest first.

        What was read in the message's images is part of it. A courtesy gets one back, and who asks for a person gets
        one; no memory is read for either. Questions that have an answer each get one each. An answer that the customer
        was given just now is not repeated: others are offered. A person is asked when the bot asked back in vain, and
        when a customer sounds angry again and again.
        """
        courtesy = small_talk(message.words)
        if courtesy is not None:
            return Said((Part(_own_words(message, Decision.CLARIFY, courtesy.value)),))
        if wants_person(message.text):
            return Said((Part(_own_words(message, Decision.HANDOFF, ASKED_FOR_PERSON)),))
        sentiment = await self.sounds(message.text) if message.text else None
        query = Query(message.words, turns_of(before), collection)
        parts = await self._separately(query) or (Part(_in_turn(await self.respond(query), before)),)
        if message.attachments and parts[0].reply.why == NO_WORDS:
            parts = (Part(replace(parts[0].reply, why=NO_WORDS_IN_IMAGE)),)
        if _is_angry(sentiment, before):
            parts = (Part(replace(parts[0].reply, decision=Decision.HANDOFF, why=UPSET, near_equals=())),)
        return Said(await self._with_related(parts, before), sentiment)

    async def _with_related(self, parts: tuple[Part, ...], before: Sequence[Message]) -> tuple[Part, ...]:
        """The same parts; the last one with what goes with all that the customer has been given by then."""
        given = [answer.id for answer in (*_given(before), *(part.reply.answer for part in parts)) if answer]
        last = parts[-1]
        if last.reply.answer is None:
            return parts
        related = await self.goes_with(given[:-1], last.reply.answer)
        return (*parts[:-1], replace(last, related=related))

    async def _separately(self, query: Query) -> tuple[Part, ...]:
        """An answer to each question of a turn, none unless all have one and all are different."""
        spans = questions(query.text)
        if len(spans) < 2:  # noqa: PLR2004 - one question is read with all that stands around it
            return ()
        parts = [Part(await self.respond(replace(query, text=query.text[a:b])), (a, b)) for a, b in spans]
        answered = {part.reply.answer.id for part in parts if part.reply.answer}
        return tuple(parts) if len(answered) == len(parts) else ()


def _in_turn(reply: Reply, before: Sequence[Message]) -> Reply:
    """The reply as it stands after what the bot said before."""
    lately = [said for said in before if said.bot is not None]
    given = {answer.id for answer in _given(lately[-LATELY:])}
    if reply.answer is not None and reply.answer.id in given:
        return _not_again(reply)
    asked_back = len(list(takewhile(_asks_back, reversed(lately))))
    if reply.decision is Decision.CLARIFY and asked_back >= MOST_QUESTIONS_BACK:
        return replace(reply, decision=Decision.HANDOFF, why=STUCK, near_equals=())
    return reply


def _given(said: Sequence[Message]) -> list[Answer]:
    return [one.answer for one in said if one.answer is not None]


def _not_again(reply: Reply) -> Reply:
    """The next likeliest answers instead of one that was given already."""
    return replace(reply, decision=Decision.CLARIFY, why=REPEATED, given=1, near_equals=())


def _asks_back(said: Message) -> bool:
    return said.bot is not None and said.bot.decision == Decision.CLARIFY and bool(said.bot.candidates)


def _is_angry(sentiment: float | None, before: Sequence[Message]) -> bool:
    heard = [said.bot.sentiment for said in before if said.bot is not None and said.in_reply_to is not None]
    last = [*heard, sentiment][-ANGRY_MESSAGES:]
    return len(last) == ANGRY_MESSAGES and all(one is not None and one <= ANGRY for one in last)


def _own_words(message: Message, decision: Decision, why: str) -> Reply:
    return Reply(decision, 0.0, (), language.detect(message.text or message.words), "", None, why)
