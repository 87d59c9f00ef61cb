"""What each user may take of the server."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from autogen_core import CancellationToken

from agents.application import Application
from agents.assistant import ASSISTANT
from agents.places import BUSY, Place, Places
from agents.runs import Run
from agents.shares import MANY, Limits, Shares, to_limits
from state import paths
from state.errors import ConversationNotFound, ShareUsedUp
from state.events import RunEnded, UserMessage
from state.settings import load_settings
from state.sizes import bytes_used
from state.spending import Spending
from state.store import Store
from state.users import User
from tests.conftest import ALICE, BOB, wait_until
from tests.provider import Call, Gate, Provider, Reply

Ask = Callable[..., Run]


@pytest.fixture
def limited(monkeypatch: pytest.MonkeyPatch) -> None:
    """To be asked for before the application."""
    for name, value in {"RUNS": 3, "USER_RUNS": 2, "USER_TOKENS": 100, "USER_PROMPTS": 50}.items():
        monkeypatch.setenv(f"ROUNDTABLE_{name}", str(value))


def test_one_alone_has_no_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    assert to_limits(load_settings(env_file=None)) == Limits()
    monkeypatch.setenv("ROUNDTABLE_AUTH", "browser")
    monkeypatch.setenv("ROUNDTABLE_USER_RUNS", "7")
    assert to_limits(load_settings(env_file=None)) == Limits(7, MANY.prompts, MANY.tokens, MANY.megabytes)


def test_prompts_a_minute(tmp_path: Path) -> None:
    """Counted for each user alone; the sentence says when the next may go."""
    moment = 0.0
    shares = Shares(Limits(prompts=2), tmp_path, lambda: moment)
    shares.admit(ALICE, 1)
    moment = 20.0
    shares.admit(ALICE, 1)
    moment = 50.0
    with pytest.raises(ShareUsedUp, match=r"You sent 2 within a minute.* in 10 seconds"):
        shares.admit(ALICE, 1)
    shares.admit(BOB, 1)
    moment = 60.0
    shares.admit(ALICE, 1)


def test_tokens_a_day(tmp_path: Path) -> None:
    """They stay spent over a restart."""
    shares = Shares(Limits(tokens=10), tmp_path)
    shares.admit(ALICE, 1)
    shares.spend(ALICE, 12)
    for again in (shares, Shares(Limits(tokens=10), tmp_path)):
        with pytest.raises(ShareUsedUp, match=r"today’s 10 tokens\. There are new ones at 00:00 UTC, in \d+ h \d+ min"):
            again.admit(ALICE, 1)
    shares.admit(BOB, 1)


@pytest.mark.parametrize("text", ['{"day": "2020-01-01", "tokens": 99}', "{", "[]", '{"day": 1}', ""])
def test_yesterday_s_tokens_and_a_broken_file_count_nothing(tmp_path: Path, text: str) -> None:
    file = tmp_path / "spending.json"
    file.write_text(text)
    spending = Spending(file)

    assert spending.today() == 0
    spending.add(5)
    assert Spending(file).today() == 5


def test_storage(tmp_path: Path) -> None:
    folder = paths.user_folder(tmp_path, ALICE)
    folder.mkdir(parents=True)
    (folder / "big").write_bytes(b"x" * 1_000_000)
    shares = Shares(Limits(megabytes=1), tmp_path)
    with pytest.raises(ShareUsedUp, match=r"take up the 1 MB .* Delete some"):
        shares.admit(ALICE, 1)
    (folder / "big").unlink()
    shares.forget_size(ALICE)
    shares.admit(ALICE, 1)


def test_what_was_deleted_takes_no_room(app: Application, store: Store, tmp_path: Path) -> None:
    """Though a database file keeps its length."""
    run, _ = store.begin_run(None, "assistant", UserMessage(text="x" * 3_000_000), "m")
    store.end_run(run, [], RunEnded(status="finished"))
    folder = paths.user_folder(tmp_path / "data", ALICE)
    assert bytes_used(folder) > 3_000_000
    store.delete(run.conversation)
    assert bytes_used(folder) < 1_000_000


def test_runs_at_once(limited: None, ask: Ask, app: Application, store: Store, provider: Provider) -> None:
    """A refused prompt leaves nothing; when one has ended there is room. Another user has room all the time."""
    gates = [Gate() for _ in range(3)]
    provider.enqueue(*[Reply("Some ", gate) for gate in gates])
    first = ask("One", wait=False)
    ask("Two", wait=False)
    with pytest.raises(ShareUsedUp, match="2 answers are being written for you at once"):
        ask("Three", wait=False)
    assert store.count() == 2
    app.runner.start(app.store(BOB), ASSISTANT, UserMessage(text="Mine"))
    first.stop()
    wait_until(lambda: first.is_over)
    ask("Three", wait=False)


def test_what_waits_for_the_person_is_no_run_at_work(limited: None, ask: Ask, app: Application, store: Store, provider: Provider) -> None:
    """However many of them wait, the next prompt is taken."""
    question = Reply(Call("ask_person", '{"question": "Which?"}'))
    provider.enqueue(question, question, Reply("Here."))
    ask("Go", wait=False)
    wait_until(lambda: app.runner.states()["waiting"] == 1)
    ask("Go", wait=False)
    wait_until(lambda: app.runner.states()["waiting"] == 2)

    assert ask("And now?").outcome == "finished"


def test_more_runs_than_the_server_has_places_for_wait_in_a_queue(limited: None, app: Application, provider: Provider) -> None:
    """In order; the page is told, and one that waits can be stopped."""
    gates = [Gate() for _ in range(3)]
    provider.enqueue(*[Reply("Some ", gate) for gate in gates])

    def start(name: str) -> Run:
        return app.runner.start(app.store(User(name)), ASSISTANT, UserMessage(text="Go"))

    at_work = [start(f"user {number}") for number in range(3)]
    provider.wait_for_requests(3)
    queued = [start(f"queued {number}") for number in range(3)]
    feeds = [app.runner.feed(run._turn.store, run.record.conversation) for run in queued]  # noqa: SLF001
    wait_until(lambda: feeds[2].now.note == BUSY.format(before="3 answers are"))
    assert app.places.queued == 3
    assert len(provider.requests) == 3
    queued[0].stop()
    wait_until(lambda: queued[0].is_over)
    wait_until(lambda: feeds[2].now.note == BUSY.format(before="2 answers are"))
    gates[0].open()
    wait_until(lambda: queued[1].is_over)

    assert "while the server was busy with others" in str(queued[0].events_since(0)[-1].event)
    assert queued[1].outcome == "finished"
    for gate in gates:
        gate.open()
    wait_until(lambda: all(run.is_over for run in (*at_work, *queued)))
    assert (app.places.taken, app.places.queued) == (0, 0)


def test_what_a_run_takes_is_counted(limited: None, ask: Ask, app: Application, provider: Provider) -> None:
    """Deleting its conversation gives nothing back."""
    provider.enqueue(Reply("Dear.", usage=(90, 20)))
    run = ask("Go")
    wait_until(lambda: app.shares.spent_today(ALICE) == 110)
    app.runner.delete(app.store(ALICE), run.record.conversation)
    with pytest.raises(ShareUsedUp, match="tokens"):
        ask("More")


def test_who_waits_for_the_person_holds_up_nobody() -> None:
    """The place is another's meanwhile; whoever was answered goes on at once, even beyond the limit, and all is given back."""

    async def story() -> list[str]:
        places, token, heard = Places(1), CancellationToken(), list[str]()
        first, second = Place(places, heard.append), Place(places, heard.append)
        async with first.held(token):
            waiting = asyncio.create_task(_hold(second, token))
            await asyncio.sleep(0)
            heard.append(f"{places.taken} {places.queued}")
            first.rest(True)
            await waiting
            first.rest(False)
            heard.append(f"{places.taken} {places.queued}")
        return [*heard, f"{places.taken} {places.queued}"]

    assert asyncio.run(story()) == [BUSY.format(before="one answer is"), "1 1", "", "1 0", "0 0"]


