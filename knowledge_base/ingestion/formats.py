"""Which format a file is in."""

from collections.abc import Iterator
from enum import StrEnum

from knowledge_base.ingestion import faq, files
from knowledge_base.ingestion.errors import FormatError, MissingColumnsError
from knowledge_base.ingestion.files import Fields, SourceFile


class Format(StrEnum):
    """The formats that this version reads."""

    FAQ = "faq"
    DIALOGUES = "dialogues"


COLLECTION_LENGTH = 64
AUTO = "auto"
# Formats of the contract that a later version reads.
LATER = ("messages", "pages", "zendesk", "chatwoot", "intercom")
NAMES = (AUTO, *(known.value for known in Format), *LATER)


def choose(source: SourceFile, name: str) -> Format:
    """The format that was named, or with `auto` the one that the file's first good line shows.

    Raises FormatError, MissingColumnsError.
    """
    if name in LATER:
        raise FormatError(source.path, f"cannot be imported as {name}: this version reads faq and dialogues")
    if name not in NAMES:
        raise FormatError(source.path, f"cannot be imported as {name}: there is no such format")
    if source.kind == "csv":
        return _of_csv(source, name)
    return _of_lines(source) if name == AUTO else Format(name)


def _of_csv(source: SourceFile, name: str) -> Format:
    if name == Format.DIALOGUES:
        raise FormatError(source.path, "is a CSV file; dialogues come as .jsonl")
    columns = files.header(source)
    missing = [column for column in faq.REQUIRED if column not in columns]
    if missing:
        noun = "columns" if len(missing) > 1 else "column"
        raise MissingColumnsError(
            source.path, f"lacks the {noun} {' and '.join(missing)}; it has {', '.join(columns) or 'none'}"
        )
    return Format.FAQ


def _of_lines(source: SourceFile) -> Format:
    shown: Fields | None = None
    for fields in _good_lines(source):
        if "turns" in fields:
            return Format.DIALOGUES
        if "question" in fields or "answer" in fields:
            return Format.FAQ
        shown = fields if shown is None else shown
    if shown is None:
        raise FormatError(source.path, "is in no format that Weaver knows: it has no line with a JSON object")
    names = ", ".join(sorted(shown)[:8]) or "none"
    raise FormatError(source.path, f"is in no format that Weaver knows: its first line has the fields {names}")


def _good_lines(source: SourceFile) -> Iterator[Fields]:
    return (line.fields for line in files.read(source) if line.fields is not None)
