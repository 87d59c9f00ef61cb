"""Runs as a tree: going back, other versions, branches, and the states along the way."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from state.conversations import Beginning, RunRecord, Versions
from state.errors import AlreadySent, ConversationBusy
from state.events import AgentMessage, Continued, LogEntry, RunEnded, UserMessage
from state.snapshots import packed, unpacked
from state.store import Store, Stores
from tests.conftest import ALICE

MODEL = "demo · built-in"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Stores(tmp_path).of(ALICE)


def turn(store: Store, prompt: str, conversation: str | None = None, instead_of: str | None = None) -> RunRecord:
    """A finished turn, whose state is all prompts that the agent has seen."""
    run, _ = store.begin_run(conversation, "assistant", UserMessage(text=prompt), MODEL, Beginning(instead_of=instead_of))
    before, _ = store.memory(run.conversation, run.parent)
    state = {"messages": [*(before or {"messages": []})["messages"], prompt]}
    answer = AgentMessage(source="assistant", text=f"{prompt}!")
    store.end_run(run, [answer], RunEnded(status="finished"), state)
    return run


def prompts(entries: list[LogEntry]) -> list[str]:
    return [entry.event.text for entry in entries if isinstance(entry.event, UserMessage)]


def shown(store: Store, conversation: str) -> list[str]:
    """The prompts of the transcript. The agents' state there must know just the same."""
    tip = store.conversation(conversation).tip
    entries = list(store.transcript(conversation, 1000).entries)
    state, since = store.memory(conversation, tip)

    assert entries == store.way_to(conversation, tip)
    assert prompts(entries) == ((state or {"messages": []})["messages"]) + prompts(since)
    return prompts(entries)


def test_asking_again_puts_the_new_turn_beside_the_old(store: Store) -> None:
    """The transcript leads over the new one; text and state switch together, in both directions."""
    first = turn(store, "A")
    id = first.conversation
    second, third = turn(store, "B", id), turn(store, "C", id)
    other = turn(store, "B2", id, instead_of=second.id)

    assert shown(store, id) == ["A", "B2"]
    versions = store.transcript(id, 1000).versions
    assert versions == {other.id: Versions(number=2, count=2, previous=second.id, next=None)}
    store.show_version(id, second.id)
    assert shown(store, id) == ["A", "B", "C"]
    assert store.conversation(id).tip == third.id
    assert store.transcript(id, 1000).versions == {second.id: Versions(number=1, count=2, previous=None, next=other.id)}
    assert [entry.seq for entry in store.entries(id)] == list(range(1, 17))


def test_first_prompts_have_versions_too(store: Store) -> None:
    first = turn(store, "A")
    id = first.conversation
    middle = turn(store, "A2", id, instead_of=first.id)
    last = turn(store, "A3", id, instead_of=first.id)
    store.show_version(id, middle.id)

    assert shown(store, id) == ["A2"]
    assert store.transcript(id, 1000).versions == {middle.id: Versions(number=2, count=3, previous=first.id, next=last.id)}


def test_going_back_leaves_what_came_later_within_reach(store: Store) -> None:
    first = turn(store, "A")
    id = first.conversation
    second = turn(store, "B", id)
    turn(store, "C", id)
    store.go_to(id, first.id)

    assert shown(store, id) == ["A"]
    assert store.transcript(id, 1000).later == second.id
    store.show_version(id, second.id)
    assert shown(store, id) == ["A", "B", "C"]
    assert store.transcript(id, 1000).later is None


def test_what_lies_in_another_version_is_named(store: Store) -> None:
    """Wherever the transcript does not lead over the event; shown, that version holds it."""
    first = turn(store, "A")
    id = first.conversation
    second = turn(store, "B", id)
    turn(store, "B2", id, instead_of=second.id)
    (place,) = [hit.seq for hit in store.search("B") if hit.snippet == "\x02B\x03"]
    elsewhere = store.transcript(id, 1, reaching=place).elsewhere

    assert elsewhere == second.id
    store.show_version(id, second.id)
    assert store.transcript(id, 1, reaching=place).elsewhere is None
    store.go_to(id, None)
    assert store.transcript(id, 1, reaching=place).elsewhere == second.id


def test_undoing_all_leaves_an_empty_transcript(store: Store) -> None:
    first = turn(store, "A")
    id = first.conversation
    store.go_to(id, None)

    assert shown(store, id) == []
    assert store.transcript(id, 10).later == first.id
    turn(store, "B", id)
    assert shown(store, id) == ["B"]
    assert store.transcript(id, 10).versions.keys() == {store.conversation(id).tip}


