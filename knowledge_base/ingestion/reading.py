"""A file's records as they stand in it, whatever its kind."""

from collections.abc import Generator

from knowledge_base.ingestion import csv_rows, json_lines
from knowledge_base.ingestion.files import SourceFile
from knowledge_base.ingestion.kinds import Kind
from knowledge_base.ingestion.records import Record


def read(source: SourceFile) -> Generator[Record]:
    """The records in order, in constant memory."""
    return csv_rows.read(source) if source.kind is Kind.CSV else json_lines.read(source)
