"""What a run's writer puts on disk and shows, piece by piece."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from agents.feed import Feed
from agents.log_writer import LogWriter
from agents.questions import Questions
from state.conversations import RunRecord
from state.database import Database
from state.errors import ConversationBusy, QuestionOver, StoreUnavailable
from state.events import InputAnswered, InputRequested, Taken, TextDelta, ToolBegun, UserMessage
from state.paths import database_file
from state.store import Store
from tests.conftest import ALICE


class Disk(Store):
    """A store that tells each piece of text it takes, and refuses the first `refusals` of them."""

    refusals = 0

    def __init__(self, database: Database, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(ALICE, database)
        self._loop = loop
        self.pieces: asyncio.Queue[tuple[int, str]] = asyncio.Queue()

    def save_partial(self, run: RunRecord, *, position: int, source: str, text: str) -> None:
        if self.refusals:
            self.refusals -= 1
            raise StoreUnavailable("The disk is full.")
        super().save_partial(run, position=position, source=source, text=text)
        self._loop.call_soon_threadsafe(self.pieces.put_nowait, (position, text))


@dataclass
class Desk:
    """A writer at work."""

    writer: LogWriter
    feed: Feed
    disk: Disk
    record: RunRecord


@asynccontextmanager
async def at_work(folder: Path) -> AsyncIterator[Desk]:
    with ThreadPoolExecutor(1) as threads:
        disk = Disk(Database(database_file(folder, ALICE)), asyncio.get_running_loop())
        record, head = disk.begin_run(None, "assistant", UserMessage(text="Go"), "m")
        feed = Feed()
        writer = LogWriter(disk, feed, record, threads, head=head)
        saving = asyncio.create_task(writer.save_partials())
        yield Desk(writer, feed, disk, record)
        saving.cancel()
        disk.close()


def told(desk: Desk, version: int) -> int:
    """How often readers were woken since a version."""
    return desk.feed.now.version - version


def run(folder: Path, story: Callable[[Desk], Awaitable[None]]) -> None:
    async def told_whole() -> None:
        async with at_work(folder) as desk:
            await story(desk)

    asyncio.run(told_whole())


def test_a_save_of_text_takes_back_no_other_note(tmp_path: Path) -> None:
    """What a run waits for stays said, and readers are not woken for what changes nothing."""

    async def story(desk: Desk) -> None:
        await desk.writer.take(TextDelta(source="assistant", text="Some "))
        desk.writer.say("Trying again in 50 s.")
        version = desk.feed.now.version
        desk.writer.say("Trying again in 50 s.")
        piece = await asyncio.wait_for(desk.disk.pieces.get(), timeout=5)
        await desk.writer.rest()

        assert piece == (0, "Some ")
        assert (desk.feed.now.note, told(desk, version)) == ("Trying again in 50 s.", 0)

    run(tmp_path, story)


def test_text_that_the_disk_refused_is_saved_with_the_next(tmp_path: Path) -> None:
    """Though no more of it comes. Meanwhile the page says why; afterwards what was said before."""

    async def story(desk: Desk) -> None:
        desk.disk.refusals = 1
        desk.writer.say("Busy.")
        await desk.writer.take(TextDelta(source="assistant", text="Some "))
        version = desk.feed.now.version
        while desk.feed.now.note != "The disk is full.":
            await asyncio.wait_for(desk.feed.changed_from(version), timeout=5)
            version = desk.feed.now.version
        piece = await asyncio.wait_for(desk.disk.pieces.get(), timeout=5)
        await desk.writer.rest()

        assert piece == (0, "Some ")
        assert desk.feed.now.note == "Busy."

    run(tmp_path, story)


def test_text_is_saved_again_after_a_wish(tmp_path: Path) -> None:
    """Appending drops what was saved of the message, and its writer may pause just then."""

    async def story(desk: Desk) -> None:
        await desk.writer.take(TextDelta(source="assistant", text="Some "))
        first = await asyncio.wait_for(desk.disk.pieces.get(), timeout=5)
        await desk.writer.take_beside(UserMessage(text="By train, please"))
        again = await asyncio.wait_for(desk.disk.pieces.get(), timeout=5)

        assert first == again == (0, "Some ")

    run(tmp_path, story)


def test_nothing_is_taken_beside_a_run_that_ends(tmp_path: Path) -> None:
    """A wish that came too late is refused, so its text is kept in the box; it is not silently lost."""

    async def story(desk: Desk) -> None:
        await desk.writer.rest()
        with pytest.raises(ConversationBusy):
            await desk.writer.take_beside(UserMessage(text="By train, please"))

        assert [entry.event.type for entry in desk.disk.entries(desk.record.conversation)] == ["user_message", "run_started"]

    run(tmp_path, story)


def test_whoever_was_answered_is_at_work_at_once(tmp_path: Path) -> None:
    """Before it takes its next step, or two answers in a row could both be given where one run more may work."""

    async def story(desk: Desk) -> None:
        waiting = list[bool]()
        questions = Questions(desk.writer, Taken, when_waiting=waiting.append)
        asking = asyncio.create_task(questions.ask(InputRequested(source="roundtable", request_id="q", kind="budget", title="", text="?")))
        while desk.feed.now.status != "waiting":
            await asyncio.wait_for(desk.feed.changed_from(desk.feed.now.version), timeout=5)
        await questions.answer(InputAnswered(request_id="q"))
        assert (waiting, desk.feed.now.status, asking.done()) == ([True, False], "running", False)
        await asking
        assert waiting == [True, False]

    run(tmp_path, story)


def test_while_a_run_ends_nothing_is_answered_and_no_call_begins(tmp_path: Path) -> None:
    """Neither could be written down, so a run taken up again would not know: the call would be made twice."""

    async def story(desk: Desk) -> None:
        questions = Questions(desk.writer, Taken)
        asking = asyncio.create_task(questions.ask(InputRequested(source="roundtable", request_id="q", kind="budget", title="", text="?")))
        while desk.feed.now.status != "waiting":
            await asyncio.wait_for(desk.feed.changed_from(desk.feed.now.version), timeout=5)
        desk.writer.freeze()
        with pytest.raises(QuestionOver):
            await questions.answer(InputAnswered(request_id="q"))

        assert not await questions.begin("assistant", "call")
        assert not any(isinstance(entry.event, ToolBegun) for entry in desk.disk.entries(desk.record.conversation))
        asking.cancel()

    run(tmp_path, story)
