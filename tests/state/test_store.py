"""One user's conversations on a real disk."""

import sqlite3
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil  # type: ignore[import-untyped]  # it has no types
import pytest

from state import paths
from state.conversations import RunRecord
from state.errors import ConversationBusy, ConversationNotFound, StoreUnavailable
from state.events import AgentMessage, RunEnded, RunStarted, SavedEvent, Thought, ToolCall, ToolResult, Usage, UserMessage
from state.snapshots import State
from state.store import INTERRUPTED, MOST_OPEN, Store, Stores
from state.tables import SCHEMA_VERSION
from state.users import User
from tests.conftest import ALICE, BOB

MODEL = "demo · built-in"


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[Stores]:
    opened = Stores(tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def store(stores: Stores) -> Store:
    return stores.of(ALICE)


def begin(store: Store, text: str = "Hello", conversation: str | None = None) -> RunRecord:
    run, _ = store.begin_run(conversation, "assistant", UserMessage(text=text), MODEL)
    return run


def end(store: Store, run: RunRecord, *events: SavedEvent, state: State | None = None) -> int:
    return store.end_run(run, events, RunEnded(status="finished"), state)


def answer(text: str) -> AgentMessage:
    return AgentMessage(source="assistant", text=text)


def numbers(store: Store, conversation: str) -> list[int]:
    return [entry.seq for entry in store.entries(conversation)]


def execute(file: Path, statement: str) -> None:
    """Do something to a database behind Roundtable's back."""
    connection = sqlite3.connect(file)
    connection.execute(statement)
    connection.commit()
    connection.close()


def test_a_prompt_begins_its_conversation(store: Store) -> None:
    """The first prompt makes the conversation, named after it, with the prompt and the run's start in its log."""
    prompt = UserMessage(text="Hello there")
    run, head = store.begin_run(None, "assistant", prompt, MODEL)

    conversation = store.conversation(run.conversation)
    assert (conversation.title, conversation.mode) == ("Hello there", "assistant")
    assert conversation.created == conversation.updated
    assert abs(conversation.created - prompt.time) < timedelta(milliseconds=1)
    assert [entry.event for entry in store.entries(run.conversation)] == [prompt, RunStarted(model=MODEL, time=run.started)]
    assert head == store.head(run.conversation) == 2
    assert [record.status for record in store.runs(run.conversation)] == ["running"]


def test_a_prompt_that_cannot_be_saved_leaves_nothing(store: Store, tmp_path: Path) -> None:
    """Prompt and conversation are committed together or not at all."""
    file = paths.database_file(tmp_path, ALICE)
    execute(file, "CREATE TRIGGER refuse BEFORE INSERT ON events WHEN NEW.seq = 2 BEGIN SELECT RAISE(ABORT, 'no'); END")
    with pytest.raises(StoreUnavailable, match="the server's log says why"):
        begin(store)

    assert store.conversations(10) == []


def test_numbers_are_contiguous_within_each_conversation(store: Store) -> None:
    one, two = begin(store, "One"), begin(store, "Two")
    store.append(one, [answer("a"), answer("b")])
    store.append(two, [answer("c")])
    end(store, one, answer("d"))
    begin(store, "Three", one.conversation)

    assert numbers(store, one.conversation) == list(range(1, 9))
    assert numbers(store, two.conversation) == [1, 2, 3]


def test_every_kind_of_event_comes_back_as_it_was(store: Store) -> None:
    events: Sequence[SavedEvent] = [
        Thought(source="assistant", text="Hm."),
        ToolCall(source="assistant", call_id="1", name="add", arguments='{"a": 1}'),
        ToolResult(source="assistant", call_id="1", name="add", text="é 😀\0", is_error=True),
        AgentMessage(source="assistant", text="Two.", usage=Usage(prompt_tokens=3, completion_tokens=4), is_partial=True),
        RunEnded(status="failed", reason="It failed.", seconds=1.5),
    ]
    run = begin(store)
    store.append(run, events)

    assert [entry.event for entry in store.entries(run.conversation, after=2)] == events
    assert {entry.run for entry in store.entries(run.conversation)} == {run.id}


def test_a_transcript_holds_the_last_whole_turns(store: Store) -> None:
    conversation = None
    for number in range(4):
        run = begin(store, f"Prompt {number}", conversation)
        conversation = run.conversation
        end(store, run, answer("Yes."))
    assert conversation is not None
    last, two, all_of_them = (store.transcript(conversation, limit) for limit in (1, 5, 100))

    assert [entry.seq for entry in last.entries] == [13, 14, 15, 16]
    assert [entry.seq for entry in two.entries] == list(range(9, 17))
    assert [entry.seq for entry in all_of_them.entries] == list(range(1, 17))
    assert (last.has_earlier, two.has_earlier, all_of_them.has_earlier) == (True, True, False)


def test_a_transcript_reaches_back_to_an_event(store: Store) -> None:
    """With its whole turn and no earlier one; an event that is later than the beginning anyway, or is none, changes nothing."""
    conversation = None
    for number in range(4):
        run = begin(store, f"Prompt {number}", conversation)
        conversation = run.conversation
        end(store, run, answer("Yes."))
    assert conversation is not None

    for reaching, first in ((7, 5), (5, 5), (16, 13), (0, 13), (99, 13), (-1, 13)):
        reached = store.transcript(conversation, 1, reaching=reaching)
        assert [entry.seq for entry in reached.entries] == list(range(first, 17))
        assert reached.has_earlier
        assert reached.elsewhere is None
    assert not store.transcript(conversation, 1, reaching=1).has_earlier


def test_one_live_run_per_conversation(store: Store) -> None:
    """A second prompt is refused and leaves no trace until the first run has ended."""
    run = begin(store)
    with pytest.raises(ConversationBusy):
        begin(store, "Again", run.conversation)

    assert numbers(store, run.conversation) == [1, 2]
    end(store, run)
    begin(store, "Again", run.conversation)
    assert numbers(store, run.conversation) == [1, 2, 3, 4, 5]
    assert [record.status for record in store.runs(run.conversation)] == ["finished", "running"]


def test_an_unknown_id_is_not_found(store: Store) -> None:
    with pytest.raises(ConversationNotFound):
        store.conversation("nope")
    with pytest.raises(ConversationNotFound):
        store.head("nope")
    with pytest.raises(ConversationNotFound):
        begin(store, "Hello", "nope")

    assert store.conversations(10) == []


def test_the_latest_prompt_comes_first(store: Store) -> None:
    now = datetime.now(UTC)
    ids = []
    for minutes in (0, 2, 1):
        prompt = UserMessage(text=f"Number {minutes}", time=now + timedelta(minutes=minutes))
        run, _ = store.begin_run(None, "assistant", prompt, MODEL)
        end(store, run)
        ids.append(run.conversation)

    assert [conversation.id for conversation in store.conversations(10)] == [ids[1], ids[2], ids[0]]
    store.begin_run(ids[0], "assistant", UserMessage(text="Again", time=now + timedelta(minutes=3)), MODEL)
    assert [conversation.id for conversation in store.conversations(2)] == [ids[0], ids[1]]
    assert store.conversation(ids[0]).title == "Number 0"


def test_a_lost_run_is_marked_when_its_store_is_opened_again(stores: Stores, store: Store, tmp_path: Path) -> None:
    """What a killed process had written so far becomes a partial message, in the order of its pieces."""
    run = begin(store)
    store.save_partial(run, position=2, source="assistant", text="far")
    store.save_partial(run, position=0, source="assistant", text="So ")
    stores.close()
    again = Stores(tmp_path)
    entries = again.of(ALICE).entries(run.conversation, after=2)
    record = again.of(ALICE).runs(run.conversation)[0]

    assert [entry.seq for entry in entries] == [3, 4]
    partial, ended = entries[0].event, entries[1].event
    assert isinstance(partial, AgentMessage)
    assert (partial.source, partial.text, partial.is_partial) == ("assistant", "So far", True)
    assert isinstance(ended, RunEnded)
    assert (ended.status, ended.reason) == ("interrupted", INTERRUPTED)
    assert record.status == "interrupted"
    assert record.ended is not None
    again.close()


def test_interrupting_twice_adds_nothing(store: Store) -> None:
    run = begin(store)
    store.interrupt_lost_runs()
    store.interrupt_lost_runs()

    assert numbers(store, run.conversation) == [1, 2, 3]


def test_only_the_named_conversation_is_interrupted(store: Store) -> None:
    one, two = begin(store, "One"), begin(store, "Two")
    store.interrupt_lost_runs(one.conversation)

    assert [record.status for record in store.runs(one.conversation)] == ["interrupted"]
    assert [record.status for record in store.runs(two.conversation)] == ["running"]


def test_a_run_ends_once(store: Store) -> None:
    """Two tabs may stop the same one, and what drives it may come too late: the first end stands, and nothing is said after it."""
    run = begin(store)
    stopped = store.end_run(run, [], RunEnded(status="stopped"))
    late = end(store, run, answer("Too late."), state={"messages": ["Too late."]})
    store.save_partial(run, position=0, source="assistant", text="Too late.")

    assert (stopped, late, numbers(store, run.conversation)) == (3, 3, [1, 2, 3])
    assert [record.status for record in store.runs(run.conversation)] == ["stopped"]
    assert store.memory(run.conversation, run.id)[0] is None
    with store._database.reading() as connection:  # noqa: SLF001  # nothing shows pieces of a run that has ended
        assert connection.exec_driver_sql("SELECT count(*) FROM partials").scalar_one() == 0


def test_a_run_has_its_own_entries(store: Store) -> None:
    one = begin(store)
    end(store, one)
    two = begin(store, "Again", one.conversation)

    assert [entry.seq for entry in store.entries_of(one.conversation, two.id)] == [4, 5]


@pytest.mark.parametrize("how", ["append", "end"])
def test_a_message_replaces_its_partial_text(store: Store, how: str) -> None:
    run = begin(store)
    store.save_partial(run, position=0, source="assistant", text="So ")
    if how == "append":
        store.append(run, [answer("So far.")])
        store.interrupt_lost_runs()
    else:
        end(store, run, answer("So far."))

    texts = [entry.event.text for entry in store.entries(run.conversation) if isinstance(entry.event, AgentMessage)]
    assert texts == ["So far."]


def test_states_come_back_over_several_turns(store: Store, tmp_path: Path) -> None:
    """The last state is whole again, also for a process that opens the file anew, and comes with what it does not know yet."""
    run = begin(store)
    conversation = run.conversation
    assert store.memory(conversation, None) == (None, [])

    for turn in range(4):
        state = {"type": "S", "version": str(turn), "llm_context": {"messages": [{"content": f"é{number}"} for number in range(turn * 2)]}}
        end(store, run, answer("Yes."), state=state)
        assert store.memory(conversation, run.id) == (state, [])
        run = begin(store, "Next", conversation)
    end(store, run)

    other = Stores(tmp_path)
    loaded, since = other.of(ALICE).memory(conversation, run.id)
    assert loaded == state
    assert {entry.run for entry in since} == {run.id}
    assert [entry.seq for entry in since] == [17, 18, 19]
    other.close()


def test_users_never_see_each_other(stores: Stores) -> None:
    alice, bob = stores.of(ALICE), stores.of(BOB)
    run = begin(alice, "Mine")
    end(alice, run, answer("Yours."), state={"messages": ["secret"]})
    theirs = begin(bob, "Other")

    assert [conversation.id for conversation in bob.conversations(10)] == [theirs.conversation]
    with pytest.raises(ConversationNotFound):
        bob.conversation(run.conversation)
    with pytest.raises(ConversationNotFound):
        begin(bob, "Let me in", run.conversation)
    assert bob.entries(run.conversation) == []
    assert bob.runs(run.conversation) == []
    with pytest.raises(ConversationNotFound):
        bob.transcript(run.conversation, 5)
    for reach in (bob.memory, bob.way_to, bob.prompt_of, bob.run, bob.go_to, bob.show_version, bob.branch):
        with pytest.raises(ConversationNotFound):
            reach(run.conversation, run.id)
        with pytest.raises(ConversationNotFound):
            reach(theirs.conversation, run.id)
    assert numbers(alice, run.conversation) == [1, 2, 3, 4]


def test_a_store_is_opened_once(stores: Stores) -> None:
    """Opening marks lost runs, so a second opening would end live ones."""
    with ThreadPoolExecutor(8) as pool:
        opened = set(pool.map(lambda _: stores.of(ALICE), range(8)))

    assert len(opened) == 1


def test_many_users_leave_files_for_others(tmp_path: Path) -> None:
    """The stores last asked for keep their files open; the others open them again, and a run of theirs goes on."""
    stores = Stores(tmp_path)
    run = begin(stores.of(ALICE))
    for number in range(2 * MOST_OPEN):
        stores.of(User(f"visitor {number}")).count()
    databases = {Path(file.path) for file in psutil.Process().open_files() if file.path.endswith("sqlite")}
    open_here = {file for file in databases if file.is_relative_to(tmp_path)}

    assert len(open_here) == MOST_OPEN
    assert paths.database_file(tmp_path, ALICE) not in open_here
    stores.of(ALICE).append(run, [answer("Here still.")])
    assert numbers(stores.of(ALICE), run.conversation) == [1, 2, 3]
    stores.close()


def test_appending_at_once_from_many_threads_keeps_the_numbers(store: Store) -> None:
    run = begin(store)
    with ThreadPoolExecutor(8) as pool:
        heads = list(pool.map(lambda number: store.append(run, [answer(str(number)), answer("and")]), range(60)))

    assert numbers(store, run.conversation) == list(range(1, 123))
    assert sorted(heads) == list(range(4, 124, 2))


def test_of_many_prompts_at_once_one_wins(store: Store) -> None:
    first = begin(store)
    end(store, first)

    def attempt(_: int) -> bool:
        try:
            begin(store, "Me!", first.conversation)
        except ConversationBusy:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(attempt, range(8))) == 1


