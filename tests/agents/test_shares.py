"""What each user may take of the server."""

import asyncio
import hashlib
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
from autogen_core import CancellationToken

from agents.application import Application
from agents.assistant import ASSISTANT
from agents.coding.mode import CODING
from agents.exports import export_conversation
from agents.imports import read_import
from agents.places import BUSY, Place, Places
from agents.runs import KEPT, Run
from agents.shares import MANY, Limits, Shares, to_limits
from agents.travel.mode import TRAVEL
from state import paths
from state.conversations import Beginning
from state.errors import ConversationBusy, ConversationNotFound, FileRefused, ShareUsedUp
from state.events import RunEnded, UserMessage
from state.ids import new_id
from state.settings import load_settings
from state.sizes import bytes_used
from state.spending import Spending
from state.store import Store
from state.users import User
from tests.agents.test_questions import CALCULATE, answer, asked, end
from tests.conftest import ALICE, BOB, wait_until
from tests.provider import Call, Gate, Provider, Reply

Ask = Callable[..., Run]


@pytest.fixture
def limited(monkeypatch: pytest.MonkeyPatch) -> None:
    """To be asked for before the application."""
    for name, value in {"RUNS": 3, "USER_RUNS": 2, "USER_TOKENS": 1_000, "USER_PROMPTS": 50}.items():
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
    shares.admit(ALICE)
    moment = 20.0
    shares.admit(ALICE)
    moment = 50.0
    with pytest.raises(ShareUsedUp, match=r"You sent 2 prompts within a minute.* in 10 seconds"):
        shares.admit(ALICE)
    shares.admit(BOB)
    moment = 60.0
    shares.admit(ALICE)


def test_tokens_a_day(tmp_path: Path) -> None:
    """They stay spent over a restart."""
    shares = Shares(Limits(tokens=10), tmp_path)
    shares.admit(ALICE)
    shares.spend(ALICE, 12)
    for again in (shares, Shares(Limits(tokens=10), tmp_path)):
        with pytest.raises(ShareUsedUp, match=r"today’s 10 tokens\. There are new ones at 00:00 UTC, in \d+ h \d+ min"):
            again.admit(ALICE)
    shares.admit(BOB)


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
    with pytest.raises(ShareUsedUp, match=r"take up the 1 MB .* Delete some"), shares.room(ALICE):
        pass
    (folder / "big").unlink()
    shares.forget_size(ALICE)
    with shares.room(ALICE):
        pass


def test_ten_clicks_at_once_bring_no_more_than_ten_in_a_row(tmp_path: Path) -> None:
    """What would not fit any more is refused before it is there, and another user's goes on meanwhile."""
    folder, shares = paths.user_folder(tmp_path, ALICE), Shares(Limits(megabytes=1), tmp_path)
    folder.mkdir(parents=True)
    all_at_once = threading.Barrier(10)

    def grow(number: int) -> int:
        try:
            with shares.room(ALICE, 400_000), shares.room(BOB, 400_000):
                with suppress(threading.BrokenBarrierError):
                    all_at_once.wait(0.1)
                return (folder / str(number)).write_bytes(b"x" * 400_000)
        except ShareUsedUp:
            return 0

    with ThreadPoolExecutor(10) as threads:
        assert sum(threads.map(grow, range(10))) == 800_000


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
    """However many of them wait, up to ten for each that may be at work, the next prompt is taken."""
    question = Reply(Call("ask_person", '{"question": "Which?"}'))
    provider.enqueue(*[question] * 20, Reply("Here."))
    for _ in range(10):
        ask("Go", wait=False)
        ask("Go", wait=False)
        wait_until(lambda: app.runner.states()["running"] == 0)
    assert app.runner.states()["waiting"] == 20
    with pytest.raises(ShareUsedUp, match="20 of your conversations wait for you"):
        ask("Go")
    app.runner.stop(store, waiting := min(store.waiting_conversations()))
    wait_until(lambda: app.runner.find(store, waiting) is None)

    assert ask("And now?").outcome == "finished"


@pytest.mark.parametrize("is_restarted", [False, True], ids=["", "after a restart"])
def test_what_was_answered_is_a_run_at_work(
    limited: None, app: Application, another: Callable[[], Application], provider: Provider, is_restarted: bool
) -> None:
    """Nobody collects questions to answer all at once; what is refused waits on."""
    gate = Gate()
    provider.enqueue(*[Reply(CALCULATE)] * 3, *[Reply(gate, "391.")] * 3)
    conversations = [asked(app) for _ in range(3)]
    app = another() if is_restarted else app
    for conversation in conversations[:2]:
        answer(app, conversation)
    with pytest.raises(ShareUsedUp, match="2 answers are being written for you at once"):
        answer(app, conversations[2])
    gate.open()
    for conversation in conversations[:2]:
        end(app, conversation)
    answer(app, conversations[2])

    assert end(app, conversations[2]).status == "finished"


def test_of_answers_given_at_once_no_more_count_than_may_be_at_work(limited: None, app: Application, provider: Provider) -> None:
    gate = Gate()
    provider.enqueue(*[Reply(CALCULATE)] * 6, *[Reply(gate, "391.")] * 6)
    conversations = [asked(app) for _ in range(6)]

    def is_taken(conversation: str) -> bool:
        try:
            answer(app, conversation)
        except ShareUsedUp:
            return False
        return True

    with ThreadPoolExecutor(6) as threads:
        taken = sum(threads.map(is_taken, conversations))
    assert (taken, app.runner.states()["waiting"]) == (2, 4)
    gate.open()


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
    provider.enqueue(Reply("Dear.", usage=(900, 200)))
    run = ask("Go")
    wait_until(lambda: app.shares.spent_today(ALICE) == 1_100)
    app.runner.delete(app.store(ALICE), run.record.conversation)
    with pytest.raises(ShareUsedUp, match="tokens"):
        ask("More")


