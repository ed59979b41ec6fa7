"""The questions and answers of an HTML page: headings, definitions, details with a summary."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from knowledge_base.ingestion.markup import UNREAD, Text, parse
from knowledge_base.ingestion.pages.entries import Entry, Page, is_question

HEADINGS = {f"h{level}": level for level in range(1, 7)}
LINKED_DATA = "application/ld+json"
# Where Markdown notes the line that a heading stands in.
LINE_ATTRIBUTE = "data-line"
_SKIPPED = frozenset({*UNREAD, "nav", "footer"} - {"button"})
_NESTING = ("details", "dl")
_DEEPEST = 8
# What is put behind a heading to link to it, and the anchor that some dialects of Markdown write there.
_AFTER_HEADING = re.compile(r"[\s¶#§🔗]+$")
_WRITTEN_ANCHOR = re.compile(r"\s*\{#([\w\-.]+)\}$")
# Frameworks make ids with colons, anew for each rendering.
_STABLE = re.compile(r"[^\s:#/]{1,100}")


@dataclass(slots=True)
class _Section:
    """A part of the page whose text is being read: below a heading, in a `dl`, in a `details`."""

    kind: str = ""
    above: tuple[str, ...] = ()
    in_main: bool = False
    questions: list[str] = field(default_factory=list[str])
    anchor: str | None = None
    line: int = 0
    text: Text = field(default_factory=Text)


@dataclass(slots=True)
class _Question:
    """A question that is being read, and the element that it is."""

    tag: str
    anchor: str | None
    line: int
    text: Text = field(default_factory=Text)


def page_of(html: str) -> Page:
    """Read a page."""
    reader = _Reader()
    parse(html, reader)
    return reader.page()


class _Reader:
    """Hears a page and keeps what stands below each heading, in each definition and in each details element."""

    def __init__(self) -> None:
        self._canonical: str | None = None
        self._linked_data: list[str] = []
        self._script: list[str] | None = None
        self._skipped = self._main = self._line = 0
        self._headings: list[tuple[int, str]] = []
        self._path: list[tuple[int, str]] = []
        # The section below the last heading, and in it what is nested, the innermost last.
        self._open = [_Section()]
        # For each nesting element that is open, whether it is a section of its own.
        self._nested: list[bool] = []
        self._done: list[_Section] = []
        self._question: _Question | None = None

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """An element begins."""
        self._note(tag, attributes)
        self._skipped += tag in _SKIPPED
        if self._skipped:
            return
        self._main += tag == "main"
        if self._question is not None and self._question.tag == "dt" and tag in ("dt", "dd"):
            # The end of a term may be left out.
            self._ask(self._question)
        if self._question is not None:
            self._question.anchor = self._question.anchor or attributes.get("id")
            if tag not in ("a", "button"):
                self._question.text.start(tag, attributes)
        elif self._asks(tag):
            line = attributes.get(LINE_ATTRIBUTE, "")
            self._question = _Question(tag, attributes.get("id"), int(line) if line.isdigit() else 0)
        elif tag in _NESTING:
            self._nest(tag)
        else:
            self._open[-1].text.start(tag, attributes)

    def end(self, tag: str) -> None:
        """An element ends."""
        if tag == "script" and self._script is not None:
            self._linked_data.append("".join(self._script))
            self._script = None
        if self._skipped:
            self._skipped -= tag in _SKIPPED
            return
        self._main -= tag == "main"
        if self._question is not None:
            if tag == self._question.tag:
                self._ask(self._question)
            elif tag not in ("a", "button"):
                self._question.text.end(tag)
        elif tag in _NESTING and self._nested:
            if self._nested.pop():
                self._done.append(self._open.pop())
        else:
            self._open[-1].text.end(tag)

    def data(self, text: str) -> None:
        """A piece of text."""
        if self._script is not None:
            self._script.append(text)
        elif not self._skipped:
            (self._question or self._open[-1]).text.data(text)

    def close(self) -> None:
        """The document ends."""
        if self._question is not None:
            self._ask(self._question)
        self._done += reversed(self._open)
        self._open = [_Section()]

    def page(self) -> Page:
        """What was heard."""
        sections = [section for section in self._done if section.questions]
        sections = [section for section in sections if section.in_main] or sections
        title = self._title(sections)
        entries: list[Entry] = []
        introductions = 0
        for section in sections:
            answer = section.text.read()
            if answer and section.questions == [title] and not is_question(section.questions[0]):
                introductions += 1
            elif answer:
                entry = Entry(tuple(section.questions), answer, section.above, section.anchor, section.line)
                entries.append(entry)
        return Page(title, entries, self._canonical, self._linked_data, introductions)

    def _title(self, sections: list[_Section]) -> str | None:
        """The heading that stands above all others."""
        if not self._headings:
            return None
        level, title = self._headings[0]
        alone = all(other > level for other, _ in self._headings[1:])
        return title if alone and any(section.above[:1] == (title,) for section in sections) else None

    def _note(self, tag: str, attributes: Mapping[str, str]) -> None:
        """What a page says of itself, outside its text."""
        if tag == "link" and attributes.get("rel", "").lower() == "canonical":
            self._canonical = attributes.get("href", "").strip() or None
        if tag == "script" and attributes.get("type", "").strip().lower() == LINKED_DATA:
            self._script = []

    def _asks(self, tag: str) -> bool:
        """Whether an element is a question here: a heading outside of nested sections, a term, the first summary."""
        section = self._open[-1]
        if tag in HEADINGS:
            return not section.kind
        return (tag == "dt" and section.kind == "dl") or (
            tag == "summary" and section.kind == "details" and not section.questions
        )

    def _ask(self, question: _Question) -> None:
        """A question was read whole: what comes now is its answer."""
        self._question = None
        heading = _AFTER_HEADING.sub("", " ".join(question.text.read().split()))
        if written := _WRITTEN_ANCHOR.search(heading):
            heading, question.anchor = heading[: written.start()], written[1]
        if not heading:
            return
        if level := HEADINGS.get(question.tag):
            self._headings.append((level, heading))
            self._path = [(other, above) for other, above in self._path if other < level]
            self._done.append(self._open.pop())
            self._open.append(_Section("", self._above(), self._main > 0))
            self._path.append((level, heading))
        elif question.tag == "dt" and self._open[-1].text.read():
            self._done.append(self._open.pop())
            self._open.append(_Section("dl", self._above(), self._main > 0))
        section = self._open[-1]
        section.questions.append(heading)
        if question.anchor and _STABLE.fullmatch(question.anchor):
            section.anchor = section.anchor or question.anchor
        self._line = question.line or self._line
        section.line = section.line or self._line

    def _nest(self, tag: str) -> None:
        inside_definition = any(section.kind == "dl" for section in self._open)
        own = len(self._open) <= _DEEPEST and not inside_definition
        self._nested.append(own)
        if own:
            self._open.append(_Section(tag, self._above(), self._main > 0))
        else:
            self._open[-1].text.start(tag, {})

    def _above(self) -> tuple[str, ...]:
        nested = [section.questions[0] for section in self._open if section.kind and section.questions]
        return (*(heading for _, heading in self._path), *nested)
