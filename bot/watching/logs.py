"""Logs on standard error: lines for people, or a JSON object a line. No text of a customer's is ever in one."""

import logging
from enum import StrEnum
from typing import TYPE_CHECKING, TextIO

import structlog

from bot.watching.failures import told

if TYPE_CHECKING:
    from structlog.typing import EventDict, Processor, WrappedLogger


class LogForm(StrEnum):
    """How a line of the log is written."""

    TEXT = "text"
    JSON = "json"


def configure(form: LogForm = LogForm.TEXT, stream: TextIO | None = None) -> None:
    """Write the logs of Weaver and of its libraries to standard error, or a stream; standard output is for results."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.ExceptionRenderer(told),
    ]
    shown: Processor = _line
    if form is LogForm.JSON:
        shared.append(structlog.processors.TimeStamper(fmt="iso", utc=True))
        shown = structlog.processors.JSONRenderer(ensure_ascii=False)
    handler = logging.StreamHandler(stream)
    bare = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=[bare, shown]))
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )


def _line(_logger: "WrappedLogger", _method: str, event: "EventDict") -> str:
    """What happened, then what is known of it, then where it failed."""
    level, name, what = str(event.pop("level")).upper(), event.pop("logger"), event.pop("event")
    failure = event.pop("exception", "")
    known = "".join(f" {key}={value!r}" for key, value in event.items())
    return f"{level} {name} {what}{known}" + (f"\n{failure}" if failure else "")