def test_a_branch_is_a_conversation_of_its_own(store: Store) -> None:
    """It holds the way to its turn and nothing else, is found by its words, and what was paid once is not counted again."""
    first = turn(store, "Apple")
    id = first.conversation
    second = turn(store, "Banana", id)
    turn(store, "Cherry", id)
    turn(store, "Berry", id, instead_of=second.id)
    branch = store.branch(id, second.id)

    assert branch.title == "Apple (branch)"
    assert shown(store, branch.id) == ["Apple", "Banana"]
    assert [entry.seq for entry in store.entries(branch.id)] == list(range(1, 9))
    assert {entry.run for entry in store.entries(branch.id)}.isdisjoint({first.id, second.id})
    turn(store, "Date", branch.id)
    assert shown(store, branch.id) == ["Apple", "Banana", "Date"]
    assert shown(store, id) == ["Apple", "Berry"]
    assert {hit.conversation.id for hit in store.search("banana")} == {id, branch.id}
    assert store.branch(branch.id, store.runs(branch.id)[0].id).title == "Apple (branch)"
    store.delete(id)
    assert shown(store, branch.id) == ["Apple", "Banana", "Date"]


def test_a_window_begins_with_a_whole_answer(store: Store) -> None:
    """One that was broken off and went on is shown from its prompt."""
    turn(store, "Before")
    run, _ = store.begin_run(None, "assistant", UserMessage(text="Tell"), MODEL)
    store.end_run(run, [], RunEnded(status="stopped"))
    for _ in range(3):
        more, _ = store.begin_run(run.conversation, "assistant", Continued(text="Go on."), MODEL)
        store.end_run(more, [], RunEnded(status="stopped"))

    assert more.continues
    assert [entry.seq for entry in store.transcript(run.conversation, 1).entries] == list(range(1, 13))


def steps(store: Store, question: Callable[[], object]) -> int:
    """What SQLite does for a question, in instructions of its virtual machine: the same number on every machine."""
    done = 0

    def count() -> None:
        nonlocal done
        done += 1

    with store._database.reading() as connection:  # noqa: SLF001  # this thread's one connection, which the question will use
        driver: Any = connection.connection.driver_connection
    driver.set_progress_handler(count, 1)
    question()
    driver.set_progress_handler(None, 0)
    return done


def drawing_costs(store: Store, turns: int) -> list[int]:
    """What a page asks when it is drawn anew, but for the sums over all turns. The last turn shown has a version beside it."""
    first = turn(store, "A")
    last = [turn(store, "B", first.conversation) for _ in range(turns)][-1]
    turn(store, "Again", first.conversation, instead_of=last.id)
    id = first.conversation
    questions = (
        partial(store.conversation, id),
        partial(store.head, id),
        partial(store.waiting_run, id),
        partial(store.transcript, id, 30),
        partial(store.prompt_of, id, last.id),
        partial(store.entries, id, after=4 * turns),
    )
    return [steps(store, question) for question in questions]


def test_a_window_of_a_long_conversation_costs_what_one_of_a_short_one_does(store: Store) -> None:
    short, long = drawing_costs(store, 30), drawing_costs(store, 300)

    assert min(short) > 5
    assert [many <= 1.2 * few + 50 for few, many in zip(short, long, strict=True)] == [True] * len(short)


def test_nothing_is_moved_while_a_run_lives(store: Store) -> None:
    first = turn(store, "A")
    id = first.conversation
    live, _ = store.begin_run(id, "assistant", UserMessage(text="B"), MODEL)
    for move in (store.go_to, store.show_version):
        with pytest.raises(ConversationBusy):
            move(id, first.id)
    with pytest.raises(ConversationBusy):
        store.branch(id, live.id)

    assert store.conversation(id).tip == live.id


def test_a_prompt_sent_twice_is_one(store: Store) -> None:
    """The same id is refused, also once its run has ended, and in another conversation."""
    beginning = Beginning(run_id="r1")
    run, _ = store.begin_run(None, "assistant", UserMessage(text="A"), MODEL, beginning)
    store.end_run(run, [], RunEnded(status="finished"))
    for conversation in (run.conversation, None):
        with pytest.raises(AlreadySent):
            store.begin_run(conversation, "assistant", UserMessage(text="A"), MODEL, beginning)

    assert prompts(store.entries(run.conversation)) == ["A"]
    assert store.count() == 1


def test_patches_are_kept_small() -> None:
    patch = {"keep": 3, "add": ["The same words. " * 100, "half \ud83d"]}

    assert unpacked(packed(patch)) == patch
    assert len(packed(patch)) < 100
