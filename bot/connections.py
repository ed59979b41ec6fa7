"""What a request or a websocket brings with it: the running service, and the address that it came from."""

from starlette.requests import HTTPConnection

from bot.service import Service


def service_of(connection: HTTPConnection) -> Service:
    """The running service of the app that a request or a websocket came to."""
    service: Service = connection.app.state.service
    return service


def client_address(connection: HTTPConnection) -> str:
    """The network address that a connection came from."""
    return connection.client.host if connection.client else "unknown"
