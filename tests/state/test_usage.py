"""What was used, asked of a real database."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from state import tables
from state.events import RunEnded, Usage, UserMessage
from state.store import Store, Stores
from state.usage import QUARTER
from tests.conftest import ALICE

EPOCH = datetime.fromtimestamp(0, UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    stores = Stores(tmp_path)
    yield stores.of(ALICE)
    stores.close()


def answer(store: Store, *, model: str = "m", tokens: int = 10, cost: float | None = None, conversation: str | None = None) -> str:
    run, _ = store.begin_run(conversation, "assistant", UserMessage(text="Hello"), model)
    store.end_run(run, [], RunEnded(status="finished", usage=Usage(prompt_tokens=tokens, completion_tokens=1), cost=cost))
    return run.conversation


def age(store: Store, conversation: str, **ago: float) -> None:
    """Have all of a conversation happened earlier."""
    seconds = timedelta(**ago).total_seconds()
    runs, conversations = tables.runs, tables.conversations
    with store._database.writing() as connection:  # noqa: SLF001  # nothing else turns back time
        connection.execute(update(runs).where(runs.c.conversation == conversation).values(started=runs.c.started - seconds))
        updated = conversations.c.updated - seconds
        connection.execute(update(conversations).where(conversations.c.id == conversation).values(updated=updated))


def test_answers_are_summed_by_model_and_quarter(store: Store) -> None:
    first = answer(store, cost=0.5)
    answer(store, cost=0.25, conversation=first)
    answer(store, model="other")
    age(store, answer(store, tokens=30), minutes=16)
    used = store.used_since(EPOCH)

    assert sum(each.answers for each in used) == 4
    assert [each.usage.prompt_tokens for each in used if each.usage.prompt_tokens == 30] == [30]
    assert sum(each.cost or 0 for each in used) == 0.75
    assert {each.cost for each in used if each.model == "other"} == {None}
    assert all(each.begin.timestamp() % QUARTER == 0 for each in used)
    assert used == sorted(used, key=lambda each: (each.begin, each.model))


def test_what_was_before_counts_nothing(store: Store) -> None:
    """Not even where its conversation has gone on since."""
    conversation = answer(store, tokens=1)
    age(store, conversation, days=2)
    answer(store, tokens=5, conversation=conversation)
    age(store, answer(store, tokens=7), days=2)

    used = store.used_since(datetime.now(UTC) - timedelta(days=1))
    assert [each.usage.prompt_tokens for each in used] == [5]


def test_a_branch_counts_nothing_again(store: Store) -> None:
    conversation = answer(store)
    store.branch(conversation, store.conversation(conversation).tip or "")

    assert sum(each.answers for each in store.used_since(EPOCH)) == 1


def test_what_is_deleted_counts_no_more(store: Store) -> None:
    store.delete(answer(store))

    assert store.used_since(EPOCH) == []


def test_both_steps_go_by_an_index(store: Store) -> None:
    """However many conversations lie beside those of the last days."""
    asked: list[str] = []
    answer(store)
    with store._database.reading() as connection:  # noqa: SLF001  # what the database means to do
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.set_trace_callback(asked.append)
    store.used_since(EPOCH)
    with store._database.reading() as connection:  # noqa: SLF001
        query = next(statement for statement in asked if "GROUP BY" in statement)
        steps = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}")]

    assert [step for step in steps if "conversations_by_update" in step]
    assert [step for step in steps if "runs_by_conversation" in step]
    assert not [step for step in steps if step.startswith("SCAN")]
