"""A user's response cache on a real disk."""

import json
import os
import pickle
import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from diskcache import Cache  # type: ignore[import-untyped]  # it has no types

from state import paths
from state.answers import AnswerCache, AnswerStats
from tests.conftest import ALICE, BOB, wait_until
from tests.locks import EXCLUSIVE, WRITING, locked

VALUE = {"content": "Paris \ud83d é 😀", "usage": [1, 2.5, None, True]}


def opened(data_dir: Path, *, time_to_live: float = 3600, size_limit: int = 10_000_000) -> AnswerCache:
    return AnswerCache(data_dir, ALICE, time_to_live=time_to_live, size_limit=size_limit)


@pytest.fixture
def answers(tmp_path: Path) -> AnswerCache:
    return opened(tmp_path)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return paths.answers_folder(tmp_path, ALICE) / "cache.db"


def execute(file: Path, statement: str, *values: object) -> None:
    """Do something to a cache behind Roundtable's back."""
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute(statement, values)


class Bomb:
    """Unpickling it leaves a folder behind."""

    def __init__(self, crater: Path) -> None:
        self.crater = crater

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.crater),)


def test_what_was_kept_is_found(answers: AnswerCache) -> None:
    """As a value of its own, which whoever gets it may change."""
    answers.set("key", VALUE)
    found = answers.get("key")

    assert found == VALUE
    found["content"] = "changed"
    assert answers.get("key") == VALUE
    assert answers.get("other key") is None


def test_the_later_answer_takes_the_place_of_the_earlier(answers: AnswerCache) -> None:
    answers.set("key", 1)
    answers.set("key", 2)

    assert answers.get("key") == 2
    assert answers.stats().entries == 1


def test_it_survives_a_restart(tmp_path: Path, answers: AnswerCache) -> None:
    """The answers and the counts."""
    answers.set("key", VALUE)
    answers.get("key")
    answers.close()
    later = opened(tmp_path)

    assert later.get("key") == VALUE
    assert (later.stats().entries, later.stats().hits) == (1, 2)
    assert not later.mended


def test_another_user_has_another_cache(tmp_path: Path, answers: AnswerCache) -> None:
    answers.set("key", VALUE)
    other = AnswerCache(tmp_path, BOB, time_to_live=3600, size_limit=10_000_000)

    assert other.get("key") is None
    assert other.stats().entries == 0


def test_stats_count_lookups(answers: AnswerCache) -> None:
    assert answers.stats().hit_rate == 0
    answers.set("key", VALUE)
    for key in ("key", "other", "key", "key"):
        answers.get(key)
    stats = answers.stats()

    assert (stats.entries, stats.hits, stats.misses, stats.hit_rate) == (1, 3, 1, 0.75)
    assert stats.bytes > 0


def test_clearing_forgets_all_and_gives_the_disk_back(answers: AnswerCache) -> None:
    empty = answers.stats()
    for number in range(50):
        answers.set(f"key {number}", "long " * 2000)
    answers.get("key 1")
    full = answers.stats()
    answers.clear()

    assert full.bytes > 500_000
    assert answers.stats() == empty
    assert answers.get("key 1") is None


def test_answers_die_of_age(tmp_path: Path) -> None:
    answers = opened(tmp_path, time_to_live=0.05)
    answers.set("key", VALUE)
    wait_until(lambda: answers.get("key") is None)

    assert answers.stats().entries == 0


def test_the_oldest_go_when_it_is_full(tmp_path: Path) -> None:
    answers = opened(tmp_path, size_limit=500_000)
    for number in range(100):
        answers.set(f"key {number}", "long " * 4000)
    stats = answers.stats()

    assert stats.bytes < 600_000
    assert stats.entries > 10
    assert answers.get("key 0") is None
    assert answers.get("key 99") is not None


def test_what_is_larger_than_the_cache_is_not_kept(tmp_path: Path) -> None:
    """It would push out everything else."""
    answers = opened(tmp_path, size_limit=100_000)
    answers.set("small", VALUE)
    answers.set("large", "x" * 100_000)

    assert answers.get("large") is None
    assert answers.get("small") == VALUE


