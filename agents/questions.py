"""What a run asks the person, and the answers: it waits as long as it takes, and over a restart of the server."""

import asyncio
import time
from collections.abc import Callable, Sequence

from autogen_core import CancellationToken

from agents.log_writer import LogWriter
from state.errors import QuestionOver
from state.events import InputAnswered, InputRequested, SavedEvent, Taken, ToolBegun, ToolCall


class Questions:
    """One run's. It belongs to the loop.

    Of a run that is taken up again, `so_far` is what it had logged: what was asked there is not asked twice, and an answer that is
    there is given at once.
    """

    def __init__(
        self,
        writer: LogWriter,
        taken: Callable[[], Taken],
        so_far: Sequence[SavedEvent] = (),
        when_waiting: Callable[[bool], None] = lambda _is_waiting: None,
    ) -> None:
        self._writer = writer
        self._taken = taken
        self._asked = {event.request_id for event in so_far if isinstance(event, InputRequested)}
        self._answers = {event.request_id: event for event in so_far if isinstance(event, InputAnswered)}
        for event in so_far:
            if isinstance(event, ToolCall):
                writer.knows_call(event.call_id).set()
        self._begun = {event.call_id for event in so_far if isinstance(event, ToolBegun)}
        self._when_waiting = when_waiting
        self._open: dict[str, asyncio.Future[InputAnswered]] = {}
        self.waited = 0.0
        """Seconds that passed while everything waited for the person."""
        self._waiting_since: float | None = None

    async def ask(self, request: InputRequested, token: CancellationToken | None = None) -> InputAnswered:
        """Wait for the person's answer. Cancelled with the token."""
        if request.request_id in self._answers:
            return self._answers.pop(request.request_id)
        future: asyncio.Future[InputAnswered] = asyncio.get_running_loop().create_future()
        self._open[request.request_id] = future
        if token is not None:
            token.link_future(future)
        try:
            await self._wait_for_call(request, token)
            await self._log(request)
            self._show_waiting()
            return await future
        finally:
            self._open.pop(request.request_id, None)
            self._show_waiting()

    async def answer(self, answered: InputAnswered) -> None:
        """Take the person's answer. Raises QuestionOver when nobody waits for it any more, StoreUnavailable when it cannot be saved."""
        if self._writer.is_frozen:  # the run is ending: what is not written would not be known to whoever takes it up
            raise QuestionOver
        future = self._open.pop(answered.request_id, None)
        if future is None or future.done():
            raise QuestionOver
        try:
            await self._writer.take(answered)
        except Exception:
            self._open[answered.request_id] = future
            raise
        if not future.done():
            future.set_result(answered)
        self._show_waiting()  # at once: whoever counts the runs at work must not miss this one

    async def begin(self, source: str, call_id: str) -> bool:
        """Note that an approved call begins. False when it must not be made: it was begun before, or the run is ending."""
        if call_id in self._begun or self._writer.is_frozen:
            return False
        self._begun.add(call_id)
        await self._writer.take(ToolBegun(source=source, call_id=call_id))
        return True

    def _show_waiting(self) -> None:
        if self._open and self._waiting_since is None:
            self._waiting_since = time.monotonic()
            self._when_waiting(True)
        elif not self._open and self._waiting_since is not None:
            self.waited += time.monotonic() - self._waiting_since
            self._waiting_since = None
            self._when_waiting(False)
        self._writer.show("waiting" if self._open else "running")

    async def _wait_for_call(self, request: InputRequested, token: CancellationToken | None) -> None:
        """A team works on while its messages are still to be logged: without the call in the log, nobody could take it up again."""
        if request.kind not in ("approval", "question") or not request.request_id:
            return
        known = asyncio.ensure_future(self._writer.knows_call(request.request_id).wait())
        if token is not None:
            token.link_future(known)
        await known

    async def _log(self, request: InputRequested) -> None:
        if request.request_id not in self._asked:
            self._asked.add(request.request_id)
            await self._writer.take(request.model_copy(update={"taken": self._taken()}))
