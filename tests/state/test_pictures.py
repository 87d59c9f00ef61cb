"""Pictures on a real disk: each once, and for as long as a conversation holds it."""

import sqlite3
from hashlib import sha256
from pathlib import Path

import pytest

from state import paths
from state.errors import ImageNotFound
from state.events import RunEnded, UserMessage
from state.images import ImageReceipt, StoredImage
from state.store import Store, Stores
from tests.conftest import ALICE, BOB

ONE, TWO = b"\x89PNG one", b"\xff\xd8\xff two"


@pytest.fixture
def stores(tmp_path: Path) -> Stores:
    return Stores(tmp_path)


@pytest.fixture
def store(stores: Stores) -> Store:
    return stores.of(ALICE)


def image(data: bytes) -> StoredImage:
    receipt = ImageReceipt(format="PNG", size=9, width=1, height=1)
    id = sha256(data).hexdigest()
    return StoredImage(id=id, name="a.png", media_type="image/png", size=len(data), width=1, height=1, receipt=receipt)


def ask(store: Store, *pictures: bytes, conversation: str | None = None) -> str:
    message = UserMessage(text="Look", images=tuple(map(image, pictures)))
    data = {image(picture).id: picture for picture in pictures}
    run, _ = store.begin_run(conversation, "images", message, "demo", images=data)
    store.end_run(run, [], RunEnded(status="finished"))
    return run.conversation


def kept(store: Store, data: bytes) -> bool:
    try:
        return store.image(image(data).id) == data
    except ImageNotFound:
        return False


def rows(tmp_path: Path) -> tuple[int, int]:
    connection = sqlite3.connect(paths.database_file(tmp_path, ALICE))
    counts = [connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in ("images", "image_uses")]  # noqa: S608
    connection.close()
    return counts[0], counts[1]


def test_a_picture_sent_again_is_stored_once(store: Store, tmp_path: Path) -> None:
    conversation = ask(store, ONE)
    ask(store, ONE, TWO, ONE, conversation=conversation)
    ask(store, ONE)

    assert rows(tmp_path) == (2, 4)
    assert store.images(conversation) == {image(ONE).id: ONE, image(TWO).id: TWO}


def test_it_goes_with_the_last_conversation_that_holds_it(store: Store, tmp_path: Path) -> None:
    """And nothing of it is left in the file."""
    first, second = ask(store, ONE, TWO), ask(store, ONE)
    store.delete(first)
    assert (kept(store, ONE), kept(store, TWO)) == (True, False)
    store.delete(second)

    assert not kept(store, ONE)
    assert rows(tmp_path) == (0, 0)
    assert ONE not in paths.database_file(tmp_path, ALICE).read_bytes()


def test_a_branch_holds_what_is_on_its_way(store: Store) -> None:
    conversation = ask(store, ONE)
    ask(store, TWO, conversation=conversation)
    branch = store.branch(conversation, store.runs(conversation)[0].id).id
    store.delete(conversation)

    assert store.images(branch) == {image(ONE).id: ONE}
    assert not kept(store, TWO)


def test_another_user_has_none_of_it(stores: Stores, store: Store) -> None:
    ask(store, ONE)

    assert not kept(stores.of(BOB), ONE)


def test_deleting_everything_deletes_them(store: Store, tmp_path: Path) -> None:
    ask(store, ONE)
    store.delete_all()

    assert rows(tmp_path) == (0, 0)


def test_a_prompt_and_its_pictures_are_saved_together_or_not_at_all(store: Store, tmp_path: Path) -> None:
    """A prompt that refers to a picture nobody gave is not taken, and its conversation is not begun."""
    with pytest.raises(Exception, match="could not be used"):
        store.begin_run(None, "images", UserMessage(text="Look", images=(image(ONE),)), "demo", images={image(TWO).id: TWO})

    assert store.count() == 0
    assert rows(tmp_path) == (0, 0)


def test_a_state_s_own_pictures_are_kept_with_it(store: Store) -> None:
    run, _ = store.begin_run(None, "images", UserMessage(text="Draw"), "demo")
    store.end_run(run, [], RunEnded(status="finished"), {"image": image(ONE).id}, images={image(ONE).id: ONE})
    branch = store.branch(run.conversation, run.id).id
    store.delete(run.conversation)

    assert store.images(branch) == {image(ONE).id: ONE}
