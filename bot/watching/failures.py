"""An unexpected error as a log may tell it: its kind and place, not what it says, which may be a customer's words."""

import traceback
from collections.abc import Iterator
from types import TracebackType
from typing import cast

Caught = tuple[type[BaseException], BaseException, TracebackType | None]


def told(exc_info: Caught) -> str:
    """An error and those that led to it, the first one first, each with the places that it passed."""
    return "".join(_told(exc_info[1], set())).rstrip("\n")


def _told(error: BaseException, seen: set[int]) -> Iterator[str]:
    seen.add(id(error))
    earlier = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if earlier is not None and id(earlier) not in seen:
        yield from _told(earlier, seen)
    yield from traceback.format_tb(error.__traceback__)
    kind = type(error)
    # What the operating system says is its own words: no space left, permission denied.
    reason = f": {error.strerror}" if isinstance(error, OSError) and error.strerror else ""
    yield f"{kind.__module__}.{kind.__qualname__}{reason}\n"
    if isinstance(error, BaseExceptionGroup):
        for inner in cast("BaseExceptionGroup[BaseException]", error).exceptions:
            if id(inner) not in seen:
                yield from _told(inner, seen)
