"""Pictures on their way through conversations, against a scripted model server over real HTTP."""

import base64
import json
import sqlite3
import threading
import time
from collections.abc import Callable
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from agents.application import Application
from agents.assistant import ASSISTANT
from agents.exports import export_conversation, export_state, export_transcript
from agents.images.preparing import PreparedImage, Upload, prepare, prepare_all
from agents.images_mode import IMAGES
from agents.imports import read_import
from agents.runs import Run
from agents.time_machine import TimeMachine
from state.conversations import Beginning
from state.errors import ImageNotFound, ImportRefused, ModelCannotSee
from state.events import UserMessage
from state.exports import checksum
from state.settings import load_settings
from state.store import Store
from tests.agents.images.pictures import CORNERS, corners, heic, is_like, photo, saved, seen, turned
from tests.conftest import ALICE, BOB, wait_until
from tests.provider import Gate, Provider, Reply, paced
from tests.provider.server import Request

LOGO = prepare(saved(corners(), "PNG"), "logo.png")
PHOTO = prepare(saved(photo(800, 600), "JPEG"), "photo.jpg")
Show = Callable[..., Run]


@pytest.fixture
def openai_environment(openai_environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    monkeypatch.setenv("ROUNDTABLE_MODEL_VISION", "true")
    return openai_environment


@pytest.fixture
def show(app: Application, store: Store) -> Show:
    """Send pictures with a prompt on the Images page, and wait for the end of the run unless told not to."""

    def send(text: str, *pictures: PreparedImage, conversation: str | None = None, wait: bool = True, is_batch: bool = False) -> Run:
        message = UserMessage(text=text, images=tuple(picture.stored for picture in pictures), is_batch=is_batch)
        data = {picture.stored.id: picture.data for picture in pictures}
        run = app.runner.start(store, IMAGES, message, conversation, images=data)
        if wait:
            wait_until(lambda: run.is_over)
        return run

    return send


def pictures(request: Request) -> list[bytes]:
    """The pictures of a request's prompts, as the model's server got them."""
    parts = [part for role, content in request.said if role == "user" and isinstance(content, list) for part in content]
    return [base64.b64decode(part["image_url"]["url"].partition(",")[2]) for part in parts if part["type"] == "image_url"]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("phone.jpg", turned(corners(4000, 3000))),
        ("phone.heic", heic(corners(2000, 1500))),
        ("large.webp", saved(corners(2400, 1600), "WEBP", quality=95)),
        ("logo.png", saved(corners(), "PNG")),
        ("comic.gif", saved(corners(), "GIF", comment=b"Planted Camera")),
    ],
)
def test_the_model_gets_a_picture_once_upright_small_and_bare(show: Show, provider: Provider, name: str, data: bytes) -> None:
    picture = prepare(data, name)
    show("What is it?", picture)
    (got,) = pictures(provider.requests[0])
    opened = Image.open(BytesIO(got))

    assert got == picture.data
    assert is_like(seen(got), *CORNERS, by=20)
    assert opened.width > opened.height
    assert max(opened.size) <= 1568
    assert not opened.getexif()
    assert b"Planted" not in got
    assert json.dumps(provider.requests[0].body).count("image_url") == 2


def test_files_that_are_none_are_left_out_and_the_others_go(show: Show, provider: Provider) -> None:
    uploads = [
        Upload("empty.png", b""),
        Upload("../../etc/passwd.png", b"root:x:0:0"),
        Upload("cut.jpg", saved(photo(400, 300), "JPEG")[:4000]),
        Upload("drawing.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"),
        Upload("logo.png", saved(corners(), "PNG")),
    ]
    prepared, refused = prepare_all(uploads)
    show("What is it?", *prepared)

    assert len(refused) == 4
    assert all(str(error).startswith("`") and str(error).endswith(".") for error in refused)
    assert "/" not in refused[1].name
    assert pictures(provider.requests[0]) == [LOGO.data]


def test_follow_up_questions_see_every_picture_once(show: Show, provider: Provider) -> None:
    first = show("What is it?", LOGO)
    show("And this?", PHOTO, conversation=first.record.conversation)
    show("Which is brighter?", conversation=first.record.conversation)

    assert [pictures(request) for request in provider.requests] == [[LOGO.data], [LOGO.data, PHOTO.data], [LOGO.data, PHOTO.data]]


