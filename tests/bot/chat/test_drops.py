"""Whatever drops, doubles or comes late: a widget renders every message exactly once."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field

import anyio
import anyio.to_thread
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot import feed
from bot.settings import Settings
from tests.bot.chat_client import ChatClient, Frame, open_chat
from tests.bot.running_server import run_server
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
        st.tuples(st.just("slow"), st.sampled_from([1, 1, 1, 6])),
        st.tuples(st.just("reorder"), st.just(0)),
    ),
    min_size=3,
    max_size=14,
)


class Place:
    """One server for all examples, without limits on how fast a conversation goes; it may be started again."""

    def __init__(self, settings: Settings, encoder: OnnxEncoder) -> None:
        self._settings, self._encoder = settings, encoder
        self._running = ExitStack()
        self.url = ""

    def start(self) -> None:
        """Serve, at an address of its own."""
        server = run_server(self._settings, self._encoder, Script([]).respond)
        self.url = self._running.enter_context(server).chat_url

    def stop(self) -> None:
        """Serve no more."""
        self._running.close()


@pytest.fixture(scope="module")
def place(encoder: OnnxEncoder, migrated_sqlite: bytes, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("drops")
    (folder / "weaver.db").write_bytes(migrated_sqlite)
    given_settings = {"home": folder, "database_url": "", "messages_a_second": 1e6, "message_burst": 10**6}
    place = Place(Settings.model_validate(given_settings), encoder)
    with pytest.MonkeyPatch.context() as patched:
        # A reader is behind after four events instead of 64.
        patched.setattr(feed, "INBOX", 4)
        place.start()
        yield place
        place.stop()


@settings(
    max_examples=40,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=STEPS)
@example(steps=[("write", 3), ("restart", 0), ("write", 2), ("reorder", 0), ("slow", 6), ("restart", 0), ("write", 1)])
@example(steps=[("write", 2), ("slow", 9), ("drop", 0), ("reorder", 0), ("send twice", 0), ("slow", 6), ("read", 4)])
@pytest.mark.slow
def test_a_dropped_socket_renders_every_message_exactly_once(place: Place, steps: list[tuple[str, int]]) -> None:
    anyio.run(play, place, steps)


async def play(place: Place, steps: list[tuple[str, int]]) -> None:
    """One customer's visit, step by step; then a calm ending in which everything must have come once."""
    widget, of_other_tabs = Widget(), 0
    remaining = list(steps)
    while remaining:
        async with open_chat(place.url) as client:
            before = await enter(client, widget)
            step = ("", 0)
            while remaining and (step := remaining.pop(0))[0] not in ("drop", "restart"):
                if step[0] == "slow":
                    # Nobody reads here meanwhile.
                    await write_in_another_tab(place.url, widget, of_other_tabs, step[1])
                    of_other_tabs += step[1]
                await carry_out(client, widget, step, before)
        if step[0] == "restart":
            await anyio.to_thread.run_sync(place.stop)
            await anyio.to_thread.run_sync(place.start)
    async with open_chat(place.url) as client:
        before = await enter(client, widget)
        while len(said := [text for text in widget.rendered.values() if text.startswith("question")]) < widget.sent:
            widget.take(await client.receive(), before)
        expected = 2 * (widget.sent + of_other_tabs)
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


async def send_outbox(client: ChatClient, widget: Widget, *, newest_first: bool = False) -> None:
    """Send everything that has no ack yet."""
    unsent = list(widget.outbox.items())
    for client_id, text in reversed(unsent) if newest_first else unsent:
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
    elif name == "reorder":
        widget.write()
        widget.write()
        await send_outbox(client, widget, newest_first=True)
    elif name == "read":
        await client.send(type="ping")
        for _ in range(number):
            frame = await client.receive()
            widget.take(frame, before)
            if frame["type"] == "pong":
                break


async def write_in_another_tab(url: str, widget: Widget, before: int, number: int) -> None:
    """The same customer writes so many messages in another tab."""
    async with open_chat(url) as tab:
        await tab.hello(conversation_id=widget.conversation_id, token=widget.token, last_seq=widget.last_seq)
        for place in range(before, before + number):
            await tab.say(f"from another tab {place}", f"tab{place}")
