"""A file's lines, read as a stream: JSON lines or CSV, plain or gzip, always UTF-8."""

import codecs
import csv
import gzip
import io
import json
import stat
import zlib
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from knowledge_base.ingestion.errors import (
    EmptyFileError,
    FileKindError,
    FileMissingError,
    FileUnreadableError,
    GzipError,
    NotUtf8Error,
)
from weaver_core.texts.normalization import Clean, clean

# A longer line is rejected rather than held in memory.
LINE_LIMIT = 8 * 1024 * 1024
CHUNK = 1024 * 1024
GZIP_MAGIC = b"\x1f\x8b"
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
SUFFIXES = {".jsonl": "lines", ".ndjson": "lines", ".json": "lines", ".csv": "csv"}
DELIMITERS = (",", ";", "\t")

Fields = dict[str, object]


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file that can be read to its end as UTF-8. `size` is in bytes, as it lies on the disk."""

    path: Path
    kind: str
    compressed: bool
    size: int


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a file: its fields, or why it has none.

    `offset` says how far the file's bytes were read, `stripped` how many control characters the bare line held.
    """

    number: int
    offset: int
    fields: Fields | None = None
    problem: str | None = None
    stripped: int = 0


def examine(path: Path) -> SourceFile:
    """Read a file through once, so that what is wrong with the file as a whole is known before anything is stored.

    Raises FileMissingError, FileUnreadableError, FileKindError, EmptyFileError, NotUtf8Error, GzipError.
    """
    size = _size(path)
    named_gzip = path.suffix.lower() == ".gz"
    kind = SUFFIXES.get((Path(path.stem) if named_gzip else path).suffix.lower())
    if kind is None:
        raise FileKindError(path, "is neither a .jsonl nor a .csv file (.gz may follow)")
    with _os_errors(path), path.open("rb") as file:
        magic = file.read(2)
    if not magic:
        raise EmptyFileError(path, "is empty")
    if named_gzip and magic != GZIP_MAGIC:
        raise GzipError(path, "is called .gz but is not a gzip file")
    source = SourceFile(path, kind, magic == GZIP_MAGIC, size)
    with _os_errors(path), _opened(source) as (stream, _):
        _check_text(source, stream)
    return source


def read(source: SourceFile) -> Generator[Line]:
    """The file's lines in order, blank ones left out."""
    with _os_errors(source.path), _opened(source) as (stream, raw):
        if source.kind == "csv":
            yield from _csv_lines(stream, raw)
        else:
            yield from _json_lines(stream, raw)


def header(source: SourceFile) -> tuple[str, ...]:
    """The column names of a CSV file, trimmed and in lower case."""
    with _os_errors(source.path), _opened(source) as (stream, _), closing(_text_lines(stream)) as lines:
        return _columns(next(lines, ""))[1]


def _size(path: Path) -> int:
    try:
        status = path.stat()
    except FileNotFoundError:
        raise FileMissingError(path, "does not exist") from None
    except (OSError, ValueError) as error:
        raise FileUnreadableError(path, f"cannot be opened: {error}") from None
    if stat.S_ISDIR(status.st_mode):
        raise FileUnreadableError(path, "is a folder, not a file")
    if not stat.S_ISREG(status.st_mode):
        raise FileUnreadableError(path, "is not a regular file")
    return status.st_size


@contextmanager
def _os_errors(path: Path) -> Generator[None]:
    try:
        yield
    except gzip.BadGzipFile as error:
        raise GzipError(path, f"is a damaged gzip file: {error}") from None
    except EOFError:
        raise GzipError(path, "is a gzip file that was cut off before its end") from None
    except zlib.error:
        raise GzipError(path, "is a damaged gzip file") from None
    except OSError as error:
        raise FileUnreadableError(path, f"cannot be read: {error.strerror or error}") from None


