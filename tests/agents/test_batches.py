"""Many pictures described, each by itself, against a scripted model server over real HTTP."""

import csv
import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest

from agents.application import Application
from agents.exports import export_conversation, export_transcript
from agents.images.describing import AT_ONCE
from agents.images.preparing import PreparedImage, Upload, prepare_all
from agents.images_mode import IMAGES
from agents.imports import read_import
from agents.runs import Run
from agents.time_machine import TimeMachine
from state.descriptions import Row, to_csv, to_json
from state.errors import NothingToContinue
from state.events import RunEnded, UserMessage
from state.settings import load_settings
from state.store import Store
from state.turns import Turn, to_turns
from tests.agents.images.pictures import corners, photo, saved
from tests.conftest import ALICE, wait_until
from tests.provider import Gate, Provider, Reply

pytestmark = pytest.mark.filterwarnings(
    "ignore:Pydantic serializer warnings",  # AutoGen's logging of a parsed answer
    "ignore:No text content or tool calls",  # and what it says of an empty one
)

Describe = Callable[..., Run]
FORM = json.dumps({"title": "A gradient", "alt_text": "Colours.", "description": "Colours that flow.", "tags": ["colour", "soft"]})


@pytest.fixture
def openai_environment(openai_environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    monkeypatch.setenv("ROUNDTABLE_MODEL_VISION", "true")
    return openai_environment


def files(count: int) -> list[Upload]:
    return [Upload(f"{number}.png", saved(corners(96 + 2 * number, 64), "PNG")) for number in range(count)]


def some(count: int) -> list[PreparedImage]:
    return prepare_all(files(count), most=count)[0]


@pytest.fixture
def describe(app: Application, store: Store) -> Describe:
    def send(pictures: list[PreparedImage], *, wait: bool = True, left_out: tuple[str, ...] = ()) -> Run:
        images = tuple(picture.stored for picture in pictures)
        message = UserMessage(text="Describe each, in German.", images=images, left_out=left_out, is_batch=True)
        run = app.runner.start(store, IMAGES, message, images={picture.stored.id: picture.data for picture in pictures})
        if wait:
            wait_until(lambda: run.is_over, timeout=30)
        return run

    return send


def go_on(app: Application, store: Store, run: Run, image: str | None = None) -> Run:
    more = TimeMachine(app.runner, store, run.record.conversation).go_on(IMAGES, image=image)
    wait_until(lambda: more.is_over)
    return more


def turn_of(store: Store, run: Run) -> Turn:
    return to_turns(store.transcript(run.record.conversation, 1000).entries)[-1]


def done(rows: list[Row]) -> int:
    return sum(row.is_done for row in rows)


def ended(store: Store, run: Run) -> RunEnded:
    last = store.entries(run.record.conversation)[-1].event
    assert isinstance(last, RunEnded)
    return last


def test_twenty_files_two_of_them_broken_make_eighteen_rows_and_two_sentences(describe: Describe, store: Store, provider: Provider) -> None:
    uploads = [*files(18), Upload("text.png", b"hello"), Upload("cut.jpg", saved(photo(400, 300), "JPEG")[:3000])]
    prepared, refused = prepare_all(uploads, most=50)
    provider.enqueue(*(Reply(FORM) for _ in prepared))
    run = describe(prepared, left_out=tuple(map(str, refused)))
    turn = turn_of(store, run)
    table = list(csv.DictReader(StringIO(to_csv(turn.rows).removeprefix("\ufeff"))))

    assert ended(store, run).status == "finished"
    assert done(turn.rows) == len(turn.rows) == len(table) == len(json.loads(to_json(turn.rows))) == 18
    assert turn.prompt
    assert [sentence.split(" was left out")[0] for sentence in turn.prompt.left_out] == ["`text.png`", "`cut.jpg`"]
    assert [row["picture"] for row in table] == [f"{number}.png" for number in range(18)]
    assert table[0] == {
        "picture": "0.png",
        "title": "A gradient",
        "alt_text": "Colours.",
        "description": "Colours that flow.",
        "tags": "colour, soft",
        "error": "",
    }
    assert all(len(request.said) == 1 and "in German" in json.dumps(request.body) for request in provider.requests)
    assert ended(store, run).usage.prompt_tokens == 18 * 11


def test_a_few_are_with_the_model_at_a_time_and_each_row_is_saved_when_it_comes(
    describe: Describe, store: Store, provider: Provider
) -> None:
    gate = Gate()
    provider.enqueue(Reply(FORM), *(Reply(gate, FORM) for _ in range(7)))
    run = describe(some(8), wait=False)
    provider.wait_for_requests(1 + AT_ONCE)
    wait_until(lambda: done(turn_of(store, run).rows) == 1)

    assert len(provider.requests) == 1 + AT_ONCE
    gate.open()
    wait_until(lambda: run.is_over)
    assert done(turn_of(store, run).rows) == 8


def test_stopped_half_way_what_is_done_stays_and_going_on_does_the_rest(
    describe: Describe, app: Application, store: Store, provider: Provider
) -> None:
    provider.enqueue(*(Reply(FORM) for _ in range(4)), *(Reply(Gate(), FORM) for _ in range(AT_ONCE)), *(Reply(FORM) for _ in range(9)))
    run = describe(some(8), wait=False)
    provider.wait_for_requests(4 + AT_ONCE)
    wait_until(lambda: done(turn_of(store, run).rows) == 4)
    run.stop()
    wait_until(lambda: run.is_over)
    assert ended(store, run).status == "stopped"
    assert done(turn_of(store, run).rows) == 4
    assert all(request.hung_up.wait(5) for request in provider.requests[4:])
    go_on(app, store, run)

    assert len(provider.requests) == 4 + AT_ONCE + 4
    assert done(turn_of(store, run).rows) == 8
    with pytest.raises(NothingToContinue):
        go_on(app, store, run)


def test_one_row_is_described_again(describe: Describe, app: Application, store: Store, provider: Provider) -> None:
    provider.enqueue(*(Reply(FORM) for _ in range(2)), Reply(FORM.replace("A gradient", "Better")))
    pictures = some(2)
    run = describe(pictures)
    go_on(app, store, run, image=pictures[1].stored.id)
    rows = turn_of(store, run).rows

    assert [row.described.title for row in rows if row.described] == ["A gradient", "Better"]


def test_what_is_wrong_with_one_picture_is_said_in_its_row(describe: Describe, app: Application, store: Store, provider: Provider) -> None:
    """A request refused in both forms is that picture's; the failed rows are what going on does again."""
    provider.enqueue(Reply(status=400), Reply(status=400), Reply(FORM))
    run = describe(some(1))
    (row,) = turn_of(store, run).rows

    assert row.described
    assert "status 400" in row.described.error
    assert ended(store, run).status == "finished"
    go_on(app, store, run)
    assert done(turn_of(store, run).rows) == 1


def test_what_would_go_wrong_with_all_ends_the_run(describe: Describe, store: Store, provider: Provider) -> None:
    provider.enqueue(Reply(FORM), *(Reply(status=401) for _ in range(AT_ONCE)))
    run = describe(some(9))

    assert ended(store, run).status == "failed"
    assert "key" in ended(store, run).reason
    assert done(turn_of(store, run).rows) == 1
    assert len(provider.requests) <= 1 + 2 * AT_ONCE


def test_a_server_that_does_not_know_the_form_is_asked_freely(describe: Describe, store: Store, provider: Provider) -> None:
    provider.enqueue(Reply(status=400), Reply("Sure!\n\n```json\n" + FORM + "\n```"))
    run = describe(some(1))

    assert done(turn_of(store, run).rows) == 1
    assert ["response_format" in request.body for request in provider.requests] == [True, False]


def test_prose_is_taken_for_the_description_it_is(describe: Describe, store: Store, provider: Provider) -> None:
    provider.enqueue(Reply("I cannot do JSON."), Reply("Four squares. They touch."))
    (row,) = turn_of(store, describe(some(1))).rows

    assert row.described
    assert (row.described.title, row.described.description) == ("Four squares", "Four squares. They touch.")


def test_nothing_at_all_is_said(describe: Describe, store: Store, provider: Provider) -> None:
    provider.enqueue(Reply(""), Reply(""))
    (row,) = turn_of(store, describe(some(1))).rows

    assert row.described
    assert "nothing" in row.described.error


def test_follow_up_questions_know_the_table_and_see_the_pictures(
    describe: Describe, app: Application, store: Store, provider: Provider
) -> None:
    provider.enqueue(*(Reply(FORM) for _ in range(2)))
    run = describe(some(2))
    after = app.runner.start(store, IMAGES, UserMessage(text="Which is larger?"), run.record.conversation)
    wait_until(lambda: after.is_over)
    asked, described, question = provider.requests[-1].said

    assert [part["type"] for part in asked[1]] == ["text", "image_url", "image_url"]
    assert "**0.png**: A gradient" in described[1]
    assert "**1.png**: A gradient" in described[1]
    assert question == ("user", "Which is larger?")


def test_a_table_is_exported_and_taken_in(describe: Describe, store: Store, provider: Provider) -> None:
    provider.enqueue(Reply(FORM))
    run = describe(some(1))
    new = store.take_in(read_import(export_conversation(store, run.record.conversation).encode()))
    rows = to_turns(store.transcript(new.id, 100).entries)[-1].rows

    assert done(rows) == 1
    assert "**0.png**: A gradient" in export_transcript(store, new.id)
    assert {hit.conversation.id for hit in store.search("colours that flow")} == {run.record.conversation, new.id}
    store.delete(new.id)
    assert [hit.conversation.id for hit in store.search("gradient")] == [run.record.conversation]


def test_the_demo_model_fills_a_table(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ROUNDTABLE_MODEL", "demo")
    monkeypatch.setenv("ROUNDTABLE_DATA_DIR", str(tmp_path / "demo"))
    app, pictures = Application(load_settings(env_file=None)), some(3)
    message = UserMessage(text="Describe each.", images=tuple(picture.stored for picture in pictures), is_batch=True)
    run = app.runner.start(app.store(ALICE), IMAGES, message, images={picture.stored.id: picture.data for picture in pictures})
    wait_until(lambda: run.is_over)
    rows = turn_of(app.store(ALICE), run).rows
    app.close()

    assert done(rows) == 3
    assert all(row.described and "pixels" in row.described.alt_text and "landscape" in row.described.tags for row in rows)
