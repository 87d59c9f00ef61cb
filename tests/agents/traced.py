"""A process that answers prompts and ends: `python -m tests.agents.traced`. What sends spans is set up once in a process."""

import json
import sys
import time

from agents.application import VERSION, Application
from agents.assistant import ASSISTANT
from agents.logs import set_up_logs
from agents.mode import Mode
from agents.runs import Run
from agents.telemetry import start_telemetry
from agents.travel.mode import TRAVEL
from state.events import AgentMessage, UserMessage
from state.settings import load_settings
from tests.conftest import ALICE, wait_until

PATIENCE = 60.0


def main() -> None:
    """Have a prompt answered and one fail, stop an agent and a team in the middle of theirs, and say what became of them."""
    set_up_logs("text")
    app = Application(load_settings(env_file=None))
    end_telemetry = start_telemetry(VERSION)
    answered, failing = started(app, ASSISTANT, "My planted question"), started(app, ASSISTANT, "My planted fault")
    wait_until(lambda: answered.is_over and failing.is_over, PATIENCE)
    broken_off, team = started(app, ASSISTANT, "My planted silence"), started(app, TRAVEL, "To planted Rome")
    wait_until(lambda: broken_off.has_text and has_spoken(team), PATIENCE)
    broken_off.stop()
    team.stop()
    wait_until(lambda: broken_off.is_over and team.is_over, PATIENCE)
    app.close()
    began = time.monotonic()
    end_telemetry()
    told = {
        "runs": [run.outcome for run in (answered, failing, broken_off, team)],
        "closing": time.monotonic() - began,
        "has_sdk": "opentelemetry.sdk" in sys.modules,
    }
    print(json.dumps(told))  # noqa: T201  # what the test reads


def started(app: Application, mode: Mode, prompt: str) -> Run:
    return app.runner.start(app.store(ALICE), mode, UserMessage(text=prompt))


def has_spoken(team: Run) -> bool:
    return any(isinstance(entry.event, AgentMessage) for entry in team.events_since(0))


if __name__ == "__main__":
    main()