def test_a_newer_database_is_left_alone(stores: Stores, store: Store, tmp_path: Path) -> None:
    begin(store)
    stores.close()
    file = paths.database_file(tmp_path, ALICE)
    execute(file, f"PRAGMA user_version = {SCHEMA_VERSION + 1}")

    with pytest.raises(StoreUnavailable, match="written by a newer Roundtable"):
        Stores(tmp_path).of(ALICE)


def test_a_place_that_cannot_be_a_folder_is_said(tmp_path: Path) -> None:
    """The word `full` in the path does not make it a full disk."""
    place = tmp_path / "full"
    place.write_text("a file")

    with pytest.raises(StoreUnavailable, match="cannot be reached just now"):
        Stores(place).of(ALICE)


def test_a_file_that_is_no_database_is_said(tmp_path: Path) -> None:
    file = paths.database_file(tmp_path, ALICE)
    file.parent.mkdir(parents=True)
    file.write_text("not a database, and long enough to be read as the header of one" * 20)

    with pytest.raises(StoreUnavailable, match="could not be used"):
        Stores(tmp_path).of(ALICE)


def test_a_full_disk_is_said(store: Store, tmp_path: Path) -> None:
    """SQLite's own limit on a file's pages stands in for the disk's end."""
    run = begin(store)
    with store._database.writing() as connection:  # noqa: SLF001  # the limit holds for one connection only, so it must be the store's
        connection.exec_driver_sql("PRAGMA max_page_count = 1")
    with pytest.raises(StoreUnavailable, match="The disk is full"):
        store.append(run, [answer("x" * 100_000)])

    assert numbers(store, run.conversation) == [1, 2]
    assert paths.database_file(tmp_path, ALICE).exists()


