"""What a request or a websocket brings with it: the running service, the address that it came from, its guesses."""

from starlette.requests import HTTPConnection

from bot.guards.attempts import Attempts
from bot.service import Service


def service_of(connection: HTTPConnection) -> Service:
    """The running service of the app that a request or a websocket came to."""
    service: Service = connection.app.state.service
    return service


def client_address(connection: HTTPConnection) -> str:
    """The network address that a connection came from."""
    return connection.client.host if connection.client else "unknown"


def attempts_of(connection: HTTPConnection) -> Attempts:
    """The guesses at passwords that this process has counted."""
    state = connection.app.state
    if not hasattr(state, "login_attempts"):
        state.login_attempts = Attempts()
    attempts: Attempts = state.login_attempts
    return attempts


def browser_of(connection: HTTPConnection) -> str:
    """What the browser says that it is."""
    return "".join(sign for sign in connection.headers.get("user-agent", "") if sign.isprintable())
