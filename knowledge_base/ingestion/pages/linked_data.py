"""The FAQ that a page tells search engines: schema.org's FAQPage in JSON-LD."""

import json
from collections.abc import Iterable, Iterator
from typing import cast

from knowledge_base.ingestion.markup import text_of
from knowledge_base.ingestion.pages.entries import Entry

_DEEPEST = 8
FAQ_PAGE = "FAQPage"


def entries_of(scripts: Iterable[str]) -> list[Entry]:
    """The questions of these scripts that have an answer. What is not JSON holds none."""
    return [entry for script in scripts for page in _pages(_parsed(script), 0) for entry in _entries(page)]


def _parsed(script: str) -> object:
    try:
        return cast("object", json.loads(script, strict=False))
    except (ValueError, RecursionError):
        return None


def _pages(value: object, depth: int) -> Iterator[dict[str, object]]:
    """The FAQ pages in a value, alone, in a list or in a graph."""
    if depth > _DEEPEST:
        return
    if isinstance(value, list):
        for item in cast("list[object]", value):
            yield from _pages(item, depth + 1)
    elif isinstance(value, dict):
        thing = cast("dict[str, object]", value)
        if FAQ_PAGE in _listed(thing.get("@type")):
            yield thing
        else:
            yield from _pages([thing.get("@graph"), thing.get("mainEntity")], depth + 1)


def _entries(page: dict[str, object]) -> Iterator[Entry]:
    for question in _objects(page.get("mainEntity")):
        asked = _text(question.get("name")) or _text(question.get("text"))
        answers = [text for answer in _objects(question.get("acceptedAnswer")) if (text := _text(answer.get("text")))]
        if asked and answers:
            yield Entry((" ".join(asked.split()),), answers[0])


def _objects(value: object) -> Iterator[dict[str, object]]:
    return (cast("dict[str, object]", item) for item in _listed(value) if isinstance(item, dict))


def _listed(value: object) -> list[object]:
    return cast("list[object]", value) if isinstance(value, list) else [value]


def _text(value: object) -> str:
    return text_of(value) if isinstance(value, str) else ""
