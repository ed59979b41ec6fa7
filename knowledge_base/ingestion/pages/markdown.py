"""Markdown as HTML, whose headings know the line that they stand in."""

import re

from markdown_it import MarkdownIt

from knowledge_base.ingestion.pages.sections import LINE_ATTRIBUTE

# What some site generators write above a page: settings of theirs, between two lines of dashes or pluses.
_FRONT_MATTER = re.compile(r"\A(---|\+\+\+)[^\S\n]*\n(?:.*\n)*?\1[^\S\n]*(?:\n|\Z)")


def html_of(text: str) -> str:
    """The HTML that a page in Markdown (CommonMark with tables) stands for."""
    markdown = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    tokens = markdown.parse(_FRONT_MATTER.sub(_blanked, text))
    for token in tokens:
        if token.type == "heading_open" and token.map:
            token.attrSet(LINE_ATTRIBUTE, str(token.map[0] + 1))
    return str(markdown.renderer.render(tokens, markdown.options, {}))


def _blanked(front_matter: re.Match[str]) -> str:
    """As many lines, so that those below keep their numbers."""
    return "\n" * front_matter[0].count("\n")
