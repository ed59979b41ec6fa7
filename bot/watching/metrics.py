"""What one process counts of its service: turns, their seconds by stage, decisions, judgements, sockets."""

from collections.abc import Generator
from contextlib import contextmanager
from enum import StrEnum
from time import perf_counter

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from bot.watching.tracing import tracer

# From a millisecond to half a minute; a customer waits for none of the last.
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Stage(StrEnum):
    """The stages of a turn, and TURN from when a message is stored until what the bot says is."""

    STORE = "store"
    WAIT = "wait"
    DECIDE = "decide"
    SAY = "say"
    TURN = "turn"


class Metrics:
    """Counters of one process, in a registry of its own. None has a label that a customer's words could reach."""

    def __init__(self) -> None:
        """Everything begins at nought."""
        self.registry = CollectorRegistry()
        self.replies = Counter("weaver_replies", "Messages of the bot.", ("decision", "reason"), registry=self.registry)
        self.judgements = Counter(
            "weaver_judgements", "Judgements of the bot's messages.", ("rating", "rater"), registry=self.registry
        )
        self.unanswered = Counter(
            "weaver_turns_unanswered", "Turns that failed and are tried again.", registry=self.registry
        )
        self.answering = Gauge("weaver_turns_answering", "Turns that wait or are answered.", registry=self.registry)
        self.sockets = Gauge("weaver_sockets", "Open websockets of the chat.", registry=self.registry)
        self._stages = Histogram(
            "weaver_turn_seconds", "Seconds of a turn, by stage.", ("stage",), buckets=SECONDS, registry=self.registry
        )

    @contextmanager
    def timed(self, stage: Stage) -> Generator[None]:
        """Count the seconds that pass inside, however it ends; in a trace they are a span."""
        begun = perf_counter()
        try:
            with tracer.start_as_current_span(stage.value):
                yield
        finally:
            self.took(stage, perf_counter() - begun)

    def took(self, stage: Stage, seconds: float) -> None:
        """Count a stage's seconds."""
        self._stages.labels(stage.value).observe(seconds)
