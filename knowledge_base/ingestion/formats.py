"""The formats that Weaver reads, and which of them a file is in."""

from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Literal

from knowledge_base.ingestion import csv_rows, faq, reading
from knowledge_base.ingestion.errors import FormatError, MissingColumnsError
from knowledge_base.ingestion.exports import chatwoot, intercom, messages, zendesk
from knowledge_base.ingestion.files import SourceFile
from knowledge_base.ingestion.kinds import Kind
from knowledge_base.ingestion.pages import page
from knowledge_base.ingestion.records import ENVELOPE, Fields, Record

Holds = Literal["answers", "dialogues"]


@dataclass(frozen=True, slots=True)
class Format:
    """One format. `shows` says whether a record is one of its own, `missing` which columns a table lacks for it."""

    name: str
    holds: Holds
    kinds: tuple[Kind, ...]
    shows: Callable[[Fields], bool]
    read: Callable[[SourceFile], Generator[Record]]
    missing: Callable[[Iterable[str]], list[str]] | None = None


def _read_own(source: SourceFile) -> Generator[Record]:
    """The records of our own formats, as they stand in the file."""
    return (record for record in reading.read(source) if record.under != ENVELOPE)


JSON = (Kind.LINES, Kind.DOCUMENT)
FAQ = Format(
    "faq",
    "answers",
    (*JSON, Kind.CSV),
    lambda fields: "question" in fields or "answer" in fields,
    _read_own,
    lambda names: [name for name in faq.REQUIRED if name not in set(names)],
)
DIALOGUES = Format("dialogues", "dialogues", JSON, lambda fields: "turns" in fields, _read_own)
MESSAGES = Format(
    "messages",
    "dialogues",
    (*JSON, Kind.CSV),
    lambda fields: not messages.missing(fields),
    messages.read,
    messages.missing,
)
PAGES = Format("pages", "answers", (Kind.MARKDOWN, Kind.HTML), lambda _: False, page.read)
ZENDESK = Format("zendesk", "dialogues", JSON, zendesk.shows, zendesk.read)
CHATWOOT = Format("chatwoot", "dialogues", JSON, chatwoot.shows, chatwoot.read)
INTERCOM = Format("intercom", "dialogues", JSON, intercom.shows, intercom.read)
# Vendors' formats are told first: a message of Chatwoot's has all that the format `messages` asks for.
OWN, VENDORS = (FAQ, DIALOGUES, MESSAGES), (ZENDESK, CHATWOOT, INTERCOM)
FORMATS = (*OWN, PAGES, *VENDORS)
COLLECTION_LENGTH = 64
AUTO = "auto"
NAMES = (AUTO, *(known.name for known in FORMATS))
SHOWN_FIELDS, SHOWN_CHARACTERS = 8, 40


def choose(source: SourceFile, name: str) -> Format:
    """The format that was named, or with `auto` the one that the file's content shows.

    Raises FormatError, MissingColumnsError.
    """
    if name == AUTO:
        return _of_content(source)
    named = next((known for known in FORMATS if known.name == name), None)
    if named is None:
        raise FormatError(source.path, f"cannot be imported as {name}: the formats are {_listed(FORMATS)}")
    if source.kind not in named.kinds:
        raise FormatError(source.path, f"is {source.kind}; {name} come as {' or '.join(named.kinds)}")
    return _of_table(source, (named,)) if source.kind is Kind.CSV else named


def _of_content(source: SourceFile) -> Format:
    if source.kind in PAGES.kinds:
        return PAGES
    return _of_table(source, FORMATS) if source.kind is Kind.CSV else _of_records(source)


def _of_table(source: SourceFile, among: Iterable[Format]) -> Format:
    columns = csv_rows.header(source)
    lacking = {known: known.missing(columns) for known in among if known.missing is not None}
    fitting = [known for known, missing in lacking.items() if not missing]
    if fitting:
        return _only(source, fitting)
    fewest = min(len(missing) for missing in lacking.values())
    begun = [(known, missing) for known, missing in lacking.items() if len(missing) == fewest]
    if len(begun) == 1 and (len(lacking) == 1 or fewest == 1):
        needed = _columns(begun[0][1])
    else:
        needed = ", or ".join(f"for {known.name} {_columns(missing)}" for known, missing in lacking.items())
    raise MissingColumnsError(source.path, f"lacks {needed}; it has {_shown(columns)}")


def _of_records(source: SourceFile) -> Format:
    first: Fields | None = None
    bad: Record | None = None
    with closing(reading.read(source)) as records:
        for record in records:
            if record.fields is None:
                bad = bad or record
                continue
            found = _showing(VENDORS, record.fields) or _showing(OWN, record.fields)
            if found:
                return _only(source, found)
            first = record.fields if first is None else first
    known = f"is in no format that Weaver knows ({_listed(FORMATS)})"
    if first is None:
        why = f"; {source.unit} {bad.number}: {bad.problem}" if bad else ""
        raise FormatError(source.path, f"{known}: it has no {source.unit} with a JSON object{why}")
    raise FormatError(source.path, f"{known}: its first {source.unit} has the fields {_shown(sorted(first))}")


def _showing(among: Iterable[Format], fields: Fields) -> list[Format]:
    return [known for known in among if known.shows(fields)]


def _only(source: SourceFile, found: list[Format]) -> Format:
    if len(found) > 1:
        raise FormatError(source.path, f"could be {_listed(found, 'or')}: say which with --format")
    return found[0]


def _shown(names: Sequence[str]) -> str:
    """The first of a record's names, as much of them as fits into a sentence."""
    return ", ".join(name[:SHOWN_CHARACTERS] for name in names[:SHOWN_FIELDS]) or "none"


def _columns(missing: list[str]) -> str:
    return f"the {'columns' if len(missing) > 1 else 'column'} {' and '.join(missing)}"


def _listed(formats: Iterable[Format], word: str = "and") -> str:
    *names, last = (known.name for known in formats)
    return f"{', '.join(names)} {word} {last}" if names else last
