"""One file into the memory: idempotent, in short transactions, all of it or what is good in it."""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Literal

from anyio import to_thread

from knowledge_base.database import Database
from knowledge_base.ingestion import files, formats
from knowledge_base.ingestion.errors import NothingKeptError, StrictImportError
from knowledge_base.ingestion.files import SourceFile
from knowledge_base.ingestion.formats import Format
from knowledge_base.ingestion.importers import DialogueImporter, FaqImporter, Importer
from knowledge_base.ingestion.records import Record
from knowledge_base.ingestion.settling import settle
from knowledge_base.ingestion.summary import ImportSummary, Rejection, Tally

Progress = Callable[[int, int], None]
RECORDS_CHECKED_AT_ONCE = 256
CHARACTERS_AT_ONCE = 4_000_000
# What a person is shown of a file before it is imported.
SAMPLES, SAMPLE_LENGTH = 3, 300


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """How a file is to be imported. `approve` None is the format's own habit; `collection` is for lines without one."""

    format: str = formats.AUTO
    collection: str = "default"
    approve: Literal["auto", "review"] | None = None
    strict: bool = False
    company_contacts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sample:
    """A question and its answer as a file has them, to see whether it is understood."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class FileCheck:
    """What a file holds, told without storing any of it: `holds` answers or dialogues, `read` records of a `unit`.

    `rejected_count` of them would not be kept; the first of these are in `rejected`.
    """

    format: str
    holds: str
    unit: str
    encoding: str
    read: int
    rejected_count: int
    rejected: tuple[Rejection, ...]
    samples: tuple[Sample, ...]


@dataclass(frozen=True, slots=True)
class _Input:
    """A file and the format that it is read in."""

    source: SourceFile
    format: Format


def no_progress(done: int, total: int) -> None:
    """For callers who show none."""
    del done, total


async def import_file(
    database: Database, path: Path, options: ImportOptions, progress: Progress = no_progress
) -> ImportSummary:
    """Store what is good in a file and say what became of it. The same file a second time changes nothing.

    `progress` hears how many bytes of how many are done. Killed at any moment and run again, the import ends with
    the same content. Raises IngestionError, and then nothing of the file is stored.
    """
    source = await to_thread.run_sync(files.examine, path)
    chosen = await to_thread.run_sync(formats.choose, source, options.format)
    if options.strict:
        await _check(database, _Input(source, chosen), options, _scaled(progress, 0, 2))
    tally = Tally(source.unit, source.encoding)
    progress_of_storing = _scaled(progress, int(options.strict), 1 + int(options.strict))
    await _store(database, _Input(source, chosen), options, tally, progress_of_storing)
    summary = tally.summary(path, chosen.name)
    if not summary.kept:
        raise _nothing_kept(summary)
    if summary.changed:
        tally.personal = max(0, tally.personal - await settle(database))
    progress(source.size, source.size)
    return tally.summary(path, chosen.name)


async def check_file(
    database: Database, path: Path, options: ImportOptions, progress: Progress = no_progress
) -> FileCheck:
    """Read a file through as an import would and say what is in it. Nothing is stored. Raises IngestionError."""
    source = await to_thread.run_sync(files.examine, path)
    chosen = await to_thread.run_sync(formats.choose, source, options.format)
    tally, samples = await _look(database, _Input(source, chosen), options, progress)
    summary = tally.summary(path, chosen.name)
    if tally.read <= summary.rejected_count:
        raise _nothing_kept(summary)
    return FileCheck(
        format=chosen.name,
        holds=chosen.holds,
        unit=source.unit,
        encoding=source.encoding,
        read=tally.read,
        rejected_count=summary.rejected_count,
        rejected=summary.rejected,
        samples=tuple(samples),
    )


def _importer(of: _Input, options: ImportOptions) -> Importer:
    if of.format.holds == "answers":
        return FaqImporter(options.collection, options.approve, of.source.unit)
    return DialogueImporter(of.format.name, options.collection, options.approve, options.company_contacts)


async def _check(database: Database, of: _Input, options: ImportOptions, progress: Progress) -> None:
    source = of.source
    tally, _ = await _look(database, of, options, progress)
    if tally.rejected.count:
        summary = tally.summary(source.path, "")
        problem = f"was not imported, as --strict wants every {source.unit} good: {_first(summary)}"
        raise StrictImportError(source.path, problem, summary)


async def _look(
    database: Database, of: _Input, options: ImportOptions, progress: Progress
) -> tuple[Tally, list[Sample]]:
    """Read a file through: how many records it has, which of them are bad, the first good ones."""
    source, importer, tally = of.source, _importer(of, options), Tally(of.source.unit)
    samples: list[Sample] = []
    with closing(of.format.read(source)) as records:
        while batch := await to_thread.run_sync(_some, records, RECORDS_CHECKED_AT_ONCE):
            tally.read += len(batch)
            tally.rejected += await importer.check(database, batch)
            samples += _samples(batch)[: SAMPLES - len(samples)]
            progress(batch[-1].offset, source.size)
    return tally, samples


def _samples(batch: list[Record]) -> list[Sample]:
    """The first questions and answers of a FAQ; dialogues hold what customers said, which is shown to nobody."""
    pairs = [(record.fields.get("question"), record.fields.get("answer")) for record in batch if record.fields]
    return [
        Sample(question[:SAMPLE_LENGTH], answer[:SAMPLE_LENGTH])
        for question, answer in pairs[:SAMPLES]
        if isinstance(question, str) and isinstance(answer, str)
    ]


async def _store(database: Database, of: _Input, options: ImportOptions, tally: Tally, progress: Progress) -> None:
    importer = _importer(of, options)
    with closing(of.format.read(of.source)) as records:
        while batch := await to_thread.run_sync(_some, records, importer.pace.size):
            tally.read += len(batch)
            await importer.store(database, batch, tally)
            progress(batch[-1].offset, of.source.size)
    await importer.finish(database, tally)


def _some(records: Iterator[Record], count: int) -> list[Record]:
    """The next records: so many, or fewer of large ones, since all of them are in memory at once."""
    some: list[Record] = []
    size = 0
    for record in islice(records, count):
        some.append(record)
        size += record.size
        if size >= CHARACTERS_AT_ONCE:
            break
    return some


def _scaled(progress: Progress, passes_done: int, passes: int) -> Progress:
    """The progress of one pass over the file among several."""

    def hear(done: int, total: int) -> None:
        progress((passes_done * total + done) // passes, total)

    return hear


def _nothing_kept(summary: ImportSummary) -> NothingKeptError:
    if not summary.rejected:
        return NothingKeptError(summary.path, f"holds no {summary.unit}s to import")
    problem = f"has no {summary.unit} that could be kept: {_first(summary)}"
    return NothingKeptError(summary.path, problem, summary)


def _first(summary: ImportSummary) -> str:
    """What was rejected first, and how many more were."""
    first, more = summary.rejected[0], summary.rejected_count - 1
    return f"{summary.unit} {first.number}: {first.reason}" + (f" ({more} more)" if more else "")
