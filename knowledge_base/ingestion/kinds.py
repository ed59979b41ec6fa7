"""What kind of text a file holds, told by how it begins and, where that leaves a doubt, by its name."""

import json
import re
from collections.abc import Mapping
from enum import StrEnum
from typing import cast

HEAD = 256 * 1024
READ = "JSON (.jsonl, .json), CSV (.csv), Markdown (.md) or HTML (.html)"
# The lists in which APIs answer, and the object in which some of them put the list.
LISTS = frozenset({"tickets", "users", "conversations", "payload", "results", "data"})
DATA = "data"
DELIMITERS = (",", ";", "\t")
LINES_LOOKED_AT = 20
_JSON = (".jsonl", ".ndjson", ".json")
_CSV = (".csv", ".tsv")
_MARKDOWN = (".md", ".markdown")
_HTML = (".html", ".htm", ".xhtml")
_HTML_BEGINS = re.compile(
    r"\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body|main|article|section|div|h[1-6]|details|dl)\b",
    re.IGNORECASE | re.DOTALL,
)
_HEADING = re.compile(r"^#{1,6} \S", re.MULTILINE)
_JSON_BEGINS = re.compile(r'\s*(?:\{\s*(?:"|\})|\[\s*[\[{\]])')
# What stands in no text: bytes that are not UTF-8, and zero bytes.
_NO_TEXT = ("\ufffd", "\0")


class Kind(StrEnum):
    """The kinds of text that Weaver reads."""

    LINES = "JSON lines"
    DOCUMENT = "a JSON document"
    CSV = "CSV"
    MARKDOWN = "Markdown"
    HTML = "HTML"


def of(suffix: str, head: str) -> Kind | None:
    """The kind of a text that begins so, in a file whose name ends so; None for anything else."""
    if suffix in _MARKDOWN:
        return Kind.MARKDOWN
    if suffix in _HTML or _HTML_BEGINS.match(head):
        return Kind.HTML if suffix not in _JSON + _CSV else None
    if suffix in _JSON or _JSON_BEGINS.match(head):
        return _of_json(head)
    if suffix in _CSV or _is_table(head):
        return Kind.CSV
    return Kind.MARKDOWN if _HEADING.search(head) and not any(mark in head for mark in _NO_TEXT) else None


def _of_json(head: str) -> Kind:
    """JSON lines if one of the first is an object that stands for itself, not an API's answer."""
    first = head.lstrip()[:1]
    values = [parsed(line) for line in head.split("\n", LINES_LOOKED_AT) if line[:1] == "{"]
    objects = [cast("Mapping[str, object]", value) for value in values if isinstance(value, dict)]
    if first == "[" or (first == "{" and all(lists_of(found) for found in objects)):
        return Kind.DOCUMENT
    return Kind.LINES


def lists_of(fields: Mapping[str, object]) -> dict[str, list[object]]:
    """The lists of an API's answer in an object, by their names; none in an object that is no such answer."""
    inner = fields.get(DATA)
    within = cast("Mapping[str, object]", inner if isinstance(inner, dict) else {})
    members = (*fields.items(), *within.items())
    return {name: cast("list[object]", value) for name, value in members if _is_list(name, value)}


def _is_list(name: str, value: object) -> bool:
    return name in LISTS and isinstance(value, list)


def parsed(line: str) -> object:
    """The JSON value that a line spells, None when it spells none."""
    try:
        return cast("object", json.loads(line, strict=False))
    except (ValueError, RecursionError):
        return None


def delimiter_of(header: str) -> str:
    """What stands between the names of a CSV header."""
    return max(DELIMITERS, key=header.count)


def _is_table(head: str) -> bool:
    """Whether the first two rows have the same number of cells, more than one."""
    lines = [line for line in head.splitlines() if line.strip()][:2]
    if len(lines) < 2 or any(mark in line for line in lines for mark in _NO_TEXT):  # noqa: PLR2004 - two rows
        return False
    delimiter = delimiter_of(lines[0])
    return 0 < lines[0].count(delimiter) == lines[1].count(delimiter)