def test_a_stopped_turn_s_picture_is_remembered(show: Show, provider: Provider) -> None:
    provider.enqueue(Reply("It is ", Gate()))
    run = show("What is it?", LOGO, wait=False)
    wait_until(lambda: run.has_text)
    run.stop()
    wait_until(lambda: run.is_over)
    show("Again?", conversation=run.record.conversation)

    assert pictures(provider.requests[1]) == [LOGO.data]
    assert provider.requests[1].said[0][1][0] == {"type": "text", "text": "What is it?"}
    assert provider.requests[1].said[1] == ("assistant", "It is ")


def test_a_restarted_server_still_has_them(show: Show, app: Application, store: Store, provider: Provider) -> None:
    conversation = show("What is it?", LOGO).record.conversation
    app.close()
    again = Application(app.settings)
    run = again.runner.start(again.store(store.user), IMAGES, UserMessage(text="Sure?"), conversation)
    wait_until(lambda: run.is_over)
    kept = again.store(store.user).image(LOGO.stored.id)
    again.close()

    assert kept == LOGO.data
    assert pictures(provider.requests[1]) == [LOGO.data]


def test_asking_anew_editing_and_branching_keep_the_pictures(show: Show, app: Application, store: Store, provider: Provider) -> None:
    run = show("What is it?", LOGO)
    machine = TimeMachine(app.runner, store, run.record.conversation)
    anew = machine.ask_again(IMAGES, run.record.id)
    wait_until(lambda: anew.is_over)
    edited = machine.ask_again(IMAGES, run.record.id, UserMessage(text="Which colours?"))
    wait_until(lambda: edited.is_over)
    branch = machine.branch(edited.record.id)
    store.delete(run.record.conversation)
    show("And the first?", conversation=branch)

    assert [pictures(request) for request in provider.requests] == [[LOGO.data]] * 4
    store.delete(branch)
    with pytest.raises(ImageNotFound):
        store.image(LOGO.stored.id)


def test_going_on_keeps_the_picture(show: Show, app: Application, store: Store, provider: Provider) -> None:
    provider.enqueue(Reply("Four cor", Gate()), Reply("corners."))
    run = show("What is it?", LOGO, wait=False)
    wait_until(lambda: run.has_text)
    run.stop()
    wait_until(lambda: run.is_over)
    more = TimeMachine(app.runner, store, run.record.conversation).go_on(IMAGES)
    wait_until(lambda: more.is_over)

    assert pictures(provider.requests[1]) == [LOGO.data]


def test_ten_turns_about_three_pictures_store_them_once(show: Show, store: Store, app: Application) -> None:
    three = [prepare(saved(photo(1200 + step, 900), "JPEG"), f"{step}.jpg") for step in range(3)]
    weight = sum(len(picture.data) for picture in three)
    file = next((app.settings.data_dir / "users").rglob("conversations.sqlite"))
    before = size(file)
    conversation = show("First", *three).record.conversation
    for turn in range(9):
        show(f"Turn {turn}", *three, conversation=conversation)

    assert len(store.images(conversation)) == 3
    assert weight < size(file) - before < 1.3 * weight + 200_000


def size(file: Path) -> int:
    """Bytes of a database without its free pages, the write-ahead log put in."""
    with sqlite3.connect(file) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return file.stat().st_size


