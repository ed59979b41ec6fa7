"""Curation: an answer approved, retired or given new words, which the sentences of its memory follow."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import TextEmptyError
from bot.judgements import passages
from bot.judgements.passages import Passages
from bot.service import Service
from knowledge_base import answers, audit, positions
from knowledge_base.answers import Answer, AnswerStatus
from knowledge_base.privacy import has_slot
from weaver_core.texts.normalization import clean, has_words

# What a person can read in a chat; imported answers may be longer.
ANSWER_LIMIT, TITLE_LIMIT = 20_000, 200


@dataclass(frozen=True, slots=True)
class Change:
    """What is new about an answer. None leaves it as it is; an empty title is made from the text.

    `must_not_break` says whether an update of the model that loses one of its questions is refused.
    """

    title: str | None = None
    text: str | None = None
    status: AnswerStatus | None = None
    must_not_break: bool | None = None


async def change(service: Service, answer_id: str, new: Change, author: str) -> Answer:
    """Change an answer, all at once or not at all; it is served so from the next turn on.

    Raises AnswerNotFoundError, AnswerExistsError when another answer has the words, TextEmptyError.
    """
    text = None if new.text is None else clean(new.text).text
    if text is not None and not has_words(text):
        raise TextEmptyError(ANSWER_LIMIT)
    sentences = await passages.encode(service.serving, passages.sentences_of(text or ""))
    async with service.database.writing() as session:
        answer = await answers.by_public_id(session, answer_id)
        if new.title is not None or text is not None:
            title = answer.title if new.title is None else one_line(new.title)
            words = answer.text if text is None else text
            answer = await reword(session, answer, title or answers.title_of(words), words, author)
        if text is not None:
            await replace_sentences(session, answer, sentences)
        if new.status is not None and new.status is not answer.status:
            was = answer.status.value
            answer = await answers.set_status(session, answer.id, new.status)
            await audit.record(session, author, new.status.value, answer.answer_id, before=was, after=new.status.value)
        if new.must_not_break not in (None, answer.must_not_break):
            states = {
                "before": {"must_not_break": answer.must_not_break},
                "after": {"must_not_break": new.must_not_break},
            }
            answer = await answers.guard(session, answer.id, must_not_break=bool(new.must_not_break))
            action = "guard" if new.must_not_break else "guard no more"
            await audit.record(session, author, action, answer.answer_id, **states)
    await service.serving.catch_up()
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
