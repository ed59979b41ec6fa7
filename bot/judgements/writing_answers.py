"""A new answer that a person writes, with the questions that it answers; it is served from the next turn on."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.errors import TextEmptyError
from bot.judgements import passages
from bot.judgements.correction import ORIGIN, CorrectionError
from bot.judgements.curation import ANSWER_LIMIT, one_line
from bot.service import Service
from knowledge_base import answers, audit, privacy
from knowledge_base.answers import Answer, AnswerDraft
from knowledge_base.errors import AnswerExistsError
from knowledge_base.ingestion.passages import of_question
from knowledge_base.positions import PositionDraft
from weaver_core.dialogue import PositionKind
from weaver_core.texts.language import detect
from weaver_core.texts.normalization import clean, has_words

QUESTION_LIMIT, MOST_QUESTIONS = 2000, 100


@dataclass(frozen=True, slots=True)
class NewAnswer:
    """An answer as it was written; an empty title is the first question, or the text's beginning."""

    text: str
    title: str = ""
    questions: tuple[str, ...] = ()
    collection: str = "default"


async def write(service: Service, new: NewAnswer, author: str) -> Answer:
    """Store an answer, approved: a person of the company wrote it just now.

    Raises TextEmptyError, CorrectionError, AnswerExistsError when an answer of the collection has the words.
    """
    text = clean(new.text).text
    if not has_words(text):
        raise TextEmptyError(ANSWER_LIMIT)
    if privacy.has_slot(text):
        raise CorrectionError("The text has a slot where one customer's own was masked; write what fits everybody.")
    questions = [question for asked in new.questions if has_words(question := one_line(asked))]
    drafts = [*_asked(questions), *passages.sentences_of(text)]
    encoded = await passages.encode(service.serving, drafts)
    title = one_line(new.title) or answers.title_of(questions[0] if questions else text)
    draft = AnswerDraft(text, title, language=detect(text), collection=new.collection, origin=ORIGIN)
    async with service.database.writing() as session:
        twin = await answers.by_merge_key(session, answers.merge_key(new.collection, text))
        if twin is not None:
            raise AnswerExistsError(twin.answer_id)
        answer = await answers.create(session, draft, author)
        await passages.store(session, answer.id, encoded)
        await audit.record(session, author, "write", answer.answer_id)
    await service.serving.catch_up()
    return answer


def _asked(questions: Sequence[str]) -> list[PositionDraft]:
    texts = dict.fromkeys(part for question in questions for part in of_question(question))
    return [PositionDraft(PositionKind.QUESTION, text, language=detect(text)) for text in texts]
