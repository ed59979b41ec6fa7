"""Traces of turns by OpenTelemetry, where its own variables name somebody who collects them."""

import os
from collections.abc import Mapping

from opentelemetry import trace

from bot.errors import BotError

# Each of them says that traces are wanted; the SDK reads what else there is, such as OTEL_SERVICE_NAME.
WANTED = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
SERVICE = "weaver"

tracer = trace.get_tracer("weaver")


class TracingMissingError(BotError):
    """Traces are wanted, and what sends them is not installed."""

    def __init__(self, variable: str) -> None:
        super().__init__(f"{variable} asks for traces: install OpenTelemetry's SDK with `pip install 'weaver[otel]'`.")


def configure(environment: Mapping[str, str] = os.environ) -> bool:
    """Send traces to where the environment says. Returns whether it does. Raises TracingMissingError."""
    variable = next((name for name in WANTED if environment.get(name)), None)
    if variable is None:
        return False
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
        from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415
    except ImportError:
        raise TracingMissingError(variable) from None
    named = Resource.create({"service.name": environment.get("OTEL_SERVICE_NAME", SERVICE)})
    provider = TracerProvider(resource=named)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
    return True
