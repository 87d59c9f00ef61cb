"""The files of a conversation: dropped in, made by code, gone back with, copied, exported, imported and deleted."""

import json

import pytest

from agents.application import Application
from agents.coding.mode import CODING
from agents.exports import export_conversation
from agents.imports import read_import
from agents.time_machine import TimeMachine
from state.conversations import Beginning
from state.errors import ConversationNotFound, FileRefused, ImportRefused
from state.events import InputAnswered, KeptFile, UserMessage
from state.exports import checksum
from state.file_history import FileHistory
from state.store import Store
from tests.agents.coding.test_pair import DONE, answer, program, results, send, settle
from tests.conftest import ALICE, BOB, wait_until
from tests.provider import Provider

WRITE = "open('note.txt', 'w').write('{}')"


def files_of(app: Application, conversation: str) -> FileHistory:
    return app.files.of(ALICE, conversation)


def there(app: Application, conversation: str) -> dict[str, bytes]:
    workspace = files_of(app, conversation).workspace
    return {file.name: workspace.read(file.name) for file in workspace.files()}


def write(app: Application, provider: Provider, text: str, conversation: str | None = None) -> str:
    """A turn whose code writes a text into a file. Returns the conversation."""
    provider.enqueue(program(WRITE.format(text)), DONE)
    conversation = send(app, f"Write {text}", conversation).record.conversation
    answer(app, conversation)
    wait_until(lambda: app.runner.find(app.store(ALICE), conversation) is None)
    return conversation


def test_a_file_dropped_into_the_chat_lies_where_code_works(app: Application, store: Store, provider: Provider) -> None:
    """And the model is told of it."""
    provider.enqueue(program("print(open('data.csv').read())"), DONE)
    kept = files_of(app, "c1").add("data.csv", b"a,b\n1,2\n")
    run = app.runner.start(store, CODING, UserMessage(text="Read it", files=(kept,)), None, Beginning(new_id="c1"))
    settle(app, run.record.conversation)
    answer(app, "c1")

    assert results(store, "c1")[0].output == "a,b\n1,2\n\n"
    assert "data.csv (8 bytes)" in provider.requests[0].body["messages"][0]["content"]


def test_files_go_back_and_forth_with_the_transcript(app: Application, store: Store, provider: Provider) -> None:
    conversation = write(app, provider, "one")
    write(app, provider, "two", conversation)
    first, second = store.runs(conversation)
    machine = TimeMachine(app.runner, store, conversation)

    machine.go_back(first.id)
    assert there(app, conversation) == {"note.txt": b"one"}
    machine.show(second.id)
    assert there(app, conversation) == {"note.txt": b"two"}
    machine.undo(second.id)
    machine.undo(first.id)
    assert there(app, conversation) == {}


def test_what_is_asked_anew_finds_the_files_as_they_were(app: Application, store: Store, provider: Provider) -> None:
    """Those that came with its prompt too."""
    conversation = write(app, provider, "one")
    kept = files_of(app, conversation).add("data.csv", b"a\n")
    provider.enqueue(program("import os; os.remove('note.txt'); os.remove('data.csv')"), DONE, program("print(1)"))
    run = app.runner.start(store, CODING, UserMessage(text="Remove", files=(kept,)), conversation)
    settle(app, conversation)
    answer(app, conversation)
    wait_until(lambda: run.is_over)
    assert there(app, conversation) == {}
    TimeMachine(app.runner, store, conversation).ask_again(CODING, run.record.id)
    settle(app, conversation)

    assert there(app, conversation) == {"note.txt": b"one", "data.csv": b"a\n"}


def test_a_branch_has_files_of_its_own(app: Application, store: Store, provider: Provider) -> None:
    conversation = write(app, provider, "one")
    write(app, provider, "two", conversation)
    first, _ = store.runs(conversation)
    branch = TimeMachine(app.runner, store, conversation).branch(first.id)
    write(app, provider, "three", branch)

    assert there(app, branch) == {"note.txt": b"three"}
    assert there(app, conversation) == {"note.txt": b"two"}
    app.runner.delete(store, conversation)
    assert files_of(app, branch).content(results(store, branch)[0].files[0]) == b"one"


