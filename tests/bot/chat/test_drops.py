"""Whatever drops, doubles or comes late: a widget renders every message exactly once."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import anyio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.settings import Settings
from tests.bot.chat_client import ChatClient, Frame, open_chat
from tests.bot.running_server import RunningServer, run_server
from tests.bot.script import Script
from weaver_core.encoders.encoder import OnnxEncoder


@dataclass
class Widget:
    """What a widget keeps: what it has rendered, by seq, and what it has not seen acknowledged."""

    rendered: dict[int, str] = field(default_factory=dict)
    outbox: dict[str, str] = field(default_factory=dict)
    conversation_id: str = ""
    token: str = ""
    sent: int = 0

    @property
    def last_seq(self) -> int:
        """The highest seq up to which everything is there."""
        seq = 0
        while seq + 1 in self.rendered:
            seq += 1
        return seq

    def write(self) -> None:
        """The customer writes something new."""
        self.sent += 1
        self.outbox[f"c{self.sent}"] = f"question {self.sent}"

    def take(self, frame: Frame, before_reconnect: int) -> None:
        """Render what comes; what is rendered already must not come again on one connection."""
        if frame["type"] == "ack":
            text = self.outbox.pop(frame["client_id"], None)
            if text is not None:
                assert self.rendered.setdefault(frame["seq"], text) == text
        elif frame["type"] in ("message", "status"):
            assert frame["seq"] > before_reconnect, "an event that the client said it had"
            event: str = frame["text"] if frame["type"] == "message" else frame["mode"]
            assert self.rendered.setdefault(frame["seq"], event) == event
            self.outbox.pop(frame.get("client_id", ""), None)


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("write"), st.integers(1, 3)),
        st.tuples(st.just("send twice"), st.just(0)),
        st.tuples(st.just("read"), st.integers(1, 4)),
        st.tuples(st.just("drop"), st.just(0)),
        st.tuples(st.just("other tab"), st.just(0)),
    ),
    min_size=3,
    max_size=14,
)


@pytest.fixture(scope="module")
def patient_server(
    encoder: OnnxEncoder, migrated_sqlite: bytes, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningServer]:
    """One server for all examples, without limits on how fast a conversation goes."""
    folder = tmp_path_factory.mktemp("drops")
    (folder / "weaver.db").write_bytes(migrated_sqlite)
    given_settings = Settings.model_validate(
        {"home": folder, "database_url": "", "messages_a_second": 1e6, "message_burst": 10**6}
    )
    with run_server(given_settings, encoder, Script([]).respond) as server:
        yield server


@settings(max_examples=40, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_a_dropped_socket_renders_every_message_exactly_once(
    patient_server: RunningServer, steps: list[tuple[str, int]]
) -> None:
    anyio.run(play, patient_server.chat_url, steps)


async def play(url: str, steps: list[tuple[str, int]]) -> None:
    """One customer's visit, step by step; then a calm ending in which everything must have come once."""
    widget, other_tabs = Widget(), 0
    remaining = list(steps)
    while remaining:
        async with open_chat(url) as client:
            before = await enter(client, widget)
            while remaining and (step := remaining.pop(0))[0] != "drop":
                if step[0] == "other tab":
                    other_tabs += 1
                    await write_in_another_tab(url, widget, f"tab{other_tabs}")
                await carry_out(client, widget, step, before)
    async with open_chat(url) as client:
        before = await enter(client, widget)
        while len(said := [text for text in widget.rendered.values() if text.startswith("question")]) < widget.sent:
            widget.take(await client.receive(), before)
        expected = 2 * (widget.sent + other_tabs)
        while widget.last_seq < expected + (1 if expected else 0):
            widget.take(await client.receive(), before)
        # What was sent again is acknowledged again, perhaps only after everything was replayed; nothing else may come.
        for late in await client.quiet():
            assert late["type"] == "ack", late
            widget.take(late, before)
    assert sorted(said) == sorted(f"question {number}" for number in range(1, widget.sent + 1))
    assert widget.outbox == {}
    assert sorted(widget.rendered) == list(range(1, widget.last_seq + 1))


async def enter(client: ChatClient, widget: Widget) -> int:
    """Say hello as a widget does, and send again what has no ack. Returns the seq that it said it had."""
    before = widget.last_seq
    known = {"conversation_id": widget.conversation_id, "token": widget.token} if widget.token else {}
    welcome = await client.hello(last_seq=before, **known)
    widget.conversation_id, widget.token = welcome["conversation_id"], welcome["token"]
    await send_outbox(client, widget)
    return before


async def send_outbox(client: ChatClient, widget: Widget) -> None:
    """Send everything that has no ack yet."""
    for client_id, text in widget.outbox.items():
        await client.send(type="message", client_id=client_id, text=text)


async def carry_out(client: ChatClient, widget: Widget, step: tuple[str, int], before: int) -> None:
    """One step on a live connection."""
    name, number = step
    if name == "write":
        for _ in range(number):
            widget.write()
        await send_outbox(client, widget)
    elif name == "send twice":
        await send_outbox(client, widget)
    elif name == "read":
        await client.send(type="ping")
        for _ in range(number):
            frame = await client.receive()
            widget.take(frame, before)
            if frame["type"] == "pong":
                break


async def write_in_another_tab(url: str, widget: Widget, client_id: str) -> None:
    """The same customer writes in another tab."""
    async with open_chat(url) as tab:
        await tab.hello(conversation_id=widget.conversation_id, token=widget.token, last_seq=widget.last_seq)
        await tab.say("from another tab", client_id)
