"""An agent's own answer after a hand-off: it waits in the reviewer's queue as what the bot should have said."""

from bot.service import Service
from bot.turns import judged_turn
from bot.turns.judged_turn import JudgedTurn
from knowledge_base import answers, feedback, handovers, messages, privacy
from knowledge_base.answers import Answer
from knowledge_base.feedback import ANSWERED, DOWN, Vote
from knowledge_base.ingestion.mining import trim, why_no_answer
from knowledge_base.messages import Message
from knowledge_base.privacy import codes
from weaver_core.dialogue import Role
from weaver_core.texts.normalization import has_words

# How far back names that the customer told are looked for.
TURNS_LOOKED_AT = 50


async def keep(service: Service, said: Message, suggested: str | None = None) -> None:
    """Keep what an agent wrote, masked, as the pending answer to the question that was handed over.

    A suggestion that was sent as it is, by its answer_id or by its words, counts for that answer, not as a new one.

    The first message that answers anything counts: greetings, promises and questions back do not. It is tied to the
    customer's question and to what the bot said to it; nothing is taught until a reviewer decides. What the bot said
    itself, or what no question with words stands before, is not kept.
    """
    async with service.database.reading() as session:
        left = await handovers.left_to_a_person(session, said.conversation_id)
        if left is None or await feedback.has_own_answer(session, left.id):
            return
        before = await messages.turns_before(session, said.conversation_id, said.seq, TURNS_LOOKED_AT)
        own = await codes.among(session, codes.codes_in([said.text]))
    told = privacy.found_in([turn.text for turn in before if turn.role is Role.CUSTOMER])
    names = sorted({*told, said.author} if said.author else told)
    text = trim(privacy.mask(said.text, service.settings.company_contacts, names, own).text)
    judged = await judged_turn.read(service.database, service.settings.company_contacts, left.id)
    held = await _stored(service, said, suggested, judged)
    if not has_words(judged.question) or (held is None and why_no_answer(text) is not None):
        return
    if left.answer is not None and (left.answer.id == (held and held.id) or left.answer.text.split() == text.split()):
        return
    async with service.database.writing() as session:
        # The very words of a stored answer are that answer.
        held = held or await answers.by_merge_key(session, answers.merge_key(judged.collection, text))
        vote = Vote(
            left.id,
            DOWN,
            f"{ANSWERED}:{said.author}",
            ANSWERED,
            suggested_text=None if held else text,
            suggested_answer_id=held.id if held else None,
        )
        await feedback.record(session, vote)


async def _stored(service: Service, said: Message, suggested: str | None, judged: JudgedTurn) -> Answer | None:
    """The answer that was sent as it is stored: the suggestion, or one that the bot considered for the question."""
    considered = [str(one.get("answer_id")) for one in judged.message.bot.candidates] if judged.message.bot else []
    names = [suggested, *considered] if suggested else considered
    async with service.database.reading() as session:
        found = await answers.by_public_ids(session, names)
    same = [one for one in found.values() if one.text.split() == said.text.split()]
    return next((one for one in same if one.collection == judged.collection), None)
