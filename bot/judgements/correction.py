"""The instant fix: a reviewer's right answer is stored, encoded and served from the next turn on."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import BotError
from bot.judgements import passages
from bot.judgements.curation import one_line
from bot.service import Service
from bot.turns import judged_turn
from bot.turns.judged_turn import JudgedTurn
from knowledge_base import answers, audit, feedback, positions, privacy
from knowledge_base.answers import Answer, AnswerDraft, AnswerStatus
from knowledge_base.errors import MessageNotFoundError
from knowledge_base.feedback import CORRECTED, DISMISSED, UPHELD, Feedback, Resolution, Vote
from knowledge_base.messages import Message
from knowledge_base.privacy import seen
from knowledge_base.tables.base import now
from weaver_core.dialogue import PositionKind
from weaver_core.texts.language import detect
from weaver_core.texts.normalization import clean, has_words

ORIGIN = "reviewer"


class CorrectionError(BotError):
    """A correction that cannot be carried out as it was asked for."""


@dataclass(frozen=True, slots=True)
class RightAnswer:
    """What the bot should have said: an answer that is stored, or a text to be stored. Exactly one of the two."""

    answer_id: str | None = None
    text: str | None = None
    title: str | None = None

    def __post_init__(self) -> None:
        """Raises CorrectionError unless exactly one of the two is given."""
        if (self.answer_id is None) == (self.text is None):
            raise CorrectionError("A correction names either an answer_id or a text.")
        if self.text is not None and not has_words(self.text):
            raise CorrectionError("The text of a correction has no words.")

    def is_shown_by(self, message: Message) -> bool:
        """Whether what should have been said is what a message of the bot said."""
        if message.answer is None:
            return False
        if self.answer_id is not None:
            return self.answer_id in (message.answer.answer_id, str(message.answer.id))
        return _words(str(self.text)) in (_words(message.answer.text), _words(message.text))


async def correct(
    service: Service, message_id: UUID, right: RightAnswer, author: str, feedback_id: UUID | None = None
) -> Answer:
    """Teach the bot what it should have said. The very next turn like the judged one is answered by it.

    Without a `feedback_id` the author's own judgement of the message is recorded with it.
    Raises MessageNotFoundError, AnswerNotFoundError, FeedbackNotFoundError, FeedbackResolvedError, CorrectionError.
    """
    judged = await judged_turn.read(service.database, service.settings.company_contacts, message_id)
    if right.is_shown_by(judged.message):
        return await _uphold(service, judged, author, feedback_id)
    if not has_words(judged.question):
        raise CorrectionError("The customer's message has no words that an answer could be found by.")
    asked = passages.corrections_of(judged.question, judged.turn_id)
    written = await passages.encode(service.serving, [*asked, *passages.sentences_of(right.text or "")])
    async with service.database.writing() as session:
        judgement = await _open_judgement(session, judged, author, feedback_id)
        answer = await right_answer(session, right, judged, author)
        # The judgement's row is locked here, so that of two reviewers at once the second is told, not mixed in.
        await feedback.resolve(session, judgement.id, Resolution(CORRECTED, author, answer.id))
        made_way = await positions.prefer(session, answer.id, [draft.text for draft in asked])
        await passages.store(session, answer.id, written.of_judgement(judgement.id))
        losers = [str(loser) for loser in made_way.losers]
        states = {"before": feedback.OPEN, "after": CORRECTED}
        details = {"answer_id": answer.answer_id, "feedback_id": str(judgement.id), "losers": losers, **states}
        await audit.record(session, author, "correct", str(message_id), **details)
    await service.serving.catch_up()
    return answer


async def undo(service: Service, feedback_id: UUID, author: str) -> Feedback:
    """Take a decision back: what it taught is forgotten and the judgement waits again. Raises FeedbackNotFoundError."""
    judged = await _judged_by(service, feedback_id)
    async with service.database.writing() as session:
        reopened = await _reopened(session, feedback_id, judged, author)
    await service.serving.catch_up()
    return reopened


async def forget(service: Service, feedback_id: UUID, author: str) -> Feedback:
    """Forget a judgement with all that it taught, as if it had never been given. Raises FeedbackNotFoundError."""
    judged = await _judged_by(service, feedback_id)
    async with service.database.writing() as session:
        held = await _reopened(session, feedback_id, judged, author)
        await positions.remove_of_feedback(session, [feedback_id], PositionKind.LIKE)
        await feedback.delete_one(session, feedback_id)
        details = {"message_id": str(held.message_id), "rater": held.rater, "rating": held.rating}
        await audit.record(session, author, "forget judgement", str(feedback_id), **details)
    await service.serving.catch_up()
    return held


async def dismiss(service: Service, feedback_id: UUID, author: str) -> Feedback:
    """Close a judgement without teaching anything. Raises FeedbackNotFoundError, FeedbackResolvedError."""
    async with service.database.writing() as session:
        closed = await feedback.resolve(session, feedback_id, Resolution(DISMISSED, author))
        await audit.record(session, author, "dismiss", str(feedback_id), before=feedback.OPEN, after=DISMISSED)
    return closed


async def right_answer(session: AsyncSession, right: RightAnswer, judged: JudgedTurn, author: str) -> Answer:
    """The answer to teach, approved: a person of the company chose it or wrote it just now.

    Raises AnswerNotFoundError, CorrectionError.
    """
    if right.answer_id is not None:
        answer = await answers.by_public_id(session, right.answer_id)
    else:
        answer = await _written_answer(session, right, judged, author)
    if answer.status is AnswerStatus.PENDING and not answer.personal:
        states = {"before": answer.status.value, "after": AnswerStatus.APPROVED.value}
        answer = await answers.set_status(session, answer.id, AnswerStatus.APPROVED)
        await audit.record(session, author, AnswerStatus.APPROVED.value, answer.answer_id, **states)
    if answer.collection != judged.collection:
        raise CorrectionError(f"The answer {answer.answer_id} is of another collection than this conversation.")
    if not answer.servable_at(now()):
        raise CorrectionError(f"The answer {answer.answer_id} is retired, personal or not valid now.")
    asked_in = detect(judged.question)
    if None not in (answer.language, asked_in) and answer.language != asked_in:
        raise CorrectionError(
            f"The answer {answer.answer_id} is in another language than the question; write it in that."
        )
    return answer


async def _written_answer(session: AsyncSession, right: RightAnswer, judged: JudgedTurn, author: str) -> Answer:
    text = clean(right.text or "").text
    if privacy.has_slot(text):
        raise CorrectionError("The text has a slot where one customer's own was masked; write what fits everybody.")
    spoken, asked_in = detect(text), detect(judged.question)
    # Other customers read titles: what one of them wrote is none, unless it could be anybody's.
    asked, shown = judged.question, not right.title and await seen.is_anybodys(session, judged.question)
    draft = AnswerDraft(
        text=text,
        title=one_line(right.title or "") or answers.title_of(asked if shown else text),
        # Answers are looked for in the question's language; a reviewer may still write in another one.
        language=spoken if asked_in in (None, spoken) else None,
        collection=judged.collection,
        origin=ORIGIN,
    )
    answer = await answers.get_or_create(session, draft, author)
    if answer.status is AnswerStatus.RETIRED:
        return await answers.set_status(session, answer.id, AnswerStatus.APPROVED)
    return answer


async def _open_judgement(session: AsyncSession, judged: JudgedTurn, author: str, feedback_id: UUID | None) -> Feedback:
    """The judgement to be resolved, open; one that this author resolved before is taken back first."""
    if feedback_id is None:
        held = await feedback.record(session, Vote(judged.message.id, feedback.DOWN, author, "reviewer"))
    else:
        held = await feedback.get(session, feedback_id)
    if held.message_id != judged.message.id:
        raise CorrectionError(f"The feedback {held.id} is about another message.")
    if held.state != feedback.OPEN and held.resolved_by == author:
        await _take_back(session, held, judged)
        held = await feedback.reopen(session, held.id)
    return held


async def _uphold(service: Service, judged: JudgedTurn, author: str, feedback_id: UUID | None) -> Answer:
    """The right answer is the one that was shown: that is a vote for it."""
    shown = judged.message.answer
    if shown is None:  # pragma: no cover - `shows` has looked
        raise MessageNotFoundError(judged.message.id)
    async with service.database.writing() as session:
        if feedback_id is not None:
            held = await _open_judgement(session, judged, author, feedback_id)
            if held.rater != author:
                await feedback.resolve(session, held.id, Resolution(UPHELD, author, shown.id))
        await feedback.record(session, Vote(judged.message.id, feedback.UP, author, "reviewer"))
        await audit.record(session, author, "uphold", str(judged.message.id), answer_id=shown.answer_id)
    await service.serving.catch_up()
    return shown


async def _judged_by(service: Service, feedback_id: UUID) -> JudgedTurn:
    async with service.database.reading() as session:
        held = await feedback.get(session, feedback_id)
    return await judged_turn.read(service.database, service.settings.company_contacts, held.message_id)


async def _reopened(session: AsyncSession, feedback_id: UUID, judged: JudgedTurn, author: str) -> Feedback:
    """The judgement, open: what a decision on it taught is taken back."""
    held = await feedback.get(session, feedback_id)
    if held.state == feedback.OPEN:
        return held
    await _take_back(session, held, judged)
    await audit.record(session, author, "undo", str(feedback_id), before=held.resolution, after=feedback.OPEN)
    return await feedback.reopen(session, feedback_id)


async def _take_back(session: AsyncSession, held: Feedback, judged: JudgedTurn) -> None:
    await positions.remove_of_feedback(session, [held.id], PositionKind.CORRECTION)
    if held.resolution == UPHELD and held.resolved_by:
        await feedback.withdraw(session, held.message_id, held.resolved_by)
    if held.resolution == CORRECTED and held.resolved_answer_id:
        answer = await answers.get(session, held.resolved_answer_id)
        asked = passages.corrections_of(judged.question, judged.turn_id)
        await positions.prefer_no_more(session, answer.id, [draft.text for draft in asked])
        rest = await positions.of_answer(session, answer.id)
        # An answer written for this judgement alone has nothing left but its own words.
        if answer.origin == ORIGIN and all(position.kind is PositionKind.SENTENCE for position in rest):
            await answers.set_status(session, answer.id, AnswerStatus.RETIRED)


def _words(text: str) -> str:
    return " ".join(text.split())
