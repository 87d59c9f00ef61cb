"""The process killed at any moment."""

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from state.events import AgentMessage, RunEnded, UserMessage
from state.store import Stores
from tests.conftest import ALICE
from tests.provider import Pause, Provider, Reply, Step
from tests.server import ROOT

MOMENTS = 6
WORDS = [f"word{number} " for number in range(12)]


@pytest.mark.parametrize("round_number", range(MOMENTS))
def test_a_killed_process_leaves_a_sound_log(
    openai_environment: dict[str, str], provider: Provider, tmp_path: Path, round_number: int
) -> None:
    """Every accepted prompt is there once, numbers have no gap, every run has one end, and what is kept of a text is its beginning."""
    seed = random.randrange(1_000_000)
    print(f"seed {seed}")  # noqa: T201  # to play a failure again
    steps: list[Step] = [step for word in WORDS for step in (word, Pause(0.02))]
    provider.enqueue(*[Reply(*steps) for _ in range(50)])
    command = [sys.executable, "-m", "tests.faults.conversing"]
    environment = os.environ | openai_environment | {"ROUNDTABLE_DATA_DIR": str(tmp_path / "data")}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        accepted = [process.stdout.readline()]
        time.sleep(random.Random(seed).uniform(0, 1.5))
        process.kill()
        accepted += process.stdout.readlines()
    conversation = accepted[0].split()[0]
    stores = Stores(tmp_path / "data")
    entries, runs = stores.of(ALICE).entries(conversation), stores.of(ALICE).runs(conversation)
    stores.close()

    assert [entry.seq for entry in entries] == list(range(1, len(entries) + 1))
    prompts = [entry.event.text for entry in entries if isinstance(entry.event, UserMessage)]
    assert prompts == [f"Prompt {number}" for number in range(len(prompts))]
    assert len(prompts) >= len(accepted)
    texts = [entry.event.text for entry in entries if isinstance(entry.event, AgentMessage)]
    assert all("".join(WORDS).startswith(text) for text in texts)
    ends = [(entry.run, entry.event.status) for entry in entries if isinstance(entry.event, RunEnded)]
    assert ends == [(run.id, run.status) for run in runs]
    assert {status for _, status in ends[:-1]} <= {"finished"}
