"""Figures of the running server, for Prometheus. No name, no text and no key is in them."""

from collections.abc import Callable, Iterator, Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from state.events import EndStatus

FIRST_TEXT = (0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60)
STORE = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 4)


class Metrics:
    """Filled from any thread, read by the route."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._ended = Counter("roundtable_runs_ended", "Runs that ended, by how.", ["status"], registry=self._registry)
        self._first = Histogram(
            "roundtable_first_text_seconds",
            "From the beginning of a run's work to its first text.",
            buckets=FIRST_TEXT,
            registry=self._registry,
        )
        self._tokens = Counter("roundtable_tokens", "Tokens taken by runs.", ["kind"], registry=self._registry)
        self._errors = Counter("roundtable_errors", "What runs failed with, by kind.", ["kind"], registry=self._registry)
        self._lag = Gauge("roundtable_loop_lag_seconds", "How long the loop of the agents took for its last turn.", registry=self._registry)
        self._store = Histogram(
            "roundtable_store_seconds", "How long a transaction took.", ["kind"], buckets=STORE, registry=self._registry
        )

    def show_runs(self, runs: Callable[[], Mapping[str, int]]) -> None:
        """Ask `runs`, whenever the figures are read, for the number of live runs by their state."""
        self._registry.register(_Runs(runs))

    def ended(self, status: EndStatus, *, first_text: float | None, prompt_tokens: int, completion_tokens: int, error: str) -> None:
        """Count a run."""
        self._ended.labels(status).inc()
        self._tokens.labels("prompt").inc(max(0, prompt_tokens))
        self._tokens.labels("completion").inc(max(0, completion_tokens))
        if first_text is not None:
            self._first.observe(first_text)
        if error:
            self._errors.labels(error).inc()

    def looped(self, seconds: float) -> None:
        self._lag.set(seconds)

    def stored(self, kind: str, seconds: float) -> None:
        self._store.labels(kind).observe(seconds)

    def text(self) -> bytes:
        """All figures, as Prometheus reads them."""
        return generate_latest(self._registry)


class _Runs(Collector):
    def __init__(self, runs: Callable[[], Mapping[str, int]]) -> None:
        self._runs = runs

    def collect(self) -> Iterator[Metric]:
        family = GaugeMetricFamily("roundtable_runs", "Live runs, by state.", labels=["state"])
        for state, count in self._runs().items():
            family.add_metric([state], count)
        yield family