def test_a_turn_ends_where_the_day_s_tokens_do(limited: None, app: Application, store: Store, provider: Provider) -> None:
    """Before its next call, and whichever of the user's turns took them."""
    provider.enqueue(Reply(CALCULATE, usage=(1, 1)), Reply(CALCULATE, usage=(900, 200)))
    waiting = asked(app)
    run = app.runner.start(store, ASSISTANT, UserMessage(text="What is 17 * 23?"))
    wait_until(lambda: run.is_over)
    ended = run.events_since(0)[-1].event
    answer(app, waiting)

    assert isinstance(ended, RunEnded)
    assert (ended.status, "used up today’s 1,000 tokens" in ended.reason, KEPT in ended.reason) == ("stopped", True, True)
    assert "used up today’s" in end(app, waiting).reason
    assert len(provider.requests) == 2


def test_a_model_that_is_tried_takes_tokens(limited: None, app: Application, provider: Provider) -> None:
    provider.enqueue(Reply("Paris.", usage=(900, 200)))
    assert app.try_model(app.catalog.default, ALICE).is_answered
    assert app.shares.spent_today(ALICE) == 1_100
    with pytest.raises(ShareUsedUp, match="tokens"):
        app.try_model(app.catalog.default, ALICE)


def test_what_is_said_meanwhile_is_a_prompt(
    monkeypatch: pytest.MonkeyPatch, openai_environment: dict[str, str], provider: Provider
) -> None:
    monkeypatch.setenv("ROUNDTABLE_USER_PROMPTS", "2")
    gate = Gate()
    provider.enqueue(Reply("Some text ", gate))
    app = Application(load_settings(env_file=None))
    store = app.store(ALICE)
    run = app.runner.start(store, TRAVEL, UserMessage(text="To Rome"))
    app.runner.add_wish(store, run.record.conversation, UserMessage(text="By train"))
    with pytest.raises(ShareUsedUp, match="2 prompts within a minute"):
        app.runner.add_wish(store, run.record.conversation, UserMessage(text="And by ship"))
    run.stop()
    app.close()

    assert [entry.event.text for entry in run.events_since(0) if isinstance(entry.event, UserMessage)] == ["To Rome", "By train"]


def test_nothing_grows_beyond_one_s_share(monkeypatch: pytest.MonkeyPatch, openai_environment: dict[str, str], provider: Provider) -> None:
    """Neither by prompts, nor by copies, nor by what is brought along; and nothing of it stays."""
    monkeypatch.setenv("ROUNDTABLE_USER_MEGABYTES", "1")
    provider.enqueue(Reply("Hello."))
    app = Application(load_settings(env_file=None))
    store = app.store(ALICE)
    run = app.runner.start(store, CODING, UserMessage(text="Hello"), files=[("a.txt", b"x" * 300_000)])
    wait_until(lambda: run.is_over)
    conversation, file = run.record.conversation, read_import(export_conversation(store, run.record.conversation, app.files).encode())
    histories = paths.file_histories_folder(app.folder.path, ALICE)
    for grow in (
        lambda: app.runner.branch(store, conversation, run.record.id),
        lambda: app.runner.take_in(store, file),
        lambda: app.runner.start(store, CODING, UserMessage(text="Look"), files=[("b.txt", b"y" * 600_000)]),
        lambda: app.runner.start(store, ASSISTANT, UserMessage(text="Look"), images={"0": b"z" * 600_000}),
    ):
        with pytest.raises(ShareUsedUp, match="take up the 1 MB"):
            grow()
    assert [folder.name for folder in histories.iterdir()] == [conversation]
    assert store.count() == 1
    app.runner.delete(store, conversation)
    app.runner.take_in(store, file)
    app.close()


def test_files_of_a_refused_prompt_go_with_it(app: Application, store: Store) -> None:
    """Of a conversation that did not begin, nothing is left that no deletion would find; what lay in one that did is left alone."""
    long, conversation = "n" * 300, new_id()
    histories = paths.file_histories_folder(app.folder.path, ALICE)
    for beginning in (Beginning(), Beginning(new_id=conversation)):
        with pytest.raises(FileRefused):
            app.runner.start(store, CODING, UserMessage(text="Look"), beginning=beginning, files=[("a.txt", b"a"), (long, b"b")])
    assert list(histories.iterdir()) == []
    files = [("a.txt", b"a")]
    run = app.runner.start(store, CODING, UserMessage(text="Look"), beginning=beginning, files=files)
    wait_until(lambda: run.is_over)
    with pytest.raises(ConversationBusy):
        app.runner.start(store, CODING, UserMessage(text="Look"), beginning=beginning, files=files)

    assert (app.files.of(ALICE, conversation).folder / "contents" / hashlib.sha256(b"a").hexdigest()).exists()


def test_one_export_of_everything_at_a_time(app: Application) -> None:
    """Of each user."""
    with app.shares.exporting(ALICE):
        with pytest.raises(ShareUsedUp, match="exported already"):
            app.export_all(ALICE)
        assert app.export_all(BOB)
    assert app.export_all(ALICE)
    assert list(app.folder.path.glob("tmp*")) == []


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
