"""Many people at once, and a server that is told to stop in the middle of their answers."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from agents.application import close_application
from state.checkup import check_users
from state.events import AgentMessage
from state.store import Stores
from state.users import User
from tests.faults.crowd import crowd, echoing
from tests.server import ROOT

RUNS = 20
GRACE = 10.0


@pytest.fixture
def echo(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with echoing() as model:
        for name, value in {"OPENAI_API_KEY": "none", "OPENAI_BASE_URL": model, "OPENAI_MODEL": "echo"}.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("ROUNDTABLE_TITLES", "prompt")
        monkeypatch.setenv("ROUNDTABLE_MODEL", "openai")
        yield


@pytest.mark.usefixtures("echo", "process_application")
def test_nobody_gets_another_s_words() -> None:
    """With stops and reloads at random. `python -m tests.faults.crowd 100 60` is the long one."""
    outcome = crowd(10, 4)
    close_application()

    assert outcome.wrong == []
    assert outcome.prompts >= 20
    assert outcome.frames > 50


@pytest.mark.usefixtures("echo")
def test_a_stop_in_the_middle_of_many_answers(tmp_path: Path) -> None:
    """It ends within the grace period, all text is on disk, and the next start finds nothing to mend."""
    command = [sys.executable, "-m", "tests.faults.stopping", str(RUNS)]
    with subprocess.Popen(command, cwd=ROOT, env=dict(os.environ), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "all have text\n"
        began = time.monotonic()
        process.terminate()
        code = process.wait(timeout=30)
        took = time.monotonic() - began
    print(f"ended in {took:.2f} s")  # noqa: T201

    assert code == 0
    assert took < GRACE
    assert all(finding.is_good for finding in check_users(tmp_path / "data"))
    stores = Stores(tmp_path / "data")
    for number in range(RUNS):
        store = stores.of(User(f"user{number}"))
        (conversation,) = store.conversations(5)
        (run,) = store.runs(conversation.id)
        (said,) = [entry.event for entry in store.entries(conversation.id) if isinstance(entry.event, AgentMessage)]
        assert (run.status, said.is_partial) == ("interrupted", True)
        assert set(said.text.split()) == {f"user{number}x"}
        assert "shut down" in str(store.entries(conversation.id)[-1].event)
    stores.close()
