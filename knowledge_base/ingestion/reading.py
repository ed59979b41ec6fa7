"""A file's records as they stand in it, whatever its kind."""

from collections.abc import Generator

from knowledge_base.ingestion import csv_rows, json_documents, json_lines
from knowledge_base.ingestion.files import SourceFile
from knowledge_base.ingestion.kinds import Kind
from knowledge_base.ingestion.records import Record

_READERS = {Kind.LINES: json_lines.read, Kind.DOCUMENT: json_documents.read, Kind.CSV: csv_rows.read}


def read(source: SourceFile) -> Generator[Record]:
    """The records in order, in constant memory."""
    return _READERS[source.kind](source)
