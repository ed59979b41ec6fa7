"""What kind of text a file holds, told by how it begins and, where that leaves a doubt, by its name."""

import json
from enum import StrEnum
from typing import cast

HEAD = 256 * 1024
READ = "JSON lines (.jsonl) or CSV (.csv)"
DELIMITERS = (",", ";", "\t")
LINES_LOOKED_AT = 20
_JSON = (".jsonl", ".ndjson", ".json")
_CSV = (".csv", ".tsv")
# What stands in no text: bytes that are not UTF-8, and zero bytes.
_NO_TEXT = ("\ufffd", "\0")


class Kind(StrEnum):
    """The kinds of text that Weaver reads."""

    LINES = "JSON lines"
    CSV = "CSV"


def of(suffix: str, head: str) -> Kind | None:
    """The kind of a text that begins so, in a file whose name ends so; None for anything else."""
    objects = any(isinstance(parsed(line), dict) for line in head.splitlines()[:LINES_LOOKED_AT])
    if suffix in _JSON or objects:
        return Kind.LINES
    return Kind.CSV if suffix in _CSV or _is_table(head) else None


def parsed(line: str) -> object:
    """The JSON value that a line spells, None when it spells none."""
    try:
        return cast("object", json.loads(line, strict=False)) if line.lstrip()[:1] in ("{", "[") else None
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
