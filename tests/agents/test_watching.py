"""What the server tells of itself: figures, its log, and that its loop is blocked or dead. Nothing of what people wrote is in it."""

import json
import logging
import time
from collections.abc import Callable
from pathlib import Path

import httpx2
import pytest

from agents.application import Application
from agents.logs import JsonLines
from agents.loop import BackgroundLoop
from agents.runs import Run
from agents.watchdog import Watchdog
from tests.conftest import wait_until
from tests.nursery import ForkedServer
from tests.provider import Provider, Reply

Ask = Callable[..., Run]


def value(app: Application, name: str) -> float:
    """A figure by its whole name, labels too."""
    lines = app.metrics.text().decode().splitlines()
    return next(float(line.rpartition(" ")[2]) for line in lines if line.startswith(f"{name} "))


def test_runs_are_counted(ask: Ask, app: Application, provider: Provider) -> None:
    provider.enqueue(Reply("Fine.", usage=(7, 3)), Reply(status=401))
    ask("sk-planted-key is my secret")
    ask("Again")
    wait_until(lambda: 'roundtable_runs_ended_total{status="failed"} 1.0' in app.metrics.text().decode())

    assert value(app, 'roundtable_runs_ended_total{status="finished"}') == 1
    assert value(app, 'roundtable_tokens_total{kind="prompt"}') == 7
    assert value(app, 'roundtable_tokens_total{kind="completion"}') == 3
    assert value(app, "roundtable_first_text_seconds_count") == 1
    assert value(app, 'roundtable_errors_total{kind="key"}') == 1
    assert value(app, 'roundtable_runs{state="running"}') == 0
    assert value(app, 'roundtable_store_seconds_count{kind="write"}') > 4
    assert "secret" not in app.metrics.text().decode()
    assert "planted" not in app.metrics.text().decode()


def test_a_blocked_loop_is_noticed(caplog: pytest.LogCaptureFixture) -> None:
    """With the place where it is, and once more when it goes on."""
    loop, lags = BackgroundLoop(), list[float]()
    watchdog = Watchdog(loop, lags.append, interval=0.2, blocked=0.2)
    loop.call(time.sleep, 2)
    wait_until(lambda: "goes on" in caplog.text)
    watchdog.close()
    loop.close()

    assert "has been blocked" in caplog.text
    assert "agents/loop.py" in caplog.text
    assert max(lags) > 1


def test_a_dead_loop_is_noticed(caplog: pytest.LogCaptureFixture) -> None:
    loop = BackgroundLoop()
    watchdog = Watchdog(loop, lambda _: None, interval=0.2)
    loop.close()
    wait_until(lambda: "has ended" in caplog.text)
    watchdog.close()


def test_a_log_for_machines_has_no_error_s_text() -> None:
    """It may quote a key or what was written."""
    try:
        int("sk-planted-key")
    except ValueError as error:
        record = logging.LogRecord("pages", logging.ERROR, __file__, 1, "a page %s", ("failed",), (ValueError, error, error.__traceback__))
    record.fields = {"run": "r"}
    line = json.loads(JsonLines().format(record))

    assert (line["message"], line["level"], line["error"], line["run"]) == ("a page failed", "error", "ValueError", "r")
    assert "test_watching.py" in line["at"][0]
    assert "planted" not in json.dumps(line)


def test_figures_are_not_for_everybody(tmp_path: Path) -> None:
    """Where several people use the server, for who has the key. The log is one JSON object a line."""
    server = ForkedServer(tmp_path / "data", ROUNDTABLE_AUTH="browser", ROUNDTABLE_METRICS_TOKEN="m" * 16, ROUNDTABLE_LOG="json")
    server.start()
    try:
        key, other = ("Authorization", f"Bearer {'m' * 16}"), ("Authorization", "Bearer x")
        refused = [httpx2.get(f"{server.url}/metrics", headers=sent).status_code for sent in ([], [other], [key, other])]
        let_in = httpx2.get(f"{server.url}/metrics", headers=[key])
    finally:
        server.terminate()

    assert refused == [403, 403, 403]
    assert "roundtable_loop_lag_seconds" in let_in.text
    late = server.log.read_text().splitlines()[-2:]
    assert all(json.loads(line)["logger"] == "uvicorn.error" for line in late)


def test_without_a_key_nobody_reads_figures_of_several(tmp_path: Path) -> None:
    server = ForkedServer(tmp_path / "data", ROUNDTABLE_AUTH="browser")
    server.start()
    status = httpx2.get(f"{server.url}/metrics").status_code
    server.kill()

    assert status == 403
