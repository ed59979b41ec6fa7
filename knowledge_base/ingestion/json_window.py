"""A moving window over JSON text: whole values are decoded in it, and what cannot be decoded is passed over."""

import json
import re
from typing import TextIO, cast

from knowledge_base.ingestion import files
from knowledge_base.ingestion.json_lines import problem_of, too_long

CHUNK = 256 * 1024
_DECODER = json.JSONDecoder(strict=False)
# Control characters, which belong nowhere in JSON; line ends stay, for the lines to be counted.
_UNWANTED = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_SPACE = re.compile(r"[\s\ufeff]*")
# What a scan may pass at once: the rest of a string; whole strings and all else up to the next bracket.
_IN_STRING = re.compile(r'(?:[^"\\]++|\\.)*+', re.DOTALL)
_OUTSIDE = re.compile(r'(?:[^"{}\[\]]++|"(?:[^"\\]++|\\.)*+")*+', re.DOTALL)
_NOTHING = re.compile("")
_BRACKETS = re.compile(r"[\[{]++|[\]}]++")
_AFTER_SCALAR = re.compile(r"[,\]}\s]")
_OPENING = "{["


class UnreadableError(Exception):
    """A value that is bad, after it was passed over. Never leaves the reader: it becomes a record's problem."""


class TooLongError(Exception):
    """A value that is longer than what is held in memory; the window still stands at its beginning."""


class CutOffError(Exception):
    """The text ends inside a value."""


class _Nesting:
    """How deep a scan is in a value, and whether inside a string, from one piece of text to the next."""

    def __init__(self) -> None:
        self.depth = 0
        self.quoted = False
        self.escaped = False

    def end(self, text: str, at: int) -> int | None:
        """Where the value ends in this piece, None if it goes on after it."""
        if self.escaped:
            at, self.escaped = at + 1, False
        while True:
            passed = (_IN_STRING if self.quoted else self._outside).match(text, at)
            at = passed.end() if passed else at
            if text[at : at + 1] in ("", "\\"):
                # A backslash is left over only where what it escapes comes with the next piece.
                self.escaped = at < len(text)
                return None
            at += self._pass(text, at)
            if self.depth <= 0 and not self.quoted:
                return at

    @property
    def _outside(self) -> re.Pattern[str]:
        # A value that is a string ends with it; inside brackets, whole strings are passed.
        return _OUTSIDE if self.depth else _NOTHING

    def _pass(self, text: str, at: int) -> int:
        """Pass a quotation mark, or brackets in a row but for those behind the value's end. Returns how many."""
        brackets = None if self.quoted else _BRACKETS.match(text, at)
        if brackets is None:
            if text[at] == '"':
                self.quoted = not self.quoted
            return 1
        count = len(brackets[0])
        if brackets[0][0] in _OPENING:
            self.depth += count
            return count
        passed = max(1, min(count, self.depth))
        self.depth -= passed
        return passed


class Window:
    """JSON text, read piece by piece. `stripped` counts the control characters that were dropped from it."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._text = ""
        self._at = 0
        # How many lines end in what was dropped and in the text up to the place that was looked at last.
        self._lines = self._looked = 0
        self._dropped = 0
        self.stripped = 0

    @property
    def line(self) -> int:
        """The line of the file at which the window stands, from 1."""
        self._lines += self._text.count("\n", self._looked, self._at)
        self._looked = self._at
        return self._lines + 1

    @property
    def position(self) -> int:
        """How many characters were passed."""
        return self._dropped + self._at

    def peek(self) -> str:
        """The next character that is no space, nothing at the end."""
        while True:
            space = _SPACE.match(self._text, self._at)
            self._at = space.end() if space else self._at
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more():
                return ""

    def take(self, wanted: str) -> bool:
        """Whether this character comes next; it is passed if it does."""
        if self.peek() != wanted:
            return False
        self._at += 1
        return True

    def value(self) -> object:
        """The value that comes next. Raises UnreadableError, TooLongError, CutOffError."""
        self.peek()
        while True:
            try:
                value, end = self._decoded()
            except (ValueError, RecursionError) as error:
                self._look_on(error)
            else:
                if end - self._at > files.LINE_LIMIT:
                    raise TooLongError
                # A number that ends with the window may go on after it.
                if end < len(self._text) or self._text[self._at] in ('"', *_OPENING) or not self._more():
                    self._at = min(end, len(self._text))
                    return value

    def pass_over(self) -> str:
        """Go to the end of a value that is too long, and say so. Raises CutOffError."""
        nesting = _Nesting()
        end = nesting.end(self._text, self._at)
        while end is None:
            self._at = len(self._text)
            if not self._more():
                raise CutOffError
            end = nesting.end(self._text, 0)
        self._at = end
        return too_long()

    def next_line_with(self, openings: str) -> None:
        """Go to the next line that begins with one of these characters, or to the end."""
        begins = re.compile(rf"\n(?=[{re.escape(openings)}])")
        while not (found := begins.search(self._text, self._at)):
            # The newline may be the last that was read.
            self._at = max(self._at, len(self._text) - 1)
            if not self._more():
                self._at = len(self._text)
                return
        self._at = found.end()

    def _decoded(self) -> tuple[object, int]:
        return cast("tuple[object, int]", _DECODER.raw_decode(self._text, self._at))

    def _look_on(self, error: ValueError | RecursionError) -> None:
        """After a failure: read more, if the value goes on after the window, else say what is wrong with it."""
        end = self._end()
        if end is not None:
            self._at = end
            raise UnreadableError(problem_of(error)) from None
        if len(self._text) - self._at > files.LINE_LIMIT:
            raise TooLongError from None
        if not self._more():
            raise CutOffError from None

    def _end(self) -> int | None:
        if self._text[self._at : self._at + 1] in ('"', *_OPENING):
            return _Nesting().end(self._text, self._at)
        after = _AFTER_SCALAR.search(self._text, self._at)
        return after and max(after.start(), self._at + 1)

    def _more(self) -> bool:
        """Read on and drop what was passed; whether there was anything to read."""
        rest = self._text[self._at :]
        self._lines += self._text.count("\n", self._looked, self._at)
        self._dropped += self._at
        # As much again each time, so that a long value is seldom looked at; no more than tells that it is too long.
        chunk = self._stream.read(max(CHUNK, min(len(rest), files.LINE_LIMIT - len(rest) + 1)))
        kept, stripped = _UNWANTED.subn("", chunk)
        self._text, self._at, self._looked = rest + kept, 0, 0
        self.stripped += stripped
        return bool(chunk)
