"""Spans for OpenTelemetry: AutoGen's own, in the real protocol, to a collector on loopback; and nothing of what was said."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from agents.telemetry import CLOSE_SECONDS, is_wanted
from tests.provider import Provider, Reply
from tests.provider.script import Silence
from tests.provider.server import Request
from tests.server import ROOT, clean_environment, free_port
from tests.services import Services

ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"


class Collector(ThreadingHTTPServer):
    """Takes spans as a collector of OpenTelemetry does."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Taking)
        self.received: list[tuple[str, bytes]] = []
        self.url = f"http://127.0.0.1:{self.server_port}"

    @property
    def resources(self) -> list[Any]:
        return [each for _, body in self.received for each in ExportTraceServiceRequest.FromString(body).resource_spans]

    @property
    def spans(self) -> list[Span]:
        return [span for each in self.resources for scope in each.scope_spans for span in scope.spans]


class _Taking(BaseHTTPRequestHandler):
    server: Collector

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.received.append((self.path, body))
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def collector() -> Iterator[Collector]:
    with Collector() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@dataclass(frozen=True)
class Traced:
    runs: list[str]
    closing: float
    has_sdk: bool
    log: str


@pytest.fixture
def converse(tmp_path: Path, openai_environment: dict[str, str], services: Services, provider: Provider) -> Any:
    """Have a process answer prompts, whose model refuses one and falls silent in another."""

    def improvise(request: Request) -> Reply:
        asked = str(request.body["messages"][-1])
        if "fault" in asked:
            return Reply(status=401, error={"message": "A planted fault"})
        return Reply("A planted beginning", Silence()) if "silence" in asked else Reply("A planted answer.")

    def conversing(environment: dict[str, str]) -> Traced:
        provider.improvise = improvise
        variables = clean_environment() | openai_environment | services.environment() | environment
        variables |= {"ROUNDTABLE_DATA_DIR": str(tmp_path / "data"), "ROUNDTABLE_MODEL_TIMEOUT": "60"}
        command = [sys.executable, "-m", "tests.agents.traced"]
        done = subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, timeout=100, check=False)
        assert done.returncode == 0, done.stderr
        return Traced(**json.loads(done.stdout), log=done.stderr)

    return conversing


def test_spans_go_out_without_what_was_said(converse: Any, collector: Collector) -> None:
    """One for each agent made and at work, not one for each piece of text; errors by their kind alone."""
    traced = converse({ENDPOINT: collector.url, "OTEL_BSP_SCHEDULE_DELAY": "200", "OTEL_EXPORTER_OTLP_HEADERS": "x-key=sk-planted"})
    names = [span.name for span in collector.spans]
    failed = [span for span in collector.spans if "error.type" in {pair.key for pair in span.attributes}]
    service = {pair.key: pair.value.string_value for pair in collector.resources[0].resource.attributes}

    assert traced.runs == ["finished", "failed", "stopped", "stopped"]
    assert {"create_agent assistant", "invoke_agent assistant", "invoke_agent Travel_Advisor"} <= set(names)
    assert len(names) < 60
    assert {path for path, _ in collector.received} == {"/v1/traces"}
    assert failed
    assert not any(span.events or span.status.message for span in failed)
    assert service["service.name"] == "roundtable"
    assert not any(b"planted" in body for _, body in collector.received)
    assert "opentelemetry" not in traced.log.lower()
    assert "detach" not in traced.log


@pytest.mark.parametrize("endpoint", ["nowhere", "no address at all"])
def test_a_collector_that_is_not_there_holds_up_nothing(converse: Any, endpoint: str) -> None:
    """It is said once."""
    url = f"http://127.0.0.1:{free_port()}" if endpoint == "nowhere" else endpoint
    traced = converse({ENDPOINT: url, "OTEL_BSP_SCHEDULE_DELAY": "100", "OTEL_EXPORTER_OTLP_TIMEOUT": "0.5"})

    assert traced.runs == ["finished", "failed", "stopped", "stopped"]
    assert traced.closing < CLOSE_SECONDS + 5
    assert traced.log.count("the collector of OpenTelemetry does not take spans") == 1
    assert traced.log.lower().count("opentelemetry") == 1


def test_a_value_that_cannot_be_used_is_said(converse: Any) -> None:
    traced = converse({ENDPOINT: "http://127.0.0.1:1", "OTEL_BSP_MAX_QUEUE_SIZE": "-1"})

    assert traced.runs == ["finished", "failed", "stopped", "stopped"]
    assert "a variable of OpenTelemetry" in traced.log


def test_without_the_variables_nothing_is_set_up(converse: Any) -> None:
    """Not even imported."""
    traced = converse({})

    assert traced.runs == ["finished", "failed", "stopped", "stopped"]
    assert not traced.has_sdk


def test_the_standard_ways_to_switch_it_off_hold() -> None:
    assert is_wanted({ENDPOINT: "http://x"})
    assert is_wanted({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://x"})
    assert not is_wanted({ENDPOINT: "http://x", "OTEL_SDK_DISABLED": "True"})
    assert not is_wanted({ENDPOINT: "http://x", "OTEL_TRACES_EXPORTER": "none"})
    assert not is_wanted({ENDPOINT: ""})
