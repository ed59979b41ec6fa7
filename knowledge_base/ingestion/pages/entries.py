"""What a page asks and answers, and the lines of a FAQ that this makes."""

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from knowledge_base.ingestion.fields import NAME_LIMIT
from knowledge_base.ingestion.records import Fields

_ASKING = re.compile(
    r"(?:how|what|why|when|where|who|whom|whose|which|can|could|do|does|did|is|are|was|were|will|would|should|may|must|"
    r"have|has)\b|.*(?:[?？]$|[吗么]$|什么|怎么|怎样|如何|为何|多久|多少|多长|哪|几|是否|能否|可否|能不能|可不可以|有没有|谁)",
    re.IGNORECASE | re.DOTALL,
)
# Titles that say what kind of page it is, not what it is about.
_GENERIC = re.compile(
    r"(?:the |our |general )?(?:faqs?|frequently asked questions|questions(?: (?:and|&) answers)?|q ?& ?a|home|support"
    r"|help(?: cent(?:er|re))?|常见问题|常见问题解答|常见问答|帮助|帮助中心|问答|首页)(?: \(?faqs?\)?)?",
    re.IGNORECASE,
)
_HAN = re.compile(r"[\u4e00-\u9fff]")
_NOT_IN_SLUG = re.compile(r"[^\w.]+")
_BETWEEN = " › "
# So much of an id is the page's, at most: the rest is for the question's.
_PAGE_LENGTH = 150


@dataclass(frozen=True, slots=True)
class Entry:
    """A question of a page with its answer. `above` are the headings that it stands under, the outermost first.

    `anchor` is the name that the page itself gives it, `line` where it stands, 0 where that is not known.
    """

    questions: tuple[str, ...]
    answer: str
    above: tuple[str, ...] = ()
    anchor: str | None = None
    line: int = 0


@dataclass(frozen=True, slots=True)
class Page:
    """What a page holds. `title` stands above all else, `canonical` is the address that the page gives itself.

    `linked_data` are its JSON-LD scripts; `introductions` says how often text below the title was left out.
    """

    title: str | None
    entries: list[Entry]
    canonical: str | None
    linked_data: list[str]
    introductions: int


def is_question(heading: str) -> bool:
    """Whether a heading asks something by itself."""
    return _ASKING.match(heading) is not None


def lines_of(page: str, title: str | None, entries: Iterable[Entry]) -> Iterator[tuple[Entry, Fields]]:
    """The FAQ lines of a page's entries, several for one that is asked in several ways."""
    taken: dict[str, int] = {}
    for entry in entries:
        above = tuple(heading for heading in entry.above if heading != title)
        answer_id = _answer_id(page, entry, above, taken)
        shown = _BETWEEN.join((*above, entry.questions[0]))[:NAME_LIMIT]
        about = () if title is None or _GENERIC.fullmatch(title) else (title,)
        for question in dict.fromkeys(asked for one in entry.questions for asked in _asked(one, above, about)):
            fields: Fields = {"question": question, "answer": entry.answer, "answer_id": answer_id}
            yield entry, fields | ({"title": shown} if above else {})


def _asked(heading: str, above: tuple[str, ...], about: tuple[str, ...]) -> list[str]:
    """A heading as customers may ask it: by itself when it is a question, and together with what it stands under."""
    if not is_question(heading):
        return [_joined((*(above or about), heading))]
    return [heading, _joined((above[-1], heading))] if above else [heading]


def _joined(parts: tuple[str, ...]) -> str:
    joined = parts[0]
    for part in parts[1:]:
        joined += ("：" if _HAN.search(joined) else ": ") + part
    return joined


def _answer_id(page: str, entry: Entry, above: tuple[str, ...], taken: dict[str, int]) -> str:
    """An id that stays when the page is imported again: the page's name and the entry's anchor, or its headings."""
    slug = entry.anchor or "/".join(_slug(part) for part in (*above, entry.questions[0]))
    taken[slug] = taken.get(slug, 0) + 1
    name = f"{page[:_PAGE_LENGTH]}#{slug}" + (f"-{taken[slug]}" if taken[slug] > 1 else "")
    if len(name) <= NAME_LIMIT and len(page) <= _PAGE_LENGTH:
        return name
    digest = hashlib.sha256(f"{page}#{name}".encode()).hexdigest()[:16]
    return f"{name[: NAME_LIMIT - 17]}-{digest}"


def _slug(heading: str) -> str:
    return _NOT_IN_SLUG.sub("-", heading.casefold()).strip("-.") or "-"
