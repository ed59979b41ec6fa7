"""Why a file could not be imported: one sentence each, which names the file."""

from pathlib import Path

from knowledge_base.errors import KnowledgeError
from knowledge_base.ingestion.summary import ImportSummary


class IngestionError(KnowledgeError):
    """A file that could not be imported, with nothing of it stored; `summary` says what was bad, if that is known."""

    def __init__(self, path: Path, problem: str, summary: ImportSummary | None = None) -> None:
        """The sentence is made of the file's name and the problem."""
        super().__init__(f"{path} {problem}.")
        self.path = path
        self.summary = summary


class FileMissingError(IngestionError):
    """There is no such file."""


class FileUnreadableError(IngestionError):
    """The file is a folder or a device, or the operating system refuses to open it."""


class FileKindError(IngestionError):
    """The file holds something that Weaver does not read."""


class EmptyFileError(IngestionError):
    """There is nothing in the file."""


class NotUtf8Error(IngestionError):
    """The file's bytes are in an encoding that Weaver does not read."""


class GzipError(IngestionError):
    """The file is called .gz and is none, or it was cut off or damaged on its way."""


class MissingColumnsError(IngestionError):
    """A CSV file's header lacks what every row must have."""


class FormatError(IngestionError):
    """The file's format is not one that this version reads, or cannot be told."""


class NothingKeptError(IngestionError):
    """Not one record of the file is good."""


class StrictImportError(IngestionError):
    """At least one record is bad, and the file was to be stored whole or not at all."""
