"""When something was said, as exports write it: ISO 8601, its looser relatives, seconds or milliseconds since 1970."""

import re
from datetime import UTC, datetime, timedelta

from knowledge_base.ingestion.fields import FieldError

# Seconds since 1970 stay below this for another three thousand years; milliseconds have been above it since April 1970.
_MOST_SECONDS = 10**11
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NUMBER = re.compile(r"-?\d{9,16}(?:\.\d+)?")
# 2024/5/1 9:05, 2024年5月1日 9:05:30, 2024.05.01: the year first, so that day and month cannot be confused.
_LOOSE = re.compile(
    r"(\d{4})\s?[-/.年]\s?(\d{1,2})\s?[-/.月]\s?(\d{1,2})日?"
    r"(?:[T\s]+(上午|下午|晚上)?\s?(\d{1,2})[:：时](\d{1,2})(?:[:：分](\d{1,2})(?:\.\d+)?秒?)?分?\s*(?:(AM|PM))?)?"
    r"\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2})?",
    re.IGNORECASE,
)
_TWO_WAYS = re.compile(r"\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}(?:\D.*)?")
_AFTERNOON = ("下午", "晚上", "PM")
_NOON = 12


def utc(name: str, value: object) -> str | None:
    """A moment in UTC as ISO 8601, None for none. A time without a zone is taken as UTC.

    Raises FieldError, which calls the field by this name.
    """
    if value is None or value == "" or isinstance(value, bool):
        return None
    if isinstance(value, int | float) or (isinstance(value, str) and _NUMBER.fullmatch(value.strip())):
        return _since_1970(name, float(value))
    if not isinstance(value, str):
        raise FieldError(f"{name} is not a date")
    return _read(name, value.strip())


def _since_1970(name: str, number: float) -> str:
    seconds = number / 1000 if abs(number) >= _MOST_SECONDS else number
    try:
        return (_EPOCH + timedelta(seconds=seconds)).isoformat()
    except OverflowError:
        raise FieldError(f"{name} is not a date: {number:.0f}") from None


def _read(name: str, value: str) -> str:
    try:
        read = datetime.fromisoformat(value)
    except ValueError:
        read = _loose(name, value)
    try:
        return (read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)).isoformat()
    except OverflowError:
        raise FieldError(f"{name} is not a date: {value[:40]!r}") from None


def _loose(name: str, value: str) -> datetime:
    match = _LOOSE.fullmatch(value)
    if match is None and _TWO_WAYS.fullmatch(value):
        raise FieldError(f"{name} can be read in two ways: {value[:40]!r}; write the year first")
    if match is None:
        raise FieldError(f"{name} is not a date: {value[:40]!r}")
    year, month, day, before, hour, minute, second, after, zone = match.groups()
    hours = int(hour or 0)
    half = before or (after or "").upper()
    if half:
        hours = hours % _NOON + (_NOON if half in _AFTERNOON else 0)
    spelled = f"{year}-{int(month):02}-{int(day):02}T{hours:02}:{int(minute or 0):02}:{int(second or 0):02}"
    named = (zone or "").upper()
    try:
        return datetime.fromisoformat(spelled + ("+00:00" if named in ("Z", "UTC", "GMT") else named))
    except ValueError:
        raise FieldError(f"{name} is not a date: {value[:40]!r}") from None
