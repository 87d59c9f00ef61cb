"""Stop in every phase of a run, in every way."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from agents.application import Application
from agents.feed import Feed
from state.events import RunEnded
from state.settings import load_settings
from tests.conftest import ALICE, wait_until
from tests.faults.left_behind import living
from tests.faults.phases import PHASES, Scene
from tests.provider import Provider
from tests.soundness import require_sound, shown


def _twice(scene: Scene) -> None:
    run = scene.live
    run.stop()
    run.stop()


def _elsewhere(scene: Scene) -> None:
    """As another tab does: on a thread of its own."""
    thread = threading.Thread(target=scene.live.stop)
    thread.start()
    thread.join()


WAYS: dict[str, Callable[[Scene], None]] = {"once": lambda scene: scene.live.stop(), "twice": _twice, "from another tab": _elsewhere}


@contextmanager
def reading(feed: Feed) -> Iterator[list[str | None]]:
    """The statuses that somebody who looks on sees, until the run is over."""
    seen: list[str | None] = []

    def read() -> None:
        now = feed.now
        while now.status is not None and feed.wait_for_change(now.version, timeout=10):
            now = feed.now
            seen.append(now.status)

    thread = threading.Thread(target=read, name="reader")
    thread.start()
    yield seen
    thread.join(timeout=10)
    assert not thread.is_alive()


@pytest.fixture
def app(openai_environment: dict[str, str], phase: str) -> Iterator[Application]:
    """With the MCP servers of the phase."""
    application = Application(load_settings(env_file=None), servers=PHASES[phase].servers)
    yield application
    application.close()


@pytest.mark.filterwarnings("ignore:Pydantic serializer warnings")  # AutoGen's, of a structured answer that it has read
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("phase", PHASES)
def test_stop(app: Application, provider: Provider, phase: str, way: str) -> None:
    """The provider's request is closed, nothing is left behind, the log is sound, and the next turn works and knows what was said."""
    scene = Scene(app, provider, PHASES[phase])
    first = scene.ask("Hello")
    wait_until(lambda: first.is_over)
    before = living(app)
    run = scene.begin("Tell me")
    wait_until(lambda: scene.phase.is_reached(scene))
    with reading(app.runner.feed(app.store(ALICE), scene.conversation)) as seen:
        WAYS[way](scene)
        for request in provider.requests:
            assert request.ended.wait(timeout=2)
        scene.held.let_go()
        wait_until(lambda: run.is_over)

    assert set(seen) <= {"running", "waiting", "stopping", None}
    wait_until(lambda: living(app).is_within(before))
    store = app.store(ALICE)
    ends = [entry.event for entry in store.entries(scene.conversation) if isinstance(entry.event, RunEnded)]
    assert ends[0].status == "finished"
    assert ends[1].status in scene.phase.ends
    assert len(ends) == 2
    require_sound(store, scene.conversation)
    provider.forget()
    known = shown(store, scene.conversation)
    last = scene.ask("And then?")
    wait_until(lambda: last.is_over)
    assert last.outcome == "finished"
    said = [(role, content) for role, content in provider.requests[0].said if content and role != "tool"]
    if scene.phase.ordinary.is_team:
        assert all(json.dumps(text)[1:-1] in json.dumps(said) for _, text in [*known, ("", "And then?")])
    else:
        assert said == [*known, ("user", "And then?")]
    require_sound(store, scene.conversation)
