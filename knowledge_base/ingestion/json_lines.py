"""JSON lines as records: one object a line."""

import json
from collections.abc import Generator
from typing import TextIO, cast

from knowledge_base.ingestion import files
from knowledge_base.ingestion.files import CHUNK, SourceFile
from knowledge_base.ingestion.records import Fields, Record
from weaver_core.texts.normalization import Clean, clean


def read(source: SourceFile) -> Generator[Record]:
    """The file's lines in order, blank ones left out."""
    number = 0
    with files.text(source) as (stream, raw):
        while line := stream.readline(files.LINE_LIMIT + 1):
            number += 1
            if len(line) > files.LINE_LIMIT:
                _skip_line(stream, line)
                yield Record(number, raw.tell(), problem=too_long())
            elif (cleaned := clean(line)).text:
                yield _record(number, raw.tell(), cleaned)


def too_long() -> str:
    """Why something that is longer than what is held in memory is passed over."""
    return f"it is longer than {files.LINE_LIMIT // (1024 * 1024)} MB"


def problem_of(error: ValueError | RecursionError) -> str:
    """Why a text is not read as JSON."""
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    detail = error.msg if isinstance(error, json.JSONDecodeError) else "a number is too long"
    return f"it is not JSON ({detail})"


def _record(number: int, offset: int, cleaned: Clean) -> Record:
    try:
        value: object = json.loads(cleaned.text, strict=False)
    except (ValueError, RecursionError) as error:
        return Record(number, offset, problem=problem_of(error))
    if not isinstance(value, dict):
        return Record(number, offset, problem="it is not a JSON object")
    return Record(number, offset, cast("Fields", value), stripped=cleaned.stripped, size=len(cleaned.text))


def _skip_line(stream: TextIO, line: str) -> None:
    while line and not line.endswith("\n"):
        line = stream.readline(CHUNK)
