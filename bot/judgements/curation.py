"""Curation: an answer approved, retired or given new words, which the sentences of its memory follow."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import TextEmptyError
from bot.judgements import passages
from bot.judgements.passages import Passages
from bot.service import Service
from knowledge_base import answer_validity, answer_versions, answers, audit, positions
from knowledge_base.answer_validity import Validity
from knowledge_base.answers import Answer, AnswerStatus
from knowledge_base.privacy import has_slot
from weaver_core.texts.normalization import clean, has_words

# What a person can read in a chat; imported answers may be longer.
ANSWER_LIMIT, TITLE_LIMIT = 20_000, 200


class Left(Enum):
    """What is said of a date that a change leaves as it is: None takes it away."""

    AS_IT_IS = "as it is"


@dataclass(frozen=True, slots=True)
class Change:
    """What is new about an answer. None leaves it as it is; an empty title is made from the text.

    `must_not_break` says whether an update of the model that loses one of its questions is refused. `seen` is the
    `updated_at` of the answer that the author looked at: a change of another one is refused. None looks at nothing.
    """

    title: str | None = None
    text: str | None = None
    status: AnswerStatus | None = None
    must_not_break: bool | None = None
    valid_from: datetime | Left | None = Left.AS_IT_IS
    valid_until: datetime | Left | None = Left.AS_IT_IS
    seen: datetime | None = None


async def change(service: Service, answer_id: str, new: Change, author: str) -> Answer:
    """Change an answer, all at once or not at all; it is served so from the next turn on.

    Raises AnswerNotFoundError, AnswerChangedError, AnswerRetiredError, AnswerExistsError when another answer has the
    words, TextEmptyError, ValidityError.
    """
    text = None if new.text is None else clean(new.text).text
    if text is not None and not has_words(text):
        raise TextEmptyError(ANSWER_LIMIT)
    sentences = await passages.encode(service.serving, passages.sentences_of(text or ""))
    async with service.database.writing() as session:
        answer = await answer_versions.hold(session, answer_id, new.seen)
        if new.title is not None or text is not None:
            title = answer.title if new.title is None else one_line(new.title)
            words = answer.text if text is None else text
            answer = await reword(session, answer, title or answers.title_of(words), words, author)
        if text is not None:
            await replace_sentences(session, answer, sentences)
        answer = await _set(session, answer, new, author)
    await service.serving.catch_up()
    return answer


async def change_status(
    service: Service, seen: Mapping[str, datetime | None], status: AnswerStatus, author: str
) -> list[Answer]:
    """Give these answers a status, all at once or none; the value of each is what its author saw of it.

    Raises AnswerNotFoundError, AnswerChangedError, AnswerRetiredError.
    """
    changed: list[Answer] = []
    async with service.database.writing() as session:
        for answer_id, version in seen.items():
            answer = await answer_versions.hold(session, answer_id, version)
            changed.append(await _set(session, answer, Change(status=status), author))
    await service.serving.catch_up()
    return changed


async def _set(session: AsyncSession, answer: Answer, new: Change, author: str) -> Answer:
    """What is new about an answer besides its words, each written down."""
    if new.status is not None and new.status is not answer.status:
        state = answer.status.value
        answer = await answers.set_status(session, answer.id, new.status)
        await audit.record(session, author, new.status.value, answer.answer_id, before=state, after=new.status.value)
    if new.must_not_break not in (None, answer.must_not_break):
        guarded = {
            "before": {"must_not_break": answer.must_not_break},
            "after": {"must_not_break": new.must_not_break},
        }
        answer = await answers.guard(session, answer.id, must_not_break=bool(new.must_not_break))
        action = "guard" if new.must_not_break else "guard no more"
        await audit.record(session, author, action, answer.answer_id, **guarded)
    before = (answer.valid_from, answer.valid_until)
    given = tuple(
        old if isinstance(one, Left) else one
        for one, old in zip((new.valid_from, new.valid_until), before, strict=True)
    )
    if given != before:
        span = Validity(*given)
        answer = await answer_validity.put(session, answer.id, span)
        was = {"valid_from": before[0], "valid_until": before[1]}
        details = {name: moment.isoformat() if moment else None for name, moment in was.items()}
        await audit.record(session, author, "validity", answer.answer_id, before=details, after=span.to_json())
    return answer


async def approve(service: Service, answer_id: str, author: str) -> Answer:
    """Let the bot send an answer. Raises AnswerNotFoundError."""
    return await change(service, answer_id, Change(status=AnswerStatus.APPROVED), author)


async def retire(service: Service, answer_id: str, author: str) -> Answer:
    """Keep the bot from sending an answer. Raises AnswerNotFoundError."""
    return await change(service, answer_id, Change(status=AnswerStatus.RETIRED), author)


async def revise(service: Service, answer_id: str, title: str, text: str, author: str) -> Answer:
    """Give an answer new words. Raises AnswerNotFoundError, AnswerExistsError, TextEmptyError."""
    return await change(service, answer_id, Change(title, text), author)


def one_line(title: str) -> str:
    """A title as it is stored."""
    return " ".join(clean(title).text.split())


async def reword(session: AsyncSession, answer: Answer, title: str, text: str, author: str) -> Answer:
    """Give an answer new words, in the caller's transaction. Raises AnswerNotFoundError, AnswerExistsError."""
    revised = await answers.revise(session, answer.id, title, text, author)
    if (revised.title, revised.text) != (answer.title, answer.text):
        # The words stand in the answer's revisions: what is erased there must not stay here.
        number = max(one.number for one in await answers.revisions(session, answer.id))
        before, after = {"revision": number - 1}, {"revision": number}
        await audit.record(session, author, "revise", answer.answer_id, before=before, after=after)
    if revised.personal and revised.text != answer.text and not has_slot(f"{revised.title}\n{revised.text}"):
        return await answers.own(session, answer.id)
    return revised


async def replace_sentences(session: AsyncSession, answer: Answer, sentences: Passages) -> None:
    """Let an answer's memory hold the sentences of its new words instead of the old ones."""
    # FAQs and dialogues may have been imported without sentences of their own; new words always have theirs.
    await positions.remove_sentences(session, answer.id)
    await passages.store(session, answer.id, sentences)
