"""Finding what was said, and that nothing of it is left where it was deleted."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from state import paths
from state.conversations import LONGEST_TITLE
from state.errors import ConversationNotFound, TitleRefused
from state.events import AgentMessage, RunEnded, ToolResult, UserMessage
from state.search import MARK, UNMARK, to_line
from state.store import Store, Stores
from tests.conftest import ALICE, BOB


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[Stores]:
    opened = Stores(tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def store(stores: Stores) -> Store:
    return stores.of(ALICE)


def converse(store: Store, prompt: str, answer: str = "Yes.", *, mode: str = "assistant", minutes: int = 0) -> str:
    """Put a conversation of one turn on disk; return its id."""
    asked = UserMessage(text=prompt, time=datetime.now(UTC) + timedelta(minutes=minutes))
    run, _ = store.begin_run(None, mode, asked, "demo · built-in")
    store.end_run(run, [AgentMessage(source="assistant", text=answer)], RunEnded(status="finished"), {"messages": [prompt, answer]})
    return run.conversation


def found(store: Store, text: str, mode: str | None = None) -> list[tuple[str, int]]:
    return [(hit.conversation.id, hit.seq) for hit in store.search(text, mode=mode)]


def on_disk(folder: Path) -> bytes:
    """All that SQLite's files hold, whether anything refers to it or not."""
    return b"".join(file.read_bytes() for file in paths.user_folder(folder, ALICE).iterdir())


def test_prompts_and_answers_are_found(store: Store) -> None:
    """The last word may be a beginning, case and accents do not matter, and all words must be in one message."""
    lamp = converse(store, "Where is the lamp?", "In the café, on the upper shelf.")
    other = converse(store, "And the ladder?", "In the shed.")

    assert found(store, "lamp") == [(lamp, 1)]
    assert found(store, "CAFE") == [(lamp, 3)]
    assert found(store, "upper she") == [(lamp, 3)]
    assert found(store, "uppe shelf") == []
    assert found(store, "lamp shelf") == []
    assert found(store, "the") == [(other, 3), (other, 1), (lamp, 3), (lamp, 1)]


def test_a_hit_shows_its_words_in_one_line(store: Store) -> None:
    converse(store, "Go", "Long ago.\n\n# A heading\n- the red\x07 lamp\n" + "and so on " * 50)
    snippet = store.search("red lamp")[0].snippet

    assert f"# A heading - the {MARK}red{UNMARK} {MARK}lamp{UNMARK} and so on" in snippet
    assert snippet.endswith("…")
    assert to_line("a\0b\n\tc\x07") == "a b c"


def test_what_tools_gave_is_not_searched(store: Store) -> None:
    run, _ = store.begin_run(None, "assistant", UserMessage(text="Go"), "demo · built-in")
    store.append(run, [ToolResult(source="assistant", call_id="1", name="read", text="Zanzibar")])

    assert found(store, "Zanzibar") == []


def test_hits_come_in_pages_and_by_mode(store: Store) -> None:
    one, two, other = converse(store, "lamp"), converse(store, "lamp"), converse(store, "lamp", mode="team")

    assert found(store, "lamp", "team") == [(other, 1)]
    assert [hit.conversation.id for hit in store.search("lamp", limit=1, offset=1)] == [two]
    assert [hit.conversation.id for hit in store.search("lamp", limit=9, offset=2)] == [one]


SYNTAX = ['"', "'", "*", "NEAR(", "NEAR", "AND OR NOT", "-", "a-b", "text:a", "^a", "(", "a\0b", "\udcff", "", " ", "+", "{a}"]


@pytest.mark.parametrize("text", SYNTAX)
def test_search_text_has_no_syntax(store: Store, text: str) -> None:
    converse(store, f"Say {text.encode('utf-8', 'ignore').decode()} now")

    assert len(found(store, text)) <= 1
    assert found(store, f"now {text}") == found(store, "now") or any(map(str.isalnum, text))


def test_quoted_and_hyphenated_words_are_found(store: Store) -> None:
    conversation = converse(store, 'Is "state-of-the-art" NEAR or NOT?')

    assert found(store, '"state-of-the-art"') == found(store, "NEAR or NOT") == found(store, "not near") == [(conversation, 1)]
    assert found(store, "art-the") == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300)
@given(st.text(st.characters(exclude_categories=[])))
@example("a " * 5000)
def test_no_search_text_fails(store: Store, text: str) -> None:
    store.search(text)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_whatever_was_said_can_be_deleted(store: Store, text: str) -> None:
    """The index is whole afterwards, whatever was in it."""
    conversation = converse(store, text, text)
    store.delete(conversation)

    with store._database.writing() as connection:  # noqa: SLF001  # the index's own check, which nothing of ours asks for
        connection.exec_driver_sql("INSERT INTO said_words (said_words, rank) VALUES ('integrity-check', 1)")


