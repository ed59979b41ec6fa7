"""`weaver serve`: runs the service."""

import socket

import anyio
import click

from bot import waiting
from bot.commands.environment import Environment, pass_environment
from bot.commands.preparing import prepare
from bot.errors import BotError
from bot.serving.memory_return import leave_alone
from bot.watching import tracing
from knowledge_base import keys, schema

# Above the socket's own limit, so that a frame which is too large is answered rather than cut off.
MOST_FRAME_BYTES = 1 << 21
# Waiting for so many to be encoded takes a minute or two.
SOON_ENCODED = 2_000
# A worker that is silent for so long is replaced; one that loads a large memory is silent for a while.
WORKER_SECONDS = 120
ONE_PROCESS = "with SQLite one process serves; several need PostgreSQL (WEAVER_DATABASE_URL)."


class PortInUseError(BotError):
    """Another program listens on the address."""

    def __init__(self, host: str, port: int, reason: str) -> None:
        super().__init__(
            f"The address {host}:{port} cannot be used: {reason}. Choose another with --port or WEAVER_PORT."
        )


@click.command("serve")
@click.option("--host", help="The address to listen on.  [default: WEAVER_HOST, 127.0.0.1]")
@click.option("--port", type=click.IntRange(0, 65535), help="The port to listen on.  [default: WEAVER_PORT, 8000]")
@click.option(
    "--workers",
    type=click.IntRange(1),
    default=1,
    show_default=True,
    help="Processes that serve; more need PostgreSQL.",
)
@pass_environment
def serve(environment: Environment, *, host: str | None, port: int | None, workers: int) -> None:
    """Run the service until it is interrupted."""
    settings = environment.settings
    if workers > 1 and not settings.database.startswith("postgres"):
        raise click.BadParameter(ONE_PROCESS, param_hint="--workers")
    host, port = host or settings.host, settings.port if port is None else port
    schema.check(settings.database)
    # The socket is bound before the model is loaded, so that a taken port is told at once.
    listener = bind(host, port)
    if workers == 1:
        tracing.configure()
    import uvicorn  # noqa: PLC0415 - not needed to tell what is wrong
    from uvicorn.supervisors import Multiprocess  # noqa: PLC0415

    from bot.app import create_app  # noqa: PLC0415

    encoders = environment.open_encoders_for_serving()
    count = anyio.run(prepare_missing, environment)
    if count:
        click.echo(waiting.sentence(count), err=True)
    app = create_app(settings, encoders, when_ready=leave_alone) if workers == 1 else "bot.commands.worker:make_app"
    config = uvicorn.Config(
        app,
        factory=workers > 1,
        workers=workers,
        ws="websockets-sansio",
        ws_max_size=MOST_FRAME_BYTES,
        # Frames are short: to compress them takes longer than to send them.
        ws_per_message_deflate=False,
        # Its lines go where ours go, in the same form.
        log_config=None,
        log_level="warning",
        server_header=False,
        timeout_graceful_shutdown=10,
        timeout_worker_healthcheck=WORKER_SECONDS,
    )
    click.echo(f"Weaver serves on http://{host}:{listener.getsockname()[1]}", err=True)
    if workers == 1:
        uvicorn.Server(config).run(sockets=[listener])
    else:
        Multiprocess(config, sockets=[listener]).run()


async def prepare_missing(environment: Environment) -> int:
    """Encode the positions that lack keys of the environment's encoders, but for many beside others that have them.

    Returns how many were left: what is ready can be served meanwhile.
    """
    async with environment.open_database() as database:
        encoders = [encoder.version for encoder in await environment.active_encoders(database)]
        async with database.reading() as session:
            count = await keys.count_waiting(session, encoders)
            if count > SOON_ENCODED and await keys.begun(session, encoders):
                return count
        if count:
            await prepare(environment, database)
    return 0


def bind(host: str, port: int) -> socket.socket:
    """A listening socket's address, taken. Raises PortInUseError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise PortInUseError(host, port, (error.strerror or str(error)).lower()) from None
    listener.set_inheritable(True)
    return listener
