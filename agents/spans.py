"""AutoGen's spans on their way to a collector, without anything that people or models wrote."""

import logging
import os
from collections.abc import Callable, Sequence

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace import Status

SCOPE = "autogen-core"
"""Whose spans are sent. Clients of models make some too as soon as anybody listens, and write what is said into them."""
KEPT = frozenset({"gen_ai.operation.name", "gen_ai.system", "gen_ai.agent.name", "gen_ai.agent.id", "gen_ai.tool.name", "error.type"})
"""Attributes that hold names. A description may be what a person wrote, and the id of a call is a model's word."""
NOISY = ("opentelemetry.context", "opentelemetry.exporter", "opentelemetry.sdk")
"""The first calls every stream that was stopped an error; the others tell of each batch a collector does not take."""

_log = logging.getLogger(__name__)


class PlainSpans(SpanExporter):
    """Takes the texts out of spans, and says once when the collector does not take them."""

    def __init__(self, exporter: SpanExporter) -> None:
        self._exporter = exporter
        self._is_lost = False

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        theirs = [plain(span) for span in spans if _is_autogen_s(span)]
        result = self._exporter.export(theirs) if theirs else SpanExportResult.SUCCESS
        was_lost, self._is_lost = self._is_lost, result is not SpanExportResult.SUCCESS
        if self._is_lost and not was_lost:
            _log.warning("the collector of OpenTelemetry does not take spans; they are dropped until it does")
        return result

    def shutdown(self) -> None:
        self._exporter.shutdown()


def start_sending(version: str) -> Callable[[], None]:
    """Make every span of this process go out, in a thread of its own; return what ends that."""
    os.environ["AUTOGEN_DISABLE_RUNTIME_TRACING"] = "true"  # three spans for every piece of a team's text
    os.environ.setdefault("OTEL_SERVICE_NAME", "roundtable")
    for name in NOISY:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    provider = TracerProvider(resource=Resource.create({"service.version": version}), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(PlainSpans(OTLPSpanExporter())))
    trace.set_tracer_provider(provider)
    return provider.shutdown


def plain(span: ReadableSpan) -> ReadableSpan:
    """The span without its events, in which errors quote what was said, and with no attribute but names."""
    return ReadableSpan(
        name=span.name,
        context=span.context,
        parent=span.parent,
        resource=span.resource,
        attributes={name: value for name, value in (span.attributes or {}).items() if name in KEPT},
        kind=span.kind,
        status=Status(span.status.status_code),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )


def _is_autogen_s(span: ReadableSpan) -> bool:
    return span.instrumentation_scope is not None and span.instrumentation_scope.name == SCOPE
