"""The real app under a real uvicorn, in a thread or, to be killed, in a process of its own."""

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import uvicorn

from bot.app import create_app
from bot.reply import Respond
from bot.settings import Settings
from weaver_core.encoders.encoder import Encoder

ROOT = Path(__file__).resolve().parents[2]
HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class RunningServer:
    """Where a server is."""

    port: int
    settings: Settings

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://{HOST}:{self.port}"

    @property
    def chat_url(self) -> str:
        """The address of its websocket."""
        return f"ws://{HOST}:{self.port}/ws/chat"


@contextmanager
def run_server(settings: Settings, encoder: Encoder, respond: Respond | None = None) -> Iterator[RunningServer]:
    """The service in a thread, on a free port."""
    listener = socket.create_server((HOST, 0))
    config = uvicorn.Config(
        create_app(settings, [encoder], respond),
        ws="websockets-sansio",
        ws_max_size=1 << 21,
        log_config=None,
        log_level="warning",
        timeout_graceful_shutdown=5,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive(), "the server did not start; its log says why"
            time.sleep(0.01)
        yield RunningServer(listener.getsockname()[1], settings)
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


@contextmanager
def start_process(
    database_url: str, encoder_folder: Path, answers_after: float = 0.0, variables: Mapping[str, str] | None = None
) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The service in a process. Yields it with the address of its websocket. It thinks about each turn so long."""
    environment = {**os.environ, "WEAVER_DATABASE_URL": database_url, "TEST_ENCODER": str(encoder_folder)}
    environment |= {"TEST_ANSWERS_AFTER": str(answers_after), **(variables or {})}
    command = [sys.executable, "-m", "tests.bot.server_process"]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            port = process.stdout.readline().strip()
            yield process, f"ws://{HOST}:{port}/ws/chat"
        finally:
            process.kill()
