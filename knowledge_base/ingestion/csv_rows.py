"""CSV rows as records: the header names their fields."""

import csv
from collections.abc import Generator, Iterator
from typing import TextIO

from knowledge_base.ingestion import files
from knowledge_base.ingestion.files import SourceFile
from knowledge_base.ingestion.kinds import delimiter_of
from knowledge_base.ingestion.records import Fields, Record
from weaver_core.texts.normalization import clean


def header(source: SourceFile) -> tuple[str, ...]:
    """The column names, trimmed and in lower case."""
    with files.text(source, newline="") as (stream, _):
        return _columns(stream.readline(files.LINE_LIMIT))[1]


def read(source: SourceFile) -> Generator[Record]:
    """The rows in order, those without any text left out. A row's number is that of its first line."""
    csv.field_size_limit(files.LINE_LIMIT)
    with files.text(source, newline="") as (stream, raw):
        delimiter, columns = _columns(stream.readline(files.LINE_LIMIT))
        rows = csv.reader(_lines(stream), delimiter=delimiter, strict=True)
        while True:
            # The reader counts the lines that it took so far, without the header.
            number = rows.line_num + 2
            try:
                row = next(rows)
            except StopIteration:
                return
            except csv.Error as error:
                yield Record(number, raw.tell(), problem=f"it is not CSV ({error})")
                continue
            if any(clean(value).text for value in row):
                yield _record(number, raw.tell(), columns, row)


def _lines(stream: TextIO) -> Iterator[str]:
    while line := stream.readline(files.LINE_LIMIT):
        yield line


def _columns(first: str) -> tuple[str, tuple[str, ...]]:
    delimiter = delimiter_of(first)
    names = next(csv.reader([first], delimiter=delimiter), list[str]())
    return delimiter, tuple(name.strip().casefold() for name in names)


def _record(number: int, offset: int, columns: tuple[str, ...], row: list[str]) -> Record:
    if len(row) > len(columns):
        return Record(number, offset, problem=f"it has {len(row)} fields, the header has {len(columns)}")
    # An empty cell says nothing, like a field that is not there.
    fields: Fields = {name: value for name, value in zip(columns, row, strict=False) if value.strip()}
    return Record(number, offset, fields, size=sum(map(len, row)))
