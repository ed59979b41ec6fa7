"""One of several processes of `weaver serve --workers`: its app, as the environment describes it."""

from typing import TYPE_CHECKING

from bot.commands.environment import configure_logging, open_encoders
from bot.settings import Settings

if TYPE_CHECKING:
    from fastapi import FastAPI


def make_app() -> "FastAPI":
    """The service with encoders of its own. Raises ModelError."""
    from bot.app import create_app  # noqa: PLC0415 - it needs ONNX Runtime

    configure_logging()
    settings = Settings()
    return create_app(settings, open_encoders(settings.encoders))