@pytest.mark.parametrize("value", [object(), b"bytes", {1, 2}, {"a": Path()}, float("nan")])
def test_what_is_not_json_is_refused(answers: AnswerCache, value: object) -> None:
    with pytest.raises((TypeError, ValueError)):
        answers.set("key", value)

    assert answers.get("key") is None


def test_a_planted_pickle_is_not_executed(tmp_path: Path, answers: AnswerCache, file: Path) -> None:
    """Neither in a row, nor in a file a row names, nor as a key; diskcache itself executes it."""
    crater = tmp_path / "crater"
    bomb = pickle.dumps(Bomb(crater))
    (tmp_path / "bomb").write_bytes(bomb)
    for key in ("row", "file", "clear", "other"):
        answers.set(key, VALUE)
    execute(file, "UPDATE Cache SET mode = 4, value = ? WHERE key = 'row'", bomb)
    execute(file, "UPDATE Cache SET mode = 4, value = NULL, filename = ? WHERE key = 'file'", str(tmp_path / "bomb"))
    execute(file, "UPDATE Cache SET key = ?, raw = 0 WHERE key = 'clear'", bomb)

    assert answers.get("row") is None
    assert answers.get("file") is None
    assert answers.get("other") == VALUE
    assert answers.stats().misses == 2
    answers.set("row", VALUE)
    assert answers.get("row") == VALUE
    answers.clear()
    assert not crater.exists()
    assert not answers.mended

    execute(file, "INSERT INTO Cache (key, raw, mode, value) VALUES ('row', 1, 4, ?)", bomb)
    with Cache(file.parent) as plain:
        plain.get("row")
    assert crater.exists(), "the bomb is a bomb"


@pytest.mark.parametrize("mode", [1, 2, 3])
def test_a_row_cannot_name_a_file_to_read_or_remove(tmp_path: Path, answers: AnswerCache, file: Path, mode: int) -> None:
    secret = tmp_path / "secret"
    secret.write_text('"secret"')
    answers.set("key", VALUE)
    execute(file, "UPDATE Cache SET mode = ?, value = NULL, filename = ?", mode, str(secret))

    assert answers.get("key") is None
    answers.set("key", VALUE)
    assert answers.get("key") == VALUE
    answers.clear()
    assert secret.exists()


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, "not JSON", b"\xff\xfe", 7, None])
def test_a_row_that_is_not_json_is_a_miss(answers: AnswerCache, file: Path, text: object) -> None:
    answers.set("key", VALUE)
    execute(file, "UPDATE Cache SET value = ?", text)

    assert answers.get("key") is None
    answers.set("key", VALUE)
    assert answers.get("key") == VALUE
    assert not answers.mended


def garble(file: Path) -> None:
    file.write_bytes(os.urandom(50_000))


def garble_the_middle(file: Path) -> None:
    """Everything but the header, so that SQLite takes it for its own at first."""
    whole = file.read_bytes()
    file.write_bytes(whole[:100] + os.urandom(len(whole) - 100))


