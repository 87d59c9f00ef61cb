"""Whether AutoGen's own spans are sent to a collector of OpenTelemetry: the standard variables of the environment say so."""

import logging
import os
import threading
from collections.abc import Callable, Mapping

ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
CLOSE_SECONDS = 2.0
"""How long a stopping server waits for a collector to take the last spans."""

_log = logging.getLogger(__name__)


def is_wanted(environment: Mapping[str, str]) -> bool:
    is_off = environment.get("OTEL_SDK_DISABLED", "").lower() == "true" or environment.get("OTEL_TRACES_EXPORTER") == "none"
    return not is_off and any(environment.get(name) for name in ENDPOINTS)


def start_telemetry(version: str) -> Callable[[], None]:
    """Send spans from now on if they are wanted, and return what ends it."""
    if not is_wanted(os.environ):
        return lambda: None
    from agents.spans import start_sending  # noqa: PLC0415  # what nobody asked for is not even imported

    try:
        shutdown = start_sending(version)
    except (ValueError, OSError) as error:
        _log.error("no spans are sent: a variable of OpenTelemetry has a value that cannot be used (%s)", type(error).__name__)
        return lambda: None
    return lambda: _within(CLOSE_SECONDS, shutdown)


def _within(seconds: float, call: Callable[[], None]) -> None:
    """A collector that does not answer must not hold up a server that stops."""
    thread = threading.Thread(target=call, daemon=True)
    thread.start()
    thread.join(seconds)