def test_a_title_that_was_given_is_found(store: Store) -> None:
    conversation = converse(store, "Hello")
    store.rename(conversation, "  The \n green   ladder ")

    assert store.conversation(conversation).title == "The green ladder"
    assert found(store, "green") == [(conversation, 0)]
    store.rename(conversation, "The blue ladder")
    assert found(store, "green") == []
    assert found(store, "blue") == [(conversation, 0)]
    assert found(store, "Hello") == [(conversation, 1)]


@pytest.mark.parametrize("title", ["", " \n ", "x" * (LONGEST_TITLE + 1)])
def test_a_title_that_cannot_be_one_is_refused(store: Store, title: str) -> None:
    conversation = converse(store, "Hello")
    with pytest.raises(TitleRefused, match="at least one character and at most 120"):
        store.rename(conversation, title)

    assert store.conversation(conversation).title == "Hello"


def test_the_longest_title_is_taken(store: Store) -> None:
    conversation = converse(store, "Hello")
    store.rename(conversation, " " + "x" * LONGEST_TITLE + " ")

    assert store.conversation(conversation).title == "x" * LONGEST_TITLE


def test_nothing_of_a_deleted_conversation_is_on_disk(store: Store, tmp_path: Path) -> None:
    """Not in a row, a free page, the index or the write-ahead log; the others are as they were."""
    kept = converse(store, "Kept words", "Stay here.")
    conversation = converse(store, "Zanzibarquartz", "Mirrorwalrus " * 2000)
    store.rename(conversation, "Xylophonemilk")
    run, _ = store.begin_run(conversation, "assistant", UserMessage(text="Again"), "demo · built-in")
    store.save_partial(run, position=0, source="assistant", text="Umbrellagoat")
    words = [b"anzibarquartz", b"irrorwalrus", b"ylophonemilk", b"mbrellagoat", conversation.encode()]
    assert [word in on_disk(tmp_path).replace(b"M", b"m") for word in words] == [True] * 5
    store.delete(conversation)

    assert [word in on_disk(tmp_path) for word in words] == [False] * 5
    assert found(store, "Zanzibarquartz") == found(store, "Xylophonemilk") == []
    with pytest.raises(ConversationNotFound):
        store.conversation(conversation)
    assert (store.runs(conversation), store.entries(conversation)) == ([], [])
    assert found(store, "kept") == [(kept, 1)]
    assert [entry.seq for entry in store.entries(kept)] == [1, 2, 3, 4]
    assert store.memory(kept, store.conversation(kept).tip) == ({"messages": ["Kept words", "Stay here."]}, [])


def test_foreign_keys_hold_again_after_a_deletion(store: Store) -> None:
    store.delete(converse(store, "Hello"))
    with store._database.writing() as connection:  # noqa: SLF001  # the pool hands out the connection that deleted
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar_one() == 1


def test_only_one_s_own_conversations_are_renamed_deleted_and_found(stores: Stores, store: Store) -> None:
    conversation, stranger = converse(store, "Mine"), stores.of(BOB)
    with pytest.raises(ConversationNotFound):
        stranger.rename(conversation, "Theirs")
    with pytest.raises(ConversationNotFound):
        stranger.delete(conversation)

    assert stranger.search("mine") == []
    assert store.conversation(conversation).title == "Mine"


def test_a_run_brings_nothing_back_that_was_deleted(store: Store) -> None:
    """Whatever a run still had to say when its conversation went is dropped in silence."""
    run, _ = store.begin_run(None, "assistant", UserMessage(text="Hello"), "demo · built-in")
    store.delete(run.conversation)
    answer = AgentMessage(source="assistant", text="Zanzibar")
    store.save_partial(run, position=0, source="assistant", text="Zanzibar")

    assert store.append(run, [answer]) == store.end_run(run, [answer], RunEnded(status="finished"), {"messages": []}) == 0
    assert (store.entries(run.conversation), store.runs(run.conversation)) == ([], [])
    with store._database.reading() as connection:  # noqa: SLF001  # no question of ours shows an orphan
        assert connection.exec_driver_sql("SELECT count(*) FROM partials").scalar_one() == 0
        assert connection.exec_driver_sql("SELECT count(*) FROM snapshots").scalar_one() == 0


def test_conversations_come_in_pages_and_by_mode(store: Store) -> None:
    ids = [converse(store, f"Number {number}", mode=("assistant", "team")[number % 2], minutes=number) for number in range(5)][::-1]

    assert [each.id for each in store.conversations(2, offset=2)] == ids[2:4]
    assert [each.id for each in store.conversations(9, mode="team")] == [ids[1], ids[3]]
    assert [each.id for each in store.conversations(1, mode="assistant", offset=1)] == [ids[2]]
    assert (store.count(), store.count("assistant"), store.count("team"), store.count("none")) == (5, 3, 2, 0)