def test_a_model_that_cannot_see_is_said_before_anything_is_sent(
    app: Application, provider: Provider, show: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    conversation = show("What is it?", LOGO).record.conversation
    app.close()
    monkeypatch.setenv("ROUNDTABLE_MODEL_VISION", "false")
    blind = Application(load_settings(env_file=None))
    mine = blind.store(ALICE)
    message = UserMessage(text="And this?", images=(PHOTO.stored,))
    with pytest.raises(ModelCannotSee):
        blind.runner.start(mine, IMAGES, message, conversation, images={PHOTO.stored.id: PHOTO.data})
    kept = mine.images(conversation), len(mine.runs(conversation))
    blind.close()

    assert len(provider.requests) == 1
    assert kept == ({LOGO.stored.id: LOGO.data}, 1)


def test_a_photo_being_prepared_does_not_delay_a_stream(
    ask: Callable[..., Run], app: Application, store: Store, provider: Provider
) -> None:
    """The first token of another conversation comes as soon as without it, and deltas keep coming."""
    large = saved(photo(4032, 3024), "JPEG")
    provider.enqueue(paced("word " * 80))
    run = ask("Go on", wait=False)
    feed = app.runner.feed(store, run.record.conversation)
    wait_until(lambda: run.has_text)
    gaps: list[float] = []
    working = threading.Thread(target=lambda: [prepare(large, "photo.jpg") for _ in range(4)])
    working.start()
    version, last = feed.now.version, time.monotonic()
    while working.is_alive():
        assert feed.wait_for_change(version, 5)
        version, now = feed.now.version, time.monotonic()
        gaps.append(now - last)
        last = now
    wait_until(lambda: run.is_over)

    assert gaps
    assert max(gaps) < 0.6


def changed(text: str, change: Callable[[dict[str, Any]], object]) -> bytes:
    content = json.loads(text)
    change(content)
    return json.dumps({**content, "checksum": checksum(content)}).encode()


def test_a_conversation_file_takes_its_pictures_along(show: Show, app: Application, store: Store, provider: Provider) -> None:
    run = show("What is it?", LOGO, PHOTO)
    text = export_conversation(store, run.record.conversation)
    bob = app.store(BOB)
    new = bob.take_in(read_import(text.encode()))
    store.delete(run.record.conversation)
    again = app.runner.start(bob, IMAGES, UserMessage(text="Sure?"), new.id)
    wait_until(lambda: again.is_over)

    assert text.count(base64.b64encode(PHOTO.data).decode()) == 1
    assert pictures(provider.requests[1]) == [LOGO.data, PHOTO.data]
    assert bob.images(new.id) == {LOGO.stored.id: LOGO.data, PHOTO.stored.id: PHOTO.data}


def test_an_agent_state_and_a_transcript_have_them_too(show: Show, store: Store) -> None:
    conversation = show("What is it?", LOGO).record.conversation
    parts = json.loads(export_state(store, conversation))["llm_context"]["messages"][0]["content"]

    assert parts == ["What is it?", {"data": base64.b64encode(LOGO.data).decode()}]
    assert "*picture: logo.png (PNG, 96 × 64" in export_transcript(store, conversation)


def smuggled(data: bytes) -> Callable[[dict[str, Any]], None]:
    """Put other bytes into a file under their own id."""

    def change(content: dict[str, Any]) -> None:
        id = sha256(data).hexdigest()
        content["images"] = {id: base64.b64encode(data).decode()}
        content["events"][0]["event"]["images"][0].update(id=id, size=len(data))

    return change


@pytest.mark.parametrize(
    "change",
    [
        lambda content: content["images"].clear(),
        lambda content: content["images"].update({LOGO.stored.id: "aGVsbG8="}),
        lambda content: content["images"].update({LOGO.stored.id: "no base64!"}),
        smuggled(b"<svg><script>alert(1)</script></svg>"),
        smuggled(b"\x89PNG\r\n\x1a\nbroken"),
        smuggled(saved(corners(96, 65), "PNG")),
        smuggled(saved(corners(2000, 2000), "PNG")),
        smuggled(saved(corners(), "PNG", exif=b"Exif\0\0II*\0\x08\0\0\0\x01\0\x0f\x01\x02\0\x04\0\0\0Cam\0\0\0\0\0")),
    ],
    ids=["missing", "another", "no base64", "script", "broken", "another size", "too large", "with camera data"],
)
def test_a_stranger_s_pictures_are_refused(show: Show, store: Store, change: Callable[[dict[str, Any]], object]) -> None:
    text = export_conversation(store, show("What is it?", LOGO).record.conversation)

    with pytest.raises(ImportRefused, match="picture"):
        read_import(changed(text, change))


def test_the_assistant_takes_pictures_too(app: Application, store: Store, provider: Provider) -> None:
    message = UserMessage(text="What is it?", images=(LOGO.stored,))
    run = app.runner.start(store, ASSISTANT, message, None, Beginning(), images={LOGO.stored.id: LOGO.data})
    wait_until(lambda: run.is_over)

    assert ASSISTANT.takes_images
    assert pictures(provider.requests[0]) == [LOGO.data]