def cut_short(file: Path) -> None:
    os.truncate(file, file.stat().st_size * 2 // 3)


def cut_in_a_page(file: Path) -> None:
    os.truncate(file, 5000)


def drop_a_table(file: Path) -> None:
    execute(file, "DROP TABLE Cache")


def misuse_a_setting(file: Path) -> None:
    """diskcache makes attributes of settings, so this one shadows its method."""
    execute(file, "INSERT INTO Settings VALUES ('_transact', 'no method')")


DAMAGES = [garble, garble_the_middle, cut_short, cut_in_a_page]


@pytest.mark.parametrize("reopened", [True, False], ids=["at the start", "in use"])
@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_replaced_and_said(tmp_path: Path, file: Path, damage: Callable[[Path], None], *, reopened: bool) -> None:
    answers = opened(tmp_path)
    for number in range(20):
        answers.set(f"key {number}", "long " * 2000)
    damage(file)
    answers = opened(tmp_path) if reopened else answers

    for number in range(20):
        assert answers.get(f"key {number}") in (None, "long " * 2000)
    answers.set("key", VALUE)
    assert answers.get("key") == VALUE
    assert answers.mended
    answers.clear()
    assert not answers.mended


def test_a_lost_table_is_damage_in_use_and_made_anew_at_the_start(tmp_path: Path, answers: AnswerCache, file: Path) -> None:
    answers.set("key", VALUE)
    drop_a_table(file)

    assert answers.get("key") is None
    assert answers.mended
    answers.set("key", VALUE)
    drop_a_table(file)
    later = opened(tmp_path)
    later.set("key", VALUE)
    assert later.get("key") == VALUE


def test_a_setting_that_breaks_diskcache_is_damage(tmp_path: Path, answers: AnswerCache, file: Path) -> None:
    answers.set("key", VALUE)
    misuse_a_setting(file)
    later = opened(tmp_path)

    assert later.get("key") is None
    assert later.mended
    later.set("key", VALUE)
    assert later.get("key") == VALUE


def test_a_deleted_folder_is_made_anew_until_the_cache_is_closed(answers: AnswerCache, file: Path) -> None:
    answers.set("key", VALUE)
    for left in file.parent.iterdir():
        left.unlink()
    file.parent.rmdir()

    assert answers.get("key") is None
    assert not answers.mended
    answers.set("key", VALUE)
    assert answers.get("key") == VALUE
    answers.close()
    file.unlink()
    answers.set("key", VALUE)
    assert (answers.get("key"), answers.stats()) == (None, AnswerStats())
    assert not file.exists()


def test_nothing_lies_beside_the_file(answers: AnswerCache, file: Path) -> None:
    """Large answers neither: a folder of its own, one file in it, no open connection, for nobody else to read."""
    answers.set("key", "long " * 100_000)

    assert [left.name for left in file.parent.iterdir()] == ["cache.db"]
    assert file.parent.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("reopened", [True, False], ids=["at the start", "in use"])
@pytest.mark.parametrize("script", [WRITING, EXCLUSIVE], ids=["to write", "to read"])
def test_a_locked_file_is_a_miss(tmp_path: Path, answers: AnswerCache, file: Path, script: str, *, reopened: bool) -> None:
    """Soon: not after the minute diskcache would wait. When the lock is gone, all is there again."""
    answers.set("key", VALUE)
    tried = opened(tmp_path) if reopened else answers
    with locked(file, script):
        began = time.monotonic()
        assert tried.get("key") is None
        tried.set("other", VALUE)
        tried.clear()
        assert tried.stats() == AnswerStats()
        took = time.monotonic() - began

    assert took < 10
    assert tried.get("key") == VALUE
    assert tried.get("other") is None
    assert not tried.mended


def test_a_file_that_cannot_be_opened_keeps_nothing(answers: AnswerCache, file: Path) -> None:
    """It may be sound, so it stays: SQLite says of a folder in its place what it says of a file without permission, to root too."""
    file.mkdir(parents=True)
    answers.set("key", VALUE)

    assert answers.get("key") is None
    assert not answers.mended
    assert file.is_dir()
    file.rmdir()
    answers.set("key", VALUE)
    assert answers.get("key") == VALUE


def test_a_file_where_the_folder_should_be_keeps_nothing(answers: AnswerCache, file: Path) -> None:
    file.parent.parent.mkdir(parents=True)
    file.parent.write_text("in the way")
    answers.set("key", VALUE)

    assert answers.get("key") is None
    assert file.parent.read_text() == "in the way"


def test_many_threads_use_it_at_once(tmp_path: Path, answers: AnswerCache) -> None:
    """Two caches on one folder, as two tabs of a page might have, and eight threads."""
    both = (answers, opened(tmp_path))
    start = threading.Barrier(8)

    def work(worker: int) -> list[bool]:
        start.wait()
        found = []
        for number in range(20):
            key = f"{worker} {number}"
            both[number % 2].set(key, {"key": key})
            found.append(both[(number + 1) % 2].get(key) == {"key": key})
        return found

    with ThreadPoolExecutor(8) as pool:
        found = [is_found for founds in pool.map(work, range(8)) for is_found in founds]

    assert all(found)
    assert answers.stats().entries == 160


def test_the_file_holds_plain_json(answers: AnswerCache, file: Path) -> None:
    answers.set("key", VALUE)
    with closing(sqlite3.connect(file)) as connection:
        rows = connection.execute("SELECT key, raw, mode, filename, value FROM Cache").fetchall()

    assert rows == [("key", 1, 1, None, json.dumps(VALUE))]
