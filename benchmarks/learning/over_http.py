"""The same simulated customers over HTTP: a real server, a visitor's token for each, a reviewer's key."""

import socket
import tempfile
import threading
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import anyio
import httpx2
import uvicorn

from benchmarks.learning import installation
from benchmarks.learning.simulation import Mode, Simulated, State, accuracy, simulate
from benchmarks.learning.world import Voters, World
from bot.app import create_app, open_service
from knowledge_base import api_keys
from knowledge_base.accounts import AccountRole
from knowledge_base.database import Database
from weaver_core.encoders.encoder import Encoder

TURNS, VOTERS = 500, Voters(0.1)
HOST = "127.0.0.1"


def compared(world: World, encoders: Sequence[Encoder]) -> str:
    """500 turns over HTTP and the same in process, as a table: they are to come to the same."""
    short = replace(world, turns=world.turns[:TURNS])
    with tempfile.TemporaryDirectory() as folder:
        inside = anyio.run(simulate, Simulated(short, Mode("in process"), VOTERS, encoders), Path(folder), _silent)
    with tempfile.TemporaryDirectory() as folder:
        outside = over_http(short, Path(folder), encoders)
    rows = [_row("in process", inside), _row("over HTTP", outside)]
    heading = "| 500 turns | right | thumbs up | corrections | refused | accuracy@1 before | after |"
    return "\n".join([heading, "|---|---|---|---|---|---|---|", *rows])


def _silent(line: str) -> None:
    """The table says it all."""
    del line


def _row(name: str, state: State) -> str:
    before, after = state.accuracies[0], state.accuracies[-1]
    counts = f"{state.right} | {state.ups} | {state.corrections} | {state.refused}"
    return f"| {name} | {counts} | {before:.4f} | {after:.4f} |"


def over_http(world: World, folder: Path, encoders: Sequence[Encoder]) -> State:
    """All turns of a world through a server's REST API."""
    anyio.run(installation.install, folder, world, encoders)
    state = State()
    state.accuracies.append(anyio.run(_measure, world, folder, encoders))
    key = anyio.run(_add_key, folder)
    with _server(folder, encoders) as url, httpx2.Client(base_url=f"{url}/api/v1", timeout=60) as http:
        for number in range(len(world.turns)):
            _turn(http, world, number, key, state)
    state.accuracies.append(anyio.run(_measure, world, folder, encoders))
    return state


def _turn(http: httpx2.Client, world: World, number: int, key: str, state: State) -> None:
    asked, drawn = world.turns[number], VOTERS.chances(world.seed, number)
    opened = _post(http, "/conversations", {"external_id": f"visitor-{number}"}, key)
    path = f"/conversations/{opened['id']}/messages"
    reply = _post(http, path, {"client_id": "1", "text": asked.text}, opened["token"])["reply"]
    right = reply["answer_id"] == asked.answer_id
    state.turns, state.right = number + 1, state.right + right
    up = right != drawn.wrong
    state.ups += up
    judged = f"/messages/{reply['id']}/feedback"
    _post(http, judged, {"rating": "up" if up else "down"}, opened["token"])
    if up or not drawn.corrected:
        return
    body = {"rating": "down", "correction": {"answer_id": asked.answer_id}}
    if http.post(judged, json=body, headers=_bearer(key)).is_success:
        state.corrections += 1
    else:
        state.refused += 1


def _post(http: httpx2.Client, path: str, body: dict[str, Any], token: str) -> dict[str, Any]:
    answered = http.post(path, json=body, headers=_bearer(token))
    answered.raise_for_status()
    document: dict[str, Any] = answered.json()
    return document


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def _measure(world: World, folder: Path, encoders: Sequence[Encoder]) -> float:
    async with open_service(installation.settings_of(folder), encoders) as service:
        return await accuracy(world.test, service.respond)


async def _add_key(folder: Path) -> str:
    database = Database(installation.settings_of(folder).database)
    try:
        async with database.writing() as session:
            return await api_keys.add(session, "reviewer", AccountRole.REVIEWER, "benchmark")
    finally:
        await database.close()


@contextmanager
def _server(folder: Path, encoders: Sequence[Encoder]) -> Generator[str]:
    """The service on a free port; yields its address."""
    listener = socket.create_server((HOST, 0))
    app = create_app(installation.settings_of(folder), encoders)
    server = uvicorn.Server(uvicorn.Config(app, ws="websockets-sansio", log_level="warning"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        while not server.started:
            if not thread.is_alive():
                raise RuntimeError("The server did not start; its log says why.")
            time.sleep(0.01)
        yield f"http://{HOST}:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listener.close()