def test_work_that_does_not_end_keeps_no_place() -> None:
    """A run that could not be stopped gives its place back, once, whenever its work ends after all."""

    async def story() -> list[str]:
        places, token, seen = Places(1), CancellationToken(), list[str]()
        left_behind, next_one = Place(places, lambda _: None), Place(places, lambda _: None)
        async with left_behind.held(token):
            waiting = asyncio.create_task(_hold(next_one, token))
            await asyncio.sleep(0)
            left_behind.give_back()
            seen.append(f"{places.taken} {places.queued}")
            await waiting
            seen.append(f"{places.taken} {places.queued}")
        return [*seen, f"{places.taken} {places.queued}"]

    assert asyncio.run(story()) == ["1 0", "0 0", "0 0"]


def test_what_is_not_taken_in_takes_no_share(monkeypatch: pytest.MonkeyPatch, openai_environment: dict[str, str]) -> None:
    """A prompt to a conversation that is gone is not one of the prompts a minute."""
    monkeypatch.setenv("ROUNDTABLE_USER_PROMPTS", "1")
    app = Application(load_settings(env_file=None))
    store = app.store(ALICE)
    with pytest.raises(ConversationNotFound):
        app.runner.start(store, ASSISTANT, UserMessage(text="Hello"), "gone")
    run = app.runner.start(store, ASSISTANT, UserMessage(text="Hello"))
    with pytest.raises(ShareUsedUp):
        app.runner.start(store, ASSISTANT, UserMessage(text="Again"))
    app.close()

    assert run.is_over


async def _hold(place: Place, token: CancellationToken) -> None:
    async with place.held(token):
        pass
