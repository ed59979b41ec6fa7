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

from knowledge_base.ingestion import encodings, kinds
from knowledge_base.ingestion.encodings import GB18030, UTF_8
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


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file that can be read to its end as text. `size` is in bytes, as it lies on the disk."""

    path: Path
    kind: Kind
    encoding: str
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
    packed = _Packed(path, magic == GZIP_MAGIC)
    head = packed.head()
    encoding = encodings.told_by(head)
    if encoding == UTF_8 and not _is_utf8(head) and encodings.is_chinese(head[: encodings.SAMPLE]):
        encoding = GB18030
    suffix = (Path(path.stem) if named_gzip else path).suffix.lower()
    kind = kinds.of(suffix, head.decode(encoding, "replace"))
    if kind is None:
        raise FileKindError(path, f"is of no kind that Weaver reads: {kinds.READ} (.gz may follow)")
    return SourceFile(path, kind, _checked(packed, encoding), packed.compressed, size)


@contextmanager
def text(source: SourceFile, newline: str = "\n") -> Generator[tuple[TextIO, BinaryIO]]:
    """The file's text, and the file on the disk, whose place is the progress. `newline` is as in `open`."""
    with _Packed(source.path, source.compressed).opened() as (stream, raw):
        reader = io.TextIOWrapper(stream, encoding=source.encoding, errors="replace", newline=newline)
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


@dataclass(frozen=True, slots=True)
class _Packed:
    """A file's bytes, unpacked if they are compressed."""

    path: Path
    compressed: bool

    def head(self) -> bytes:
        """How the content begins."""
        with self.opened() as (stream, _):
            return stream.read(kinds.HEAD)

    @contextmanager
    def opened(self) -> Generator[tuple[BinaryIO, BinaryIO]]:
        """The content, and the file on the disk, whose place is the progress."""
        with os_errors(self.path), self.path.open("rb") as raw:
            stream = cast("BinaryIO", gzip.GzipFile(fileobj=raw)) if self.compressed else raw
            yield cast("BinaryIO", io.BufferedReader(cast("io.RawIOBase", stream), CHUNK)), raw


def _is_utf8(head: bytes) -> bool:
    try:
        codecs.getincrementaldecoder(UTF_8)().decode(head)
    except UnicodeDecodeError:
        return False
    return True


def _checked(packed: _Packed, encoding: str) -> str:
    """The encoding in which the file can be read to its end. Raises NotUtf8Error, EmptyFileError, GzipError."""
    decoder = codecs.getincrementaldecoder(encoding)()
    lines, blank, chunk = 0, True, b"-"
    with packed.opened() as (stream, _):
        while chunk:
            chunk = stream.read(CHUNK)
            try:
                decoded = decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                begun = error.object.rfind(b"\n", 0, error.start) + 1
                if encoding == UTF_8 and encodings.is_chinese(error.object[begun : begun + encodings.SAMPLE]):
                    return _checked(packed, GB18030)
                line = lines + error.object.count(b"\n", 0, error.start) + 1
                raise NotUtf8Error(packed.path, f"is not {encodings.NAMES[encoding]} (line {line})") from None
            lines += decoded.count("\n")
            blank = blank and not decoded.strip()
    if blank:
        raise EmptyFileError(packed.path, "is empty")
    return encoding