def test_an_earlier_file_is_shown_as_it_was(app: Application, store: Store, provider: Provider) -> None:
    conversation = write(app, provider, "one")
    write(app, provider, "two", conversation)
    contents = [files_of(app, conversation).content(result.files[0]) for result in results(store, conversation)]

    assert contents == [b"one", b"two"]


def test_deleting_a_conversation_deletes_its_files(app: Application, store: Store, provider: Provider) -> None:
    conversation, other = write(app, provider, "one"), write(app, provider, "two")
    app.runner.delete(store, conversation)
    assert not files_of(app, conversation).folder.exists()
    assert not files_of(app, conversation).workspace.folder.exists()
    assert there(app, other) == {"note.txt": b"two"}
    app.runner.delete_all(store)

    assert not files_of(app, other).folder.exists()
    assert not files_of(app, other).workspace.folder.exists()


def test_a_stranger_deletes_nothing(app: Application, provider: Provider) -> None:
    conversation = write(app, provider, "one")
    with pytest.raises(ConversationNotFound):
        app.runner.delete(app.store(BOB), conversation)

    assert there(app, conversation) == {"note.txt": b"one"}


def test_an_export_takes_the_files_along_and_an_import_lays_them_down(app: Application, store: Store, provider: Provider) -> None:
    """Those there are, and those that were shown earlier; the next turn works with them."""
    conversation = write(app, provider, "one")
    write(app, provider, "two", conversation)
    file = read_import(export_conversation(store, conversation, app.files).encode())
    bob = app.store(BOB)
    new = app.runner.take_in(bob, file)
    history = app.files.of(BOB, new)

    assert {each.name: history.workspace.read(each.name) for each in history.workspace.files()} == {"note.txt": b"two"}
    assert [history.content(result.files[0]) for result in results(bob, new)] == [b"one", b"two"]
    provider.enqueue(program("print(open('note.txt').read())"), DONE)
    app.runner.start(bob, CODING, UserMessage(text="Read it"), new)
    wait_until(lambda: bob.runs(new)[-1].status == "waiting")
    app.runner.answer(bob, CODING, new, InputAnswered(request_id="code-1"))
    wait_until(lambda: bob.runs(new)[-1].ended)
    assert results(bob, new)[-1].output == "two\n"


@pytest.mark.parametrize(
    "forge",
    [
        lambda files: files["now"].update({"../../escaped": next(iter(files["contents"]))}),
        lambda files: files["now"].update({"/etc/escaped": next(iter(files["contents"]))}),
        lambda files: files["now"].update({"missing.txt": "0" * 64}),
        lambda files: files["contents"].update({"0" * 64: "b3RoZXI="}),
        lambda files: files["contents"].update({"../../../escaped": "b3RoZXI="}),
        lambda files: files["contents"].update({next(iter(files["contents"])): "not base64!"}),
    ],
    ids=["outside", "absolute", "no content", "other content", "a path for a content", "not Base64"],
)
def test_a_forged_file_is_refused_whole(app: Application, store: Store, provider: Provider, forge: object) -> None:
    data = json.loads(export_conversation(store, write(app, provider, "one"), app.files))
    assert callable(forge)
    forge(data["files"])
    with pytest.raises(ImportRefused, match="files"):
        read_import(json.dumps(data | {"checksum": checksum(data)}).encode())


def test_a_conversation_that_waited_when_it_was_exported_asks_nobody_where_it_is_imported(
    app: Application, store: Store, provider: Provider
) -> None:
    provider.enqueue(program("print(1)"))
    conversation = send(app).record.conversation
    new = app.runner.take_in(app.store(BOB), read_import(export_conversation(store, conversation, app.files).encode()))

    assert app.store(BOB).runs(new)[0].status == "interrupted"
    assert app.store(BOB).waiting_conversations() == set()


@pytest.mark.parametrize("name", ["../x.csv", "/x.csv", "a/../../x.csv", ""])
def test_a_dropped_file_s_name_stays_inside(app: Application, name: str) -> None:
    with pytest.raises(FileRefused):
        files_of(app, "c1").add(name, b"x")


@pytest.mark.parametrize("sha256", ["../../../etc/passwd", "0" * 63, "A" * 64])
def test_a_content_s_name_is_no_path(app: Application, sha256: str) -> None:
    with pytest.raises((FileRefused, ValueError)):
        files_of(app, "c1").content(KeptFile.model_construct(name="x", bytes=1, sha256=sha256))
