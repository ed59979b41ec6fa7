"""Questions with known answers, and turns, as files hold them."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.errors import BotError
from weaver_core.dialogue import Role, Turn
from weaver_core.texts.normalization import clean


class QuestionFileError(BotError):
    """A file of questions or turns that cannot be used; names the line at fault."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question with the answers that are right: their ids, or their exact texts. Neither: abstaining is right."""

    text: str
    answer_ids: frozenset[str]
    answers: frozenset[str]
    history: tuple[Turn, ...]

    @property
    def answerable(self) -> bool:
        """Whether some answer is right."""
        return bool(self.answer_ids or self.answers)

    def is_answered_by(self, answer_id: str, text: str) -> bool:
        """Whether an answer is one of the right ones."""
        return answer_id in self.answer_ids or text in self.answers


def read_questions(path: Path) -> list[Question]:
    """The questions of an evaluation file. Raises QuestionFileError."""
    questions = [_question(path, number, document) for number, document in _documents(path)]
    if not questions:
        raise QuestionFileError(f"The file {path} has no questions.")
    return questions


def read_turns(path: Path) -> tuple[Turn, ...]:
    """The turns of a history file, oldest first. Raises QuestionFileError."""
    return tuple(_turn(path, number, document) for number, document in _documents(path))


def _documents(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    try:
        with path.open(encoding="utf-8-sig") as file:
            for number, line in enumerate(file, start=1):
                if line.strip():
                    yield number, _object(path, number, line)
    except OSError as error:
        raise QuestionFileError(f"The file {path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise QuestionFileError(f"The file {path} is not UTF-8 (byte {error.start}).") from error


def _object(path: Path, number: int, line: str) -> dict[str, Any]:
    try:
        document = json.loads(line)
    except ValueError:
        raise QuestionFileError(f"Line {number} of {path} is not JSON.") from None
    if not isinstance(document, dict):
        raise QuestionFileError(f"Line {number} of {path} is not a JSON object.")
    fields: dict[str, Any] = _checked(document)
    return fields


def _question(path: Path, number: int, document: dict[str, Any]) -> Question:
    text = document.get("question")
    if not isinstance(text, str) or not clean(text).text:
        raise QuestionFileError(f"Line {number} of {path} has no question.")
    if "answer_ids" not in document and "answers" not in document:
        raise QuestionFileError(f"Line {number} of {path} has neither answer_ids nor answers.")
    return Question(
        text=clean(text).text,
        answer_ids=_strings(path, number, document.get("answer_ids", []), "answer_ids"),
        answers=_strings(path, number, document.get("answers", []), "answers"),
        history=_turns(path, number, document.get("history")),
    )


def _strings(path: Path, number: int, values: object, name: str) -> frozenset[str]:
    if isinstance(values, list):
        items = _checked(values)
        if all(isinstance(item, str) for item in items):
            return frozenset(items)
    raise QuestionFileError(f"{name} on line {number} of {path} is not a list of texts.")


def _turns(path: Path, number: int, values: object) -> tuple[Turn, ...]:
    if values is None:
        return ()
    if not isinstance(values, list):
        raise QuestionFileError(f"history on line {number} of {path} is not a list of turns.")
    return tuple(_turn(path, number, item) for item in _checked(values))


def _checked(value: Any) -> Any:  # noqa: ANN401 - JSON whose outer type was looked at, whatever is inside
    return value


def _turn(path: Path, number: int, document: object) -> Turn:
    if isinstance(document, dict):
        given = _checked(document)
        role, text = given.get("role"), given.get("text")
        if role in ("customer", "agent", "bot") and isinstance(text, str):
            return Turn(Role(role), clean(text).text)
    raise QuestionFileError(f"A turn on line {number} of {path} has no role (customer, agent, bot) or no text.")
