"""One of several processes of `weaver serve --workers`: its app, as the environment describes it."""

from typing import TYPE_CHECKING

from bot.commands.environment import open_encoders
from bot.serving.memory_return import leave_alone
from bot.settings import Settings
from bot.watching import logs, tracing

if TYPE_CHECKING:
    from fastapi import FastAPI


def make_app() -> "FastAPI":
    """The service with encoders of its own. Raises ModelError, TracingMissingError."""
    from bot.app import create_app  # noqa: PLC0415 - it needs ONNX Runtime

    settings = Settings()
    logs.configure(settings.log)
    tracing.configure()
    return create_app(settings, open_encoders(settings.encoders), when_ready=leave_alone)