def test_what_people_wrote_neither_explains_a_failure_nor_is_logged(store: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    run = begin(store)
    execute(paths.database_file(tmp_path, ALICE), "ALTER TABLE events RENAME TO gone")
    with pytest.raises(StoreUnavailable, match="cannot be reached just now"):
        store.append(run, [answer("My secret: the disk is full, permission denied")])
    store.save_partial(run, position=0, source="assistant", text="My secret")
    with pytest.raises(StoreUnavailable):
        store.save_partial(run, position=0, source="assistant", text="My secret")

    assert "unavailable" in caplog.text
    assert "secret" not in caplog.text


def test_a_folder_may_have_any_name(tmp_path: Path) -> None:
    stores = Stores(tmp_path / "what? 100% #1")
    begin(stores.of(ALICE))
    stores.close()

    assert paths.database_file(tmp_path / "what? 100% #1", ALICE).is_file()


def test_a_folder_removed_while_the_server_runs_is_said(store: Store, tmp_path: Path) -> None:
    """An open file would go on taking what nobody could ever read again."""
    run = begin(store)
    (tmp_path / "users").rename(tmp_path / "moved")
    with pytest.raises(StoreUnavailable, match="removed or moved"):
        store.append(run, [answer("Lost?")])


def test_a_run_has_one_end(store: Store) -> None:
    """Whoever comes second, as with a stop in two tabs, changes nothing."""
    run = begin(store)
    head = end(store, run, answer("Done."))

    assert store.end_run(run, [answer("Again.")], RunEnded(status="stopped")) == head
    assert [entry.event.type for entry in store.entries(run.conversation)] == ["user_message", "run_started", "agent_message", "run_ended"]
    assert store.runs(run.conversation)[0].status == "finished"
