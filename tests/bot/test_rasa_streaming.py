"""Rasa's action server over gRPC, where the SDK streams: each message is there before the action has ended."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc
from google.protobuf.json_format import MessageToDict, ParseDict
from rasa_sdk.grpc_py.action_webhook_pb2 import WebhookRequest
from rasa_sdk.grpc_py.action_webhook_pb2_grpc import ActionServiceStub

from tests.bot.action_server import (
    ROOT,
    START_SECONDS,
    STOP_SECONDS,
    WEAVER_SECONDS,
    UserEvent,
    reserved_port,
    webhook_call,
)
from tests.bot.weaver_stub import ANSWER as REPLY
from tests.bot.weaver_stub import KEY, serve_stub
from tests.patience import PATIENCE_SECONDS

ANSWER = "action_weaver_answer"


@contextmanager
def serve_grpc(log: Path, weaver_url: str) -> Iterator[grpc.Channel]:
    """`python -m rasa_sdk --actions bot.rasa_actions --grpc`, and a channel to it."""
    command = [sys.executable, "-m", "rasa_sdk", "--actions", "bot.rasa_actions", "--grpc", "--port"]
    environment = {**os.environ, "WEAVER_URL": weaver_url, "WEAVER_API_KEY": KEY}
    environment["WEAVER_TIMEOUT_SECONDS"] = WEAVER_SECONDS
    with (
        reserved_port() as port,
        log.open("wb") as output,
        subprocess.Popen(
            [*command, str(port)], cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT
        ) as process,
        grpc.insecure_channel(f"127.0.0.1:{port}") as channel,
    ):
        try:
            grpc.channel_ready_future(channel).result(START_SECONDS)
            yield channel
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(STOP_SECONDS)


def streamed(channel: grpc.Channel, call: dict[str, Any]) -> list[dict[str, Any]]:
    """The events of a streamed call, in order."""
    request = ParseDict(call, WebhookRequest(), ignore_unknown_fields=True)
    service: Any = ActionServiceStub
    stream = service(channel).WebhookStream(request, timeout=PATIENCE_SECONDS)
    return [MessageToDict(event, preserving_proto_field_name=True) for event in stream]


def test_each_message_of_a_turn_is_a_chunk_and_the_slots_come_at_the_end(tmp_path: Path) -> None:
    with serve_stub() as stub, serve_grpc(tmp_path / "log", stub.url) as channel:
        stub.replies = [REPLY, REPLY | {"id": "m-2", "text": "You can return it within 30 days."}]
        events = streamed(channel, webhook_call(ANSWER, UserEvent("How long does it take? Can I return it?")))
    assert [next(iter(event)) for event in events] == ["chunk_start", "chunk", "chunk", "chunk_end", "final_result"]
    assert [event["chunk"]["text"] for event in events[1:3]] == [
        "Parcels take three days.",
        "You can return it within 30 days.",
    ]
    slots = {event["name"]: event["value"] for event in events[-1]["final_result"]["events"]}
    assert slots["weaver_message_id"] == "m-2"
    assert not events[-1]["final_result"].get("responses")
