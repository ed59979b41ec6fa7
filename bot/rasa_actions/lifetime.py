"""The process's one client: made at first use, closed when the action server stops."""

import sys
from functools import cache
from typing import Any

import pluggy
from pydantic import ValidationError
from rasa_sdk.plugin import plugin_manager
from sanic import Sanic

from bot.rasa_actions.client import ClientSettings, WeaverClient, WeaverUnavailableError

PLUGIN = "weaver"

_hookimpl = pluggy.HookimplMarker("rasa_sdk")


@cache
def _open_client() -> WeaverClient:
    return WeaverClient(ClientSettings())


def client() -> WeaverClient:
    """The process's client. Raises WeaverUnavailableError, with the variable's name, when a setting is not usable."""
    try:
        return _open_client()
    except ValidationError as error:
        first = error.errors()[0]
        name = "_".join(str(part) for part in first["loc"]).upper()
        raise WeaverUnavailableError(f"WEAVER_{name} is not usable: {first['msg']}.") from error


async def close_client(_app: Sanic[Any, Any]) -> None:
    """Close the client if there is one; the next use opens another."""
    if _open_client.cache_info().currsize:
        opened = _open_client()
        _open_client.cache_clear()
        await opened.close()


@_hookimpl
def attach_sanic_app_extensions(app: Sanic[Any, Any]) -> None:
    """The SDK's own place for what lives as long as its server."""
    app.register_listener(close_client, "after_server_stop")


# The SDK finds actions by their class and extensions by this registry; both are declarations, and nothing runs yet.
if not plugin_manager().has_plugin(PLUGIN):
    plugin_manager().register(sys.modules[__name__], PLUGIN)
