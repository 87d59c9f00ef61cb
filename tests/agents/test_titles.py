"""Conversations named by their model."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from agents.application import Application
from agents.assistant import ASSISTANT
from agents.models.naming import to_title
from agents.runs import Run
from state.events import UserMessage
from state.paths import database_file
from state.settings import load_settings
from state.store import Store
from tests.conftest import ALICE, wait_until
from tests.provider import Gate, Provider, Reply


@pytest.fixture
def app(openai_environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Application]:
    monkeypatch.setenv("ROUNDTABLE_TITLES", "model")
    application = Application(load_settings(env_file=None))
    yield application
    application.close()


def title(store: Store, run: Run) -> str:
    return store.conversation(run.record.conversation).title


def test_a_model_names_the_conversation_after_its_first_answer(
    ask: Callable[..., Run], app: Application, store: Store, provider: Provider
) -> None:
    """Once, told what was said, without the answer waiting for it; whoever looks is told, it is found, and its tokens are counted."""
    gate = Gate()
    provider.enqueue(Reply("Two things."), Reply(gate, "**“Paris in Spring.”**\n"), Reply("More."))
    run = ask("Plan me a trip to Paris, please")
    feed = app.runner.feed(store, run.record.conversation)
    before = feed.now
    usage = store.totals(run.record.conversation).usage
    assert title(store, run) == "Plan me a trip to Paris, please"
    gate.open()

    assert feed.wait_for_change(before.version, timeout=5)
    assert title(store, run) == "Paris in Spring"
    assert [hit.seq for hit in store.search("spring")] == [0]
    assert "Plan me a trip" in str(provider.requests[1].body)
    assert "Two things." in str(provider.requests[1].body)
    assert store.totals(run.record.conversation).usage.prompt_tokens > usage.prompt_tokens
    ask("And then?", run.record.conversation)
    assert len(provider.requests) == 3


def test_a_title_that_a_person_gave_stays(ask: Callable[..., Run], store: Store, provider: Provider) -> None:
    gate = Gate()
    provider.enqueue(Reply("Two things."), Reply(gate, "Other"))
    run = ask("Plan me a trip")
    provider.wait_for_requests(2)
    store.rename(run.record.conversation, "Mine")
    gate.open()
    wait_until(lambda: store.totals(run.record.conversation).usage.completion_tokens > 2)

    assert title(store, run) == "Mine"


@pytest.mark.parametrize("reply", [Reply(status=500), Reply("word " * 100), Reply("")], ids=["failing", "an essay", "nothing"])
def test_without_a_good_title_the_prompt_stays(ask: Callable[..., Run], store: Store, provider: Provider, reply: Reply) -> None:
    provider.enqueue(Reply("Two things."), reply, Reply("Next."))
    run = ask("Plan me a trip")
    provider.wait_for_requests(2)
    ask("And then?", run.record.conversation)

    assert title(store, run) == "Plan me a trip"


def test_a_title_that_cannot_be_kept_is_not_worth_an_error(
    ask: Callable[..., Run], store: Store, provider: Provider, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The log says so; the answer is there all the same."""
    gate = Gate()
    provider.enqueue(Reply("Two things."), Reply(gate, "Paris"))
    run = ask("Plan me a trip")
    provider.wait_for_requests(2)
    database, away = database_file(tmp_path / "data", ALICE), tmp_path / "away"
    database.rename(away)
    gate.open()
    wait_until(lambda: "was not kept" in caplog.text)
    away.rename(database)

    assert title(store, run) == "Plan me a trip"
    assert "work on the loop failed" not in caplog.text


def test_an_answer_that_was_broken_off_asks_for_no_title(app: Application, provider: Provider) -> None:
    provider.enqueue(Reply(status=401), Reply("Fine."))
    store = app.store(ALICE)
    run = app.runner.start(store, ASSISTANT, UserMessage(text="Hello"))
    wait_until(lambda: run.is_over)

    assert len(provider.requests) == 1
    assert title(store, run) == "Hello"


def test_a_title_is_freed_of_what_models_put_around_it() -> None:
    assert to_title('"A trip."') == "A trip"
    assert to_title("# Title: A *good* trip\n\nIt is about …") == "A *good* trip"
    assert to_title("  \n ") is None
    assert to_title("x" * 200) is None
