"""What the service writes down of itself: lines or JSON, whose conversation it was, and nobody's words."""

import json
import logging
from collections.abc import Iterator
from io import StringIO

import pytest
import structlog
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from bot.feed import Feed
from bot.turns.conversation import Turns
from bot.turns.dialogue_policy import DialoguePolicy
from bot.watching import logs, tracing
from bot.watching.logs import LogForm
from knowledge_base import conversations
from knowledge_base.conversations import Opening
from knowledge_base.database import Database
from tests.bot.script import Script, unheard

SECRET = "zanzibar"


@pytest.fixture
def written() -> Iterator[StringIO]:
    """Logs as JSON, and what is written; afterwards as they were."""
    root, before = logging.getLogger(), structlog.get_config()
    handlers, level = list(root.handlers), root.level
    stream = StringIO()
    logs.configure(LogForm.JSON, stream)
    yield stream
    structlog.configure(**before)
    root.handlers[:] = handlers
    root.setLevel(level)


async def say(database: Database, text: str) -> str:
    """A turn of a new conversation. Returns the conversation's id."""
    turns = Turns(database, DialoguePolicy(Script([]).respond, unheard), Feed(database), text_limit=100)
    async with turns.running():
        async with database.writing() as session:
            conversation = await conversations.open_conversation(session, Opening())
        posted = await turns.post_message(conversation.id, "c1", text)
        await turns.replies_to(posted.message)
    return str(conversation.id)


@pytest.mark.anyio
async def test_a_line_names_the_conversation_and_no_words_of_it(sqlite_database: Database, written: StringIO) -> None:
    conversation_id = await say(sqlite_database, "fail lamps")
    line = json.loads(written.getvalue())
    assert (line["event"], line["conversation_id"], line["level"]) == ("model_failed", conversation_id, "error")
    assert line["timestamp"].endswith("Z")


def test_lines_of_libraries_are_json_too(written: StringIO) -> None:
    logging.getLogger("somebody.else").warning("mind the %s", "step")
    line = json.loads(written.getvalue())
    assert (line["event"], line["logger"], line["level"]) == ("mind the step", "somebody.else", "warning")


@pytest.mark.anyio
async def test_a_turn_is_a_span_with_its_stages_inside(sqlite_database: Database) -> None:
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    trace.set_tracer_provider(provider)
    conversation_id = await say(sqlite_database, f"where is {SECRET}?")
    spans = {span.name: span for span in exporter.get_finished_spans()}
    turn = spans["turn"]
    assert {name for name, span in spans.items() if span.parent and span.parent.span_id == turn.context.span_id} == {
        "decide",
        "say",
    }
    assert turn.attributes is not None
    assert turn.attributes["conversation_id"] == conversation_id
    assert SECRET not in "".join(span.to_json() for span in spans.values())


def test_without_a_collector_nothing_is_traced() -> None:
    assert tracing.configure({}) is False