@contextmanager
def _opened(source: SourceFile) -> Generator[tuple[BinaryIO, BinaryIO]]:
    """The file's content without a byte order mark, and the file on the disk, whose place is the progress."""
    with source.path.open("rb") as raw:
        stream = cast("BinaryIO", gzip.GzipFile(fileobj=raw)) if source.compressed else raw
        buffered = io.BufferedReader(cast("io.RawIOBase", stream), CHUNK) if source.compressed else raw
        if buffered.peek(3)[:3] == BYTE_ORDER_MARK:
            buffered.read(3)
        yield cast("BinaryIO", buffered), raw


def _check_text(source: SourceFile, stream: BinaryIO) -> None:
    decoder = codecs.getincrementaldecoder("utf-8")()
    lines, blank, chunk = 0, True, b"-"
    while chunk:
        chunk = stream.read(CHUNK)
        try:
            text = decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            line = lines + error.object.count(b"\n", 0, error.start) + 1
            raise NotUtf8Error(source.path, f"is not UTF-8 (line {line})") from None
        lines += chunk.count(b"\n")
        blank = blank and not text.strip()
    if blank:
        raise EmptyFileError(source.path, "is empty")


def _json_lines(stream: BinaryIO, raw: BinaryIO) -> Iterator[Line]:
    number = 0
    while data := stream.readline(LINE_LIMIT + 1):
        number += 1
        if len(data) > LINE_LIMIT:
            _skip_line(stream, data)
            yield Line(number, raw.tell(), problem=_too_long())
        elif (cleaned := clean(data.decode("utf-8", "replace"))).text:
            yield _json_line(number, raw.tell(), cleaned)


def _json_line(number: int, offset: int, cleaned: Clean) -> Line:
    try:
        value: object = json.loads(cleaned.text, strict=False)
    except RecursionError:
        return Line(number, offset, problem="it is nested too deeply")
    except ValueError as error:
        detail = error.msg if isinstance(error, json.JSONDecodeError) else "a number is too long"
        return Line(number, offset, problem=f"it is not JSON ({detail})")
    if not isinstance(value, dict):
        return Line(number, offset, problem="it is not a JSON object")
    return Line(number, offset, fields=cast("Fields", value), stripped=cleaned.stripped)


def _skip_line(stream: BinaryIO, data: bytes) -> None:
    while data and not data.endswith(b"\n"):
        data = stream.readline(CHUNK)


def _too_long() -> str:
    return f"it is longer than {LINE_LIMIT // (1024 * 1024)} MB"


def _text_lines(stream: BinaryIO) -> Generator[str]:
    text = io.TextIOWrapper(stream, encoding="utf-8", errors="replace", newline="")
    try:
        while line := text.readline(LINE_LIMIT):
            yield line
    finally:
        # The stream is closed by whoever opened it.
        text.detach()


def _columns(first: str) -> tuple[str, tuple[str, ...]]:
    delimiter = max(DELIMITERS, key=first.count)
    names = next(csv.reader([first], delimiter=delimiter), list[str]())
    return delimiter, tuple(name.strip().casefold() for name in names)


def _csv_lines(stream: BinaryIO, raw: BinaryIO) -> Iterator[Line]:
    csv.field_size_limit(LINE_LIMIT)
    with closing(_text_lines(stream)) as lines:
        delimiter, columns = _columns(next(lines, ""))
        rows = csv.reader(lines, delimiter=delimiter, strict=True)
        while True:
            # The reader counts the lines that it took so far, without the header.
            number = rows.line_num + 2
            try:
                row = next(rows)
            except StopIteration:
                return
            except csv.Error as error:
                yield Line(number, raw.tell(), problem=f"it is not CSV ({error})")
                continue
            if any(clean(value).text for value in row):
                yield _csv_line(number, raw.tell(), columns, row)


def _csv_line(number: int, offset: int, columns: tuple[str, ...], row: list[str]) -> Line:
    if len(row) > len(columns):
        return Line(number, offset, problem=f"it has {len(row)} fields, the header has {len(columns)}")
    # An empty cell says nothing, like a field that is not there.
    return Line(
        number, offset, fields={name: value for name, value in zip(columns, row, strict=False) if value.strip()}
    )
