"""The fields of a line, checked one by one; what is wrong with one is said in plain words."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import cast

from knowledge_base.ingestion.records import Fields
from weaver_core.texts.normalization import clean

TEXT_LIMIT = 100_000
NAME_LIMIT = 255
LABEL_LIMIT = 64
_LANGUAGE = re.compile(r"([A-Za-z]{2,3})(?:[-_][A-Za-z0-9]+)*")
_DATE_ONLY = re.compile(r"\d{4}-?\d{2}-?\d{2}")
_TAG_SEPARATOR = re.compile(r"[;,；，]")


class FieldError(Exception):
    """Why a line is not kept. Never leaves this package: it becomes a rejection."""


@dataclass(slots=True)
class FieldReader:
    """Reads one line's fields and counts the control characters that it strips from them."""

    fields: Fields
    stripped: int = field(default=0)

    def has(self, name: str) -> bool:
        """Whether the line says anything about a field."""
        return self.fields.get(name) not in (None, "", [])

    def text(self, name: str, limit: int = TEXT_LIMIT) -> str:
        """A text that must be there. Raises FieldError."""
        found = self.optional_text(name, limit)
        if found is None:
            raise FieldError(f"{name} is missing" if self.fields.get(name) is None else f"{name} is empty")
        return found

    def optional_text(self, name: str, limit: int = TEXT_LIMIT) -> str | None:
        """A text, None when the line has none. Raises FieldError when it is something else or too long."""
        value = self.fields.get(name)
        return None if value is None else self.clean(name, value, limit) or None

    def identifier(self, name: str) -> str | None:
        """An id: a text or a whole number. Raises FieldError."""
        value = self.fields.get(name)
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        return None if value is None else self.clean(name, value, NAME_LIMIT) or None

    def clean(self, name: str, value: object, limit: int = TEXT_LIMIT) -> str:
        """A value as text without control characters. Raises FieldError when it is no text or too long."""
        if not isinstance(value, str):
            raise FieldError(f"{name} is not a text")
        cleaned = clean(value)
        self.stripped += cleaned.stripped
        if len(cleaned.text) > limit:
            raise FieldError(f"{name} is longer than {limit:,} characters")
        return cleaned.text

    def language(self) -> str | None:
        """The language's code without its region. Raises FieldError."""
        code = self.optional_text("language", LABEL_LIMIT)
        if code is None:
            return None
        match = _LANGUAGE.fullmatch(code)
        if match is None:
            raise FieldError(f"language is {code!r}; it must be a code such as en or zh")
        return match[1].lower()

    def tags(self) -> tuple[str, ...]:
        """Tags: a list of texts, or one text with ; or , between them. Raises FieldError."""
        value = self.fields.get("tags")
        if value is None:
            return ()
        if not isinstance(value, str | list):
            raise FieldError("tags is not a list of texts")
        parts = _TAG_SEPARATOR.split(value) if isinstance(value, str) else cast("list[object]", value)
        cleaned = [self.clean("a tag", part, LABEL_LIMIT) for part in parts]
        return tuple(dict.fromkeys(tag for tag in cleaned if tag))

    def moment(self, name: str) -> datetime | None:
        """An ISO 8601 date or time, in UTC where it names no zone. Raises FieldError."""
        value = self.optional_text(name)
        return None if value is None else moment(name, value)

    def end(self, name: str) -> datetime | None:
        """The moment at which something ends: a bare date includes its day. Raises FieldError."""
        value, found = self.optional_text(name), self.moment(name)
        if value is None or found is None or not _DATE_ONLY.fullmatch(value):
            return found
        try:
            return found + timedelta(days=1)
        except OverflowError:
            return found


def moment(name: str, value: str) -> datetime:
    """The moment that an ISO 8601 text names, in UTC. Raises FieldError, which calls the field by this name."""
    try:
        read = datetime.fromisoformat(value)
        return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)
    except (ValueError, OverflowError):
        raise FieldError(f"{name} is not a date: {value[:40]!r}") from None
