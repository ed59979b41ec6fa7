"""CSV rows as records: the header names their fields."""

import csv
from collections.abc import Generator
from typing import Self, TextIO

from knowledge_base.ingestion import files
from knowledge_base.ingestion.errors import FormatError
from knowledge_base.ingestion.fields import TEXT_LIMIT
from knowledge_base.ingestion.files import SourceFile
from knowledge_base.ingestion.json_lines import too_long
from knowledge_base.ingestion.kinds import delimiter_of
from knowledge_base.ingestion.records import Fields, Record
from weaver_core.texts.normalization import clean

HEADER_LIMIT = 64 * 1024


class _TooLongError(Exception):
    """A row is longer than what is held in memory. Never leaves the reader: it becomes a record's problem."""


def header(source: SourceFile) -> tuple[str, ...]:
    """The column names, trimmed and in lower case. Raises FormatError."""
    with files.text(source, newline="") as (stream, _):
        return _columns(source, stream)[1]


def read(source: SourceFile) -> Generator[Record]:
    """The rows in order, those without any text left out. A row's number is that of its first line.

    Raises FormatError.
    """
    with files.text(source, newline="") as (stream, raw):
        delimiter, columns = _columns(source, stream)
        lines = _Lines(stream, delimiter, TEXT_LIMIT * len(columns))
        rows = csv.reader(lines, delimiter=delimiter, strict=True)
        while True:
            # The header is the first.
            number = lines.begin_row() + 2
            try:
                row = next(rows)
            except StopIteration:
                return
            except _TooLongError:
                yield Record(number, raw.tell(), problem=too_long())
                continue
            except csv.Error as error:
                yield Record(number, raw.tell(), problem=f"it is not CSV ({error})")
                continue
            if any(clean(value).text for value in row):
                yield _record(number, raw.tell(), columns, row)


class _Lines:
    """A table's lines; a row takes no more of them than are held in memory.

    The reader makes a list of a row's cells, so that a row of very many empty ones is as bad as a long text.
    """

    def __init__(self, stream: TextIO, delimiter: str, most_cells: int) -> None:
        self._stream = stream
        self._delimiter = delimiter
        self._most_cells = most_cells
        self._taken = self._length = self._cells = 0

    def begin_row(self) -> int:
        """Count anew. Returns how many lines were taken so far."""
        self._length = self._cells = 0
        return self._taken

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> str:
        """The next line. Raises _TooLongError."""
        line = self._stream.readline(files.LINE_LIMIT + 1)
        if not line:
            raise StopIteration
        self._taken += 1
        self._length += len(line)
        self._cells += line.count(self._delimiter)
        if self._length > files.LINE_LIMIT or self._cells > self._most_cells:
            while line and not line.endswith(("\n", "\r")):
                line = self._stream.readline(files.CHUNK)
            raise _TooLongError
        return line


def _columns(source: SourceFile, stream: TextIO) -> tuple[str, tuple[str, ...]]:
    """What stands between the cells, and the names in the first line. Raises FormatError."""
    csv.field_size_limit(files.LINE_LIMIT)
    first = stream.readline(HEADER_LIMIT + 1)
    if len(first) > HEADER_LIMIT:
        raise FormatError(source.path, f"is no table: its first line is longer than {HEADER_LIMIT // 1024} kB")
    delimiter = delimiter_of(first)
    names = next(csv.reader([first], delimiter=delimiter), list[str]())
    return delimiter, tuple(name.strip().casefold() for name in names)


def _record(number: int, offset: int, columns: tuple[str, ...], row: list[str]) -> Record:
    if len(row) > len(columns):
        return Record(number, offset, problem=f"it has {len(row)} fields, the header has {len(columns)}")
    # An empty cell says nothing, like a field that is not there.
    fields: Fields = {name: value for name, value in zip(columns, row, strict=False) if value.strip()}
    return Record(number, offset, fields, size=sum(map(len, row)))
