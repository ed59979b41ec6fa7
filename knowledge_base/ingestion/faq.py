"""FAQ lines: a question, the company's answer to it, and what is said about the answer."""

from dataclasses import dataclass
from datetime import datetime

from knowledge_base.ingestion.fields import LABEL_LIMIT, NAME_LIMIT, FieldError, FieldReader
from knowledge_base.ingestion.records import Fields
from weaver_core.texts import language
from weaver_core.texts.normalization import has_words

REQUIRED = ("question", "answer")
# What a line may say about its answer besides the text; a re-import follows it.
ATTRIBUTES = ("title", "language", "tags", "collection", "valid_from", "valid_until")


@dataclass(frozen=True, slots=True)
class FaqLine:
    """One FAQ line. `given` names the attributes that the line itself states."""

    number: int
    question: str
    answer: str
    answer_id: str | None
    title: str | None
    language: str | None
    question_language: str | None
    tags: tuple[str, ...]
    collection: str
    valid_from: datetime | None
    valid_until: datetime | None
    given: frozenset[str]
    stripped: int


def parse(number: int, fields: Fields, default_collection: str) -> FaqLine:
    """The FAQ line that these fields spell. Raises FieldError with a plain reason."""
    reader = FieldReader(fields)
    question, answer = reader.text("question"), reader.text("answer")
    for name, text in (("question", question), ("answer", answer)):
        if not has_words(text):
            raise FieldError(f"{name} holds no words")
    stated = reader.language()
    valid_from, valid_until = reader.moment("valid_from"), reader.end("valid_until")
    if valid_from is not None and valid_until is not None and valid_until <= valid_from:
        raise FieldError("valid_until is not after valid_from")
    return FaqLine(
        number=number,
        question=question,
        answer=answer,
        answer_id=reader.identifier("answer_id"),
        title=reader.optional_text("title", NAME_LIMIT),
        language=stated or language.detect(answer),
        question_language=stated or language.detect(question),
        tags=reader.tags(),
        collection=reader.optional_text("collection", LABEL_LIMIT) or default_collection,
        valid_from=valid_from,
        valid_until=valid_until,
        given=frozenset(name for name in ATTRIBUTES if reader.has(name)),
        stripped=reader.stripped,
    )
