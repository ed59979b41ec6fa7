"""A file as it lies on the disk: whether it can be read to its end, what kind of text it holds, and that text."""

import codecs
import gzip
import io
import stat
import zlib
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TextIO, cast

from knowledge_base.ingestion import kinds
from knowledge_base.ingestion.errors import (
    EmptyFileError,
    FileKindError,
    FileMissingError,
    FileUnreadableError,
    GzipError,
    NotUtf8Error,
)
from knowledge_base.ingestion.kinds import Kind
from knowledge_base.ingestion.records import LINE, RECORD

# A longer line, or a longer record, is rejected rather than held in memory.
LINE_LIMIT = 8 * 1024 * 1024
CHUNK = 1024 * 1024
GZIP_MAGIC = b"\x1f\x8b"
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file that can be read to its end as UTF-8. `size` is in bytes, as it lies on the disk."""

    path: Path
    kind: Kind
    compressed: bool
    size: int

    @property
    def unit(self) -> str:
        """What its records are counted in."""
        return RECORD if self.kind in (Kind.DOCUMENT, Kind.HTML) else LINE


def examine(path: Path) -> SourceFile:
    """Read a file through once, so that what is wrong with the file as a whole is known before anything is stored.

    Raises FileMissingError, FileUnreadableError, FileKindError, EmptyFileError, NotUtf8Error, GzipError.
    """
    size = _size(path)
    named_gzip = path.suffix.lower() == ".gz"
    with os_errors(path), path.open("rb") as file:
        magic = file.read(2)
    if not magic:
        raise EmptyFileError(path, "is empty")
    if named_gzip and magic != GZIP_MAGIC:
        raise GzipError(path, "is called .gz but is not a gzip file")
    compressed = magic == GZIP_MAGIC
    kind = _kind(path, (Path(path.stem) if named_gzip else path).suffix.lower(), compressed=compressed)
    source = SourceFile(path, kind, compressed, size)
    with os_errors(path), _opened(source) as (stream, _):
        _check_text(source, stream)
    return source


@contextmanager
def text(source: SourceFile, newline: str = "\n") -> Generator[tuple[TextIO, BinaryIO]]:
    """The file's text, and the file on the disk, whose place is the progress. `newline` is as in `open`."""
    with os_errors(source.path), _opened(source) as (stream, raw):
        reader = io.TextIOWrapper(stream, encoding="utf-8", errors="replace", newline=newline)
        try:
            yield reader, raw
        finally:
            # The stream is closed by whoever opened it.
            reader.detach()


@contextmanager
def os_errors(path: Path) -> Generator[None]:
    """What the operating system or gzip says of a file, in a sentence that names it."""
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


def _kind(path: Path, suffix: str, *, compressed: bool) -> Kind:
    with os_errors(path), path.open("rb") as file:
        stream = cast("BinaryIO", gzip.GzipFile(fileobj=file)) if compressed else file
        head = stream.read(kinds.HEAD)
    kind = kinds.of(suffix, head.removeprefix(BYTE_ORDER_MARK).decode("utf-8", "replace"))
    if kind is None:
        raise FileKindError(path, f"is of no kind that Weaver reads: {kinds.READ} (.gz may follow)")
    return kind


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
            decoded = decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            line = lines + error.object.count(b"\n", 0, error.start) + 1
            raise NotUtf8Error(source.path, f"is not UTF-8 (line {line})") from None
        lines += chunk.count(b"\n")
        blank = blank and not decoded.strip()
    if blank:
        raise EmptyFileError(source.path, "is empty")
