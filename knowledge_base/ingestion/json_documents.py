"""JSON documents as records: the objects of a list, or of the lists in which an API answers, read as a stream."""

from collections.abc import Collection, Generator
from contextlib import closing
from dataclasses import dataclass, field
from typing import cast

from knowledge_base.ingestion import files, kinds
from knowledge_base.ingestion.files import SourceFile
from knowledge_base.ingestion.json_lines import too_long
from knowledge_base.ingestion.json_window import CutOffError, TooLongError, UnreadableError, Window
from knowledge_base.ingestion.kinds import DATA, LISTS
from knowledge_base.ingestion.records import ENVELOPE, Fields, Record

NOT_AN_OBJECT = "it is not a JSON object"
CUT_OFF = "the file was cut off here"


class _LostError(Exception):
    """The text is no JSON, and nobody can say where it goes on. Becomes a record's problem."""


def read(source: SourceFile) -> Generator[Record]:
    """The objects of the document in order; of several documents one after the other.

    An object that holds one of LISTS, itself or under DATA, is the envelope of an API's answer: the objects of the list
    are the records, and what else it holds is one more, marked ENVELOPE, after them. What is not JSON is passed over
    and named; after an error that leaves no way on, reading goes on where a line begins with an object or a list.
    """
    with files.text(source) as (stream, raw):
        window, number, begun = Window(stream), 0, 0
        with closing(_found(window)) as found:
            for under, fields, problem in found:
                number += 1
                stripped, window.stripped = window.stripped, 0
                placed = f"{problem} (line {window.line})" if problem else None
                size, begun = window.position - begun, window.position
                yield Record(number, raw.tell(), fields, placed, stripped, under=under, size=size if fields else 0)


_Found = tuple[str, Fields | None, str | None]


def _found(window: Window) -> Generator[_Found]:
    """What the text holds: the list that it stands in, its fields, or what is wrong with it."""
    while opening := window.peek():
        try:
            if opening == "{":
                yield from _object(window)
            elif opening == "[":
                yield from _list(window, "")
            else:
                yield "", None, NOT_AN_OBJECT
                _resume(window)
        except CutOffError:
            yield "", None, CUT_OFF
            return
        except _LostError as error:
            yield "", None, str(error)
            _resume(window)


def _resume(window: Window) -> None:
    """Go on where a line begins with an object or a list, or to the end."""
    window.next_line_with("{[")


@dataclass(slots=True)
class _Rest:
    """What an object holds besides streamed lists, how long that is, and what is wrong with it."""

    fields: Fields = field(default_factory=dict[str, object])
    size: int = 0
    problem: str | None = None

    def keep(self, window: Window, key: str, begun: int) -> None:
        """Take the value that comes next, unless it is bad or all of it is too long to be held.

        The member began at this position.
        """
        try:
            self.fields[key] = window.value()
        except UnreadableError as error:
            self.problem = str(error)
        except TooLongError:
            self.problem = window.pass_over()
        self.size += window.position - begun
        if self.size > files.LINE_LIMIT:
            self.problem = too_long()
        if self.problem:
            self.fields.clear()


def _object(window: Window) -> Generator[_Found]:
    rest = _Rest()
    streamed = yield from _members(window, rest, {DATA})
    if rest.problem:
        yield "", None, rest.problem
    elif rest.fields or not streamed:
        yield ENVELOPE if streamed else "", rest.fields, None


def _members(window: Window, rest: _Rest, inner: Collection[str]) -> Generator[_Found, None, bool]:
    """An object's members: those of LISTS are streamed, also in the `inner` object, the others go into `rest`.

    Returns whether any was streamed.
    """
    streamed = False
    window.take("{")
    while not window.take("}"):
        begun, key = window.position, _key(window)
        opening = window.peek()
        if key in LISTS and opening == "[":
            streamed = True
            yield from _list(window, key)
        elif key in inner and opening == "{":
            streamed = (yield from _members(window, rest, ())) or streamed
        else:
            rest.keep(window, key, begun)
        _separate(window, "}")
    return streamed


def _key(window: Window) -> str:
    try:
        key = window.value()
    except (UnreadableError, TooLongError):
        key = None
    if not isinstance(key, str) or not window.take(":"):
        raise _lost(window, "it is not JSON (a field has no name)")
    return key


def _separate(window: Window, closing: str) -> None:
    """After an element: a comma, or the end. A comma that is missing before an object is no loss."""
    if not window.take(",") and window.peek() not in (closing, "{"):
        raise _lost(window, "it is not JSON (a comma is missing)")


def _lost(window: Window, problem: str) -> Exception:
    return _LostError(problem) if window.peek() else CutOffError()


def _list(window: Window, under: str) -> Generator[_Found]:
    """A list's elements. In a list without a name they may be envelopes themselves, of any length."""
    window.take("[")
    while not window.take("]"):
        try:
            value = window.value()
        except UnreadableError as error:
            yield under, None, str(error)
        except TooLongError:
            if not under and window.peek() == "{":
                yield from _object(window)
            else:
                yield under, None, window.pass_over()
        else:
            yield from _element(under, value)
        _separate(window, "]")


def _element(under: str, value: object) -> Generator[_Found]:
    if not isinstance(value, dict):
        yield under, None, NOT_AN_OBJECT
        return
    fields = cast("Fields", value)
    lists = {} if under else kinds.lists_of(fields)
    if not lists:
        yield under, fields, None
        return
    for name, elements in lists.items():
        for element in elements:
            yield from _element(name, element)
    rest = {name: value for name, value in fields.items() if name not in lists and name != DATA}
    if rest:
        yield ENVELOPE, rest, None
