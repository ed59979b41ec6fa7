"""A server that a test may kill: `python -m tests.bot.server_process` prints its port once it serves."""

import os
import socket
import sys
from pathlib import Path

import anyio
import uvicorn

from bot.app import create_app
from bot.reply import Decision, Query, Reply
from bot.settings import Settings
from bot.turns import conversation
from weaver_core.encoders.encoder import OnnxEncoder


async def respond(query: Query) -> Reply:
    """Hand everything off, after as long as the test wants, and once the file is there that it names."""
    del query
    await anyio.sleep(float(os.environ["TEST_ANSWERS_AFTER"]))
    if held_back_until := os.environ.get("TEST_ANSWERS_ONCE"):
        while not await anyio.Path(held_back_until).exists():
            await anyio.sleep(0.02)
    return Reply(Decision.HANDOFF, 0.1, (), "en", "v1", None, "unsure")


def main() -> None:
    """Serve until killed."""
    listener = socket.create_server(("127.0.0.1", 0))
    encoder = OnnxEncoder(Path(os.environ["TEST_ENCODER"]))
    app = create_app(Settings(), [encoder], respond)
    sys.stdout.write(f"{listener.getsockname()[1]}\n")
    sys.stdout.flush()
    conversation.DRAIN_SECONDS = float(os.environ.get("TEST_DRAIN", conversation.DRAIN_SECONDS))
    config = uvicorn.Config(app, ws="websockets-sansio", log_level="error", timeout_graceful_shutdown=10)
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
