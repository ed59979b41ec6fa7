"""Logs on standard error: lines for people, or a JSON object a line. No text of a customer's is ever in one."""

import logging
from enum import StrEnum
from typing import TYPE_CHECKING, TextIO

import structlog

if TYPE_CHECKING:
    from structlog.typing import Processor


class LogForm(StrEnum):
    """How a line of the log is written."""

    TEXT = "text"
    JSON = "json"


def configure(form: LogForm = LogForm.TEXT, stream: TextIO | None = None) -> None:
    """Write the logs of Weaver and of its libraries to standard error, or a stream; standard output is for results."""
    shared: list[Processor] = [structlog.contextvars.merge_contextvars]
    shown: Processor = structlog.processors.KeyValueRenderer(key_order=["event"])
    if form is LogForm.JSON:
        shared += [
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
        ]
        shown = structlog.processors.JSONRenderer(ensure_ascii=False)
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter("%(levelname)s %(name)s %(message)s"))
    if form is LogForm.JSON:
        bare = structlog.stdlib.ProcessorFormatter.remove_processors_meta
        handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=[bare, shown]))
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    wrapped = structlog.stdlib.ProcessorFormatter.wrap_for_formatter
    structlog.configure(
        processors=[*shared, wrapped if form is LogForm.JSON else shown],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
