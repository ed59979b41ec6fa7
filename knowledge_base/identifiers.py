"""Primary keys made by the program: UUIDv7, so they sort by time and need no database sequence."""

from uuid import UUID

from uuid_utils.compat import uuid7


def new_id() -> UUID:
    """A new time-ordered identifier (RFC 9562, version 7)."""
    return uuid7()


def parse_id(text: str) -> UUID | None:
    """The identifier that a text spells, or None when it spells none."""
    try:
        return UUID(text)
    except ValueError:
        return None
