"""Fields that every face takes: text as people type it, with whatever characters it comes."""

import re
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BeforeValidator, Field

from weaver_core.texts.normalization import clean

MOST_ATTACHMENTS = 4

# Half a surrogate pair is no character: neither pydantic nor a database takes it. A NUL stands in for it, which
# `clean` then strips and counts like any other control character.
_HALVES = re.compile(r"[\ud800-\udfff]")


def _without_halves(value: object) -> object:
    return _HALVES.sub("\0", value) if isinstance(value, str) else value


def _clean(value: object) -> object:
    return clean(value).text if isinstance(value, str) else value


def _once(value: list[UUID]) -> list[UUID]:
    if len(set(value)) < len(value):
        raise ValueError("must not name one attachment twice")
    return value


def _exact(value: object) -> object:
    if isinstance(value, str) and clean(value).text != value:
        raise ValueError("must not begin or end with a blank, nor hold a control character")
    return value


Text = Annotated[str, BeforeValidator(_without_halves)]
"""A text whose unwanted characters the use case strips and counts."""
Line = Annotated[str, BeforeValidator(_clean)]
"""A text without its unwanted characters."""
Name = Annotated[str, BeforeValidator(_exact), Field(min_length=1)]
"""A name that a program made up; it is kept as it is or refused."""
ClientId = Annotated[Name, Field(max_length=128)]
Locale = Annotated[Line, Field(max_length=64)]
Reason = Annotated[Line, Field(max_length=32)]
Attachments = Annotated[list[UUID], AfterValidator(_once), Field(max_length=MOST_ATTACHMENTS)]
Comment = Annotated[Line, Field(max_length=4000)]
