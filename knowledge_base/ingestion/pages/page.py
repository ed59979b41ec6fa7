"""A page's questions and answers as lines of a FAQ."""

from collections.abc import Generator

from knowledge_base.ingestion import files
from knowledge_base.ingestion.errors import FormatError
from knowledge_base.ingestion.files import SourceFile
from knowledge_base.ingestion.kinds import Kind
from knowledge_base.ingestion.pages import linked_data, markdown, sections
from knowledge_base.ingestion.pages.entries import lines_of
from knowledge_base.ingestion.records import Record
from weaver_core.texts.normalization import clean

INTRODUCTIONS = "introductions"


def read(source: SourceFile) -> Generator[Record]:
    """The lines of a FAQ that a page makes. A page is read whole. Raises FormatError."""
    with files.text(source) as (stream, _):
        text = stream.read(files.LINE_LIMIT + 1)
    if len(text) > files.LINE_LIMIT:
        raise FormatError(source.path, f"is a page longer than {files.LINE_LIMIT // (1024 * 1024)} MB")
    cleaned = clean(text)
    html = markdown.html_of(cleaned.text) if source.kind is Kind.MARKDOWN else cleaned.text
    page = sections.page_of(html)
    entries = linked_data.entries_of(page.linked_data) or page.entries
    if not entries:
        raise FormatError(source.path, "has no heading, definition or summary with an answer below it")
    name = page.canonical or source.path.name.removesuffix(".gz")
    left_out = {INTRODUCTIONS: page.introductions} if page.introductions and entries is page.entries else {}
    stripped = cleaned.stripped
    for number, (entry, fields) in enumerate(lines_of(name, page.title, entries), start=1):
        place = entry.line or number if source.kind is Kind.MARKDOWN else number
        yield Record(place, source.size, fields, stripped=stripped, left_out=left_out)
        stripped, left_out = 0, {}
