"""What a person thought of answers, kept and taken along."""

import json
import sqlite3
from pathlib import Path

import pytest

from agents.exports import export_conversation
from state import paths
from state.errors import ConversationNotFound, ImportRefused
from state.events import AgentMessage, RunEnded, UserMessage, now
from state.exports import checksum
from state.feedback import Feedback
from state.imports import read_conversation_file
from state.store import Store, Stores
from tests.conftest import ALICE, BOB


@pytest.fixture
def stores(tmp_path: Path) -> Stores:
    return Stores(tmp_path)


@pytest.fixture
def store(stores: Stores) -> Store:
    return stores.of(ALICE)


def answered(store: Store) -> tuple[str, str]:
    """A conversation of one turn; its id and the run's."""
    run, _ = store.begin_run(None, "assistant", UserMessage(text="Hello"), "m")
    store.end_run(run, [AgentMessage(source="assistant", text="Hi")], RunEnded(status="finished"))
    return run.conversation, run.id


def bad(run: str, comment: str = "") -> Feedback:
    return Feedback(run=run, verdict="bad", comment=comment, time=now())


def test_the_last_verdict_counts_until_it_is_taken_back(store: Store) -> None:
    conversation, run = answered(store)
    store.give_feedback(conversation, Feedback(run=run, verdict="good", time=now()))
    store.give_feedback(conversation, given := bad(run, "too short"))

    assert store.feedback(conversation) == {run: given}

    store.take_back_feedback(conversation, run)
    assert store.feedback(conversation) == {}


def test_nobody_judges_what_is_not_theirs(stores: Stores, store: Store) -> None:
    conversation, run = answered(store)
    for refused in (stores.of(BOB), store):
        with pytest.raises(ConversationNotFound):
            refused.give_feedback(conversation if refused is not store else "other", bad(run))

    assert store.feedback(conversation) == {}


def test_it_goes_with_its_conversation(store: Store) -> None:
    """Into its file, into what is made of that, and from the disk."""
    conversation, run = answered(store)
    store.give_feedback(conversation, given := bad(run, "too short"))
    again = store.take_in(read_conversation_file(export_conversation(store, conversation).encode()))
    (taken,) = store.feedback(again.id).values()
    store.delete(conversation)

    assert taken == given.model_copy(update={"run": again.tip})
    assert store.feedback(conversation) == {}


def test_a_file_may_judge_its_own_answers_only(store: Store) -> None:
    conversation, _ = answered(store)
    content = json.loads(export_conversation(store, conversation))
    content["feedback"] = [bad("another").model_dump(mode="json")]
    content["checksum"] = checksum(content)

    with pytest.raises(ImportRefused, match="judges answers that it does not hold"):
        read_conversation_file(json.dumps(content).encode())


def test_a_database_of_the_version_before_gets_the_table(stores: Stores, store: Store, tmp_path: Path) -> None:
    conversation, run = answered(store)
    stores.close()
    with sqlite3.connect(paths.database_file(tmp_path, ALICE)) as before:
        before.executescript("DROP TABLE feedback; PRAGMA user_version = 4")
    before.close()
    opened = Stores(tmp_path).of(ALICE)
    opened.give_feedback(conversation, bad(run))

    assert list(opened.feedback(conversation)) == [run]
