"""Every mode there is."""

import socket
from contextlib import suppress

import pytest

from agents.application import Application
from agents.mode import Mode
from agents.modes import MODES, find_mode
from agents.runs import Run
from state.errors import QuestionOver
from state.events import AgentMessage, InputAnswered, InputRequested, RunEnded, UserMessage
from state.settings import load_settings
from tests.conftest import ALICE, wait_until


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """No socket of this process connects anywhere. Gives the addresses that were tried, but for those where tools ask."""
    tried: list[object] = []
    for name in ("WEATHER", "GEOCODING", "CURRENCY", "PLACES", "CLIMATE", "OVERPASS"):
        monkeypatch.setenv(f"ROUNDTABLE_{name}_URL", "http://127.0.0.1:1")

    def refuse(_socket: socket.socket, address: object) -> None:
        if address != ("127.0.0.1", 1):
            tried.append(address)
        raise OSError("the network is cut")

    for name in ("connect", "connect_ex"):
        monkeypatch.setattr(socket.socket, name, refuse)
    return tried


@pytest.mark.parametrize("mode", MODES, ids=lambda mode: mode.key)
def test_it_runs_to_its_end_on_the_demo_model_with_the_network_cut(offline: list[object], mode: Mode) -> None:
    application = Application(load_settings(env_file=None))
    run = application.runner.start(application.store(ALICE), mode, UserMessage(text=mode.examples[-1]))
    wait_until(lambda: run.is_over or _approved(application, mode, run), timeout=60)
    events = [entry.event for entry in run.events_since(0)]
    application.close()

    assert isinstance(events[-1], RunEnded)
    assert events[-1].status == "finished"
    assert {event.source for event in events if isinstance(event, AgentMessage)} <= {speaker.name for speaker in mode.speakers}
    assert offline == []


def _approved(application: Application, mode: Mode, run: Run) -> bool:
    """Say yes to what the run asks, if it asks anything. Gives whether it is over."""
    store = application.store(ALICE)
    if store.waiting_run(run.record.conversation):
        events = [entry.event for entry in run.events_since(0)]
        asked = [event for event in events if isinstance(event, InputRequested)]
        with suppress(QuestionOver):
            application.runner.answer(store, mode, run.record.conversation, InputAnswered(request_id=asked[-1].request_id))
    return run.is_over


def test_modes_are_told_apart_by_their_keys() -> None:
    assert [find_mode(mode.key) for mode in MODES] == list(MODES)
    assert find_mode("gone") is None
