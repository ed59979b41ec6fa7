"""HTML as events and as plain text: what a reader of the page would read, in lines."""

import re
from collections.abc import Mapping
from typing import Protocol, cast

from lxml import etree  # pyright: ignore[reportAttributeAccessIssue, reportUnknownVariableType] - no stubs

# What is not read: what a browser runs, draws or asks, not what it shows as text.
UNREAD = (
    *("script", "style", "template", "noscript", "head", "iframe", "object", "embed", "svg", "math", "canvas", "audio"),
    *("video", "select", "textarea", "button"),
)
# A blank line around these, a line break around those.
_PARAGRAPHS = (
    *("p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "table", "blockquote", "pre", "figure", "details"),
    *("section", "article", "main"),
)
_LINES = (
    *("div", "li", "tr", "dt", "dd", "br", "hr", "summary", "figcaption", "caption", "address", "header", "footer"),
    *("nav", "aside", "form", "body"),
)
_CELLS, _LISTS = ("td", "th"), ("ul", "ol")
_SPACES = re.compile(r"[^\S\xa0]+")
# Marks of breaks until the text is read: control characters, which stand in no text.
_LINE, _PARAGRAPH = "\x01", "\x02"
_BREAKS = re.compile(f"(?: (?=[ {_LINE}{_PARAGRAPH}])|[{_LINE}{_PARAGRAPH}])[ {_LINE}{_PARAGRAPH}]*")
# A space that is not joined with others.
_KEPT = "\xa0"
# Lists are not indented further than so many times.
_DEEPEST = 4
_WEB = re.compile(r"https?://|mailto:|tel:")


class Target(Protocol):
    """What hears a document: its tags and texts in order, tags that were left open closed, entities resolved."""

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """An element begins."""
        ...

    def end(self, tag: str) -> None:
        """An element ends."""
        ...

    def data(self, text: str) -> None:
        """A piece of text."""
        ...

    def close(self) -> None:
        """The document ends."""
        ...


class _Parser(Protocol):
    def feed(self, data: str) -> None: ...

    def close(self) -> object: ...


def parse(html: str, target: Target) -> None:
    """Read HTML as browsers do, whatever is wrong with it.

    As events and not as a tree, because libxml2 drops what is nested deeper than a tree may be.
    """
    parser = cast("_Parser", etree.HTMLParser(target=target, no_network=True, huge_tree=True))
    try:
        parser.feed(html)
        parser.close()
    except etree.XMLSyntaxError:
        # There is nothing to read in it: no element, or a comment that never ends.
        target.close()


def text_of(html: str) -> str:
    """The text of a piece of HTML."""
    if "<" not in html and "&" not in html:
        return html.strip()
    text = Text()
    parse(html, text)
    return text.read()


class Text:
    """Builds plain text from what it hears: paragraphs, list items with their marks, links with their addresses."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._unread = 0
        self._preformatted = 0
        # Of each open list the next item's number, None where items have no numbers.
        self._lists: list[int | None] = []
        self._links: list[tuple[str, int]] = []
        self._cells = 0

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """An element begins."""
        if tag in UNREAD:
            self._unread += 1
        if self._unread:
            return
        self._break(tag)
        if tag in _LISTS:
            self._lists.append(1 if tag == "ol" else None)
        elif tag == "pre":
            self._preformatted += 1
        elif tag == "a":
            self._links.append((attributes.get("href", ""), len(self._parts)))
        else:
            self._parts.append(self._mark(tag))

    def end(self, tag: str) -> None:
        """An element ends."""
        if tag in UNREAD and self._unread:
            self._unread -= 1
        elif self._unread:
            return
        elif tag in _LISTS and self._lists:
            self._lists.pop()
        elif tag == "pre":
            self._preformatted = max(0, self._preformatted - 1)
        elif tag == "a" and self._links:
            self._parts.append(self._address(*self._links.pop()))
        if tag != "br":
            self._break(tag)

    def data(self, text: str) -> None:
        """A piece of text."""
        if not self._unread:
            kept = text.replace(_LINE, "").replace(_PARAGRAPH, "")
            self._parts.append(kept.replace(" ", _KEPT) if self._preformatted else _SPACES.sub(" ", kept))

    def close(self) -> None:
        """The document ends."""

    def read(self) -> str:
        """All that was heard so far."""
        return _BREAKS.sub(_spelled, "".join(self._parts)).replace(_KEPT, " ").strip()

    def _break(self, tag: str) -> None:
        if tag in _PARAGRAPHS and not (tag in _LISTS and self._lists):
            self._parts.append(_PARAGRAPH)
        elif tag in _LINES or tag in _PARAGRAPHS:
            self._parts.append(_LINE)

    def _mark(self, tag: str) -> str:
        """What stands before a list item's or a cell's text."""
        if tag == "tr":
            self._cells = 0
        if tag in _CELLS:
            self._cells += 1
            return " | " if self._cells > 1 else ""
        if tag != "li":
            return ""
        number = self._lists[-1] if self._lists else None
        if number is not None:
            self._lists[-1] = number + 1
        indent = _KEPT * 2 * min(len(self._lists) - 1, _DEEPEST)
        return indent + ("- " if number is None else f"{number}. ")

    def _address(self, href: str, begun: int) -> str:
        """A link's address, unless its text says it already or it leads nowhere outside the page."""
        said = "".join(self._parts[begun:]).strip()
        address = href.strip().removeprefix("mailto:").removeprefix("tel:")
        return f" ({address})" if _WEB.match(href.strip()) and said and address.rstrip("/") not in said else ""


def _spelled(breaks: re.Match[str]) -> str:
    """Breaks and spaces in a row as the largest of them."""
    return "\n\n" if _PARAGRAPH in breaks[0] else "\n" if _LINE in breaks[0] else " "
