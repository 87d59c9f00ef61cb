"""A run: one prompt being answered on the background loop, event by event, into the log."""

import asyncio
import logging
import time
import traceback
from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TypeVar

from autogen_core import CancellationToken
from autogen_core.models import ChatCompletionClient

from agents.budget import BudgetEnded
from agents.images.describing import Describer
from agents.images.references import ids_in, with_references
from agents.log_writer import LogWriter
from agents.messages import to_chat_events
from agents.metrics import Metrics
from agents.models.calls import Calls, cost_of
from agents.models.failures import classify, server_name, to_sentence
from agents.models.live_client import LiveClient
from agents.performer import Closing, Materials, Past
from agents.places import Place
from agents.questions import Questions
from agents.tools.permitted import permitted
from agents.turn import Surroundings, Turn
from agents.wishes import Wishes
from agents.workroom import Workroom
from state.errors import ConversationBusy, RoundtableError, ShareUsedUp
from state.events import (
    AgentMessage,
    EndStatus,
    InputAnswered,
    InputRequested,
    LogEntry,
    RunEnded,
    Taken,
    TextDelta,
    UserMessage,
)
from state.file_history import FileHistory
from state.snapshots import State

T = TypeVar("T")
USED_UP = BudgetEnded, ShareUsedUp
"""What ends a turn because it may take no more."""
_Left = tuple[State | None, Mapping[str, bytes]]
"""The state a run leaves, and the pictures in it that came up in this run."""

STOP_GRACE = 0.5
"""Seconds each way of stopping gets before the next, harder one."""
STOPPED = "You stopped this answer {moment}. {kept}"
QUEUED = "while the server was busy with others"
KEPT = "What arrived so far is kept."
NOTHING = "Nothing of it had arrived."
SHUT_DOWN = "The server was shut down before this answer was finished. What arrived so far is kept; your next prompt goes on from here."

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Outcome:
    status: EndStatus
    reason: str = ""
    state: State | None = None
    images: Mapping[str, bytes] = field(default_factory=dict)
    """Pictures that came up in the run, by their ids; the state refers to them."""
    is_refused: bool = False
    is_complete: bool = False


class Run:
    """A prompt being answered. It lives on the loop; pages only read its events, wait, and stop it."""

    def __init__(self, around: Surroundings, turn: Turn) -> None:
        self.record = turn.record
        self.outcome: EndStatus | None = None
        """How it ended; None before that, and for one left waiting for the person as the server ended."""
        self._around = around
        self._turn = turn
        self._writer = LogWriter(turn.store, turn.feed, turn.record, around.disk, head=turn.head, lead=turn.lead)
        self._taken_before = next((event.taken for event in reversed(turn.so_far) if isinstance(event, InputRequested)), Taken())
        self._calls = Calls(self._writer.say, self._permit, self._taken_before)
        self._place = Place(around.places, self._writer.say)
        self._questions = Questions(self._writer, lambda: self._taken, turn.so_far, when_waiting=self._place.rest)
        self._wishes = Wishes()
        self._allowances = 1
        self._spent = 0
        self._began = time.monotonic()
        self._stopping = asyncio.Event()
        self._over = asyncio.Event()
        self._stop_outcome = _Outcome("stopped")
        self._is_shut_down = False
        self._first_text: float | None = None
        self._failed_by = ""
        self._is_left_waiting = False
        self._closing = Closing("", is_complete=False)
        self._files: FileHistory | None = None

    @property
    def is_over(self) -> bool:
        return self._writer.status is None

    @property
    def has_text(self) -> bool:
        """Whether a message is being written and some of it has arrived."""
        return self._writer.has_draft

    @property
    def is_stopping(self) -> bool:
        return self._writer.status == "stopping"

    @property
    def is_at_work(self) -> bool:
        """Whether it takes part of the server now: one that waits for the person does not."""
        return self._writer.status not in {None, "waiting"}

    @property
    def tokens(self) -> int:
        """What driving it took, without what it had taken before it was taken up again."""
        return self._calls.usage.total - self._taken_before.usage.total

    async def spend(self) -> None:
        """Count for its user what it took since the last time."""
        new, self._spent = self.tokens - self._spent, self.tokens
        if new:
            await self._around.off_loop(lambda: self._around.shares.spend(self._turn.store.user, new))

    def report(self, metrics: Metrics) -> None:
        """Tell what became of the run, once it has ended: figures only."""
        if self.outcome is None:
            return
        used, before = self._calls.usage, self._taken_before.usage
        metrics.ended(
            self.outcome,
            first_text=self._first_text,
            prompt_tokens=used.prompt_tokens - before.prompt_tokens,
            completion_tokens=used.completion_tokens - before.completion_tokens,
            error=self._failed_by,
        )
        fields = {"run": self.record.id, "mode": self._turn.mode.key, "status": self.outcome, "seconds": self._taken.seconds}
        fields |= {"tokens": self.tokens, "first_text": self._first_text, "error_kind": self._failed_by}
        _log.info("a run ended", extra={"fields": fields})

    def events_since(self, cursor: int) -> list[LogEntry]:
        """The conversation's saved events with a sequence number above `cursor`."""
        return self._turn.store.entries(self.record.conversation, after=cursor)

    def wait(self, cursor: int, timeout: float) -> bool:
        """Block this thread until there are events after `cursor` or the run is over: False when `timeout` seconds passed first."""
        deadline = time.monotonic() + timeout
        while (now := self._turn.feed.now).head <= cursor and not self.is_over:
            if not self._turn.feed.wait_for_change(now.version, deadline - time.monotonic()):
                return False
        return True

    def stop(self) -> None:
        """Ask the run to stop. Returns at once; the run's end is an event. A run that is over stays as it is."""
        self._around.loop.call(self._stop, "stopped")

    async def answer(self, answered: InputAnswered) -> None:
        """Take the person's answer, on the loop. Raises QuestionOver or StoreUnavailable."""
        await self._questions.answer(answered)

    async def add_wish(self, wish: UserMessage) -> None:
        """Take what the person says meanwhile, on the loop. Raises ConversationBusy or StoreUnavailable; then nothing was taken."""
        if self._stopping.is_set() or not self._turn.mode.takes_wishes:
            raise ConversationBusy
        self._wishes.add(wish)
        try:
            await self._writer.take_beside(wish)
        except Exception:
            self._wishes.drop(wish)
            raise

    def shut_down(self) -> None:
        """End the run because the server ends. One that waits for the person is left so, to be taken up again with the answer."""
        self._is_shut_down = True
        self._around.loop.call(self._stop, "interrupted")

    async def drive(self) -> None:
        """Work the run to its end, whatever happens in it."""
        token = CancellationToken()
        working = asyncio.create_task(self._work(token))
        saving = asyncio.create_task(self._writer.save_partials())
        watching = asyncio.create_task(self._writer.watch())
        stopping = asyncio.create_task(self._stopping.wait())
        await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            await self._end(working, token)
        await self._writer.rest()  # so nothing can land after the run's end
        self._place.give_back()
        for task in (saving, watching, stopping):
            task.cancel()
        if self._is_left_waiting and self._writer.asks:  # an answer may have been on its way to the disk
            return
        outcome = self._outcome(working)
        self.outcome = outcome.status
        await self._keep_files()
        await self._writer.end(self._ended(outcome), outcome.state, outcome.images, is_urgent=lambda: self._is_shut_down)

    def close(self) -> None:
        """Say that the run is over. Its runner calls this when the run is no longer to be found."""
        self._writer.close()
        self._over.set()

    async def ended(self) -> None:
        """Wait on the loop for the run's end."""
        await self._over.wait()

    def _stop(self, status: EndStatus) -> None:
        if self._stopping.is_set() or self.is_over:
            return
        self._is_left_waiting = status == "interrupted" and self._writer.asks
        if self._is_left_waiting:
            self._writer.freeze()
        self._stop_outcome = _Outcome(status, SHUT_DOWN if status == "interrupted" else self._receipt())
        self._stopping.set()
        self._writer.show("stopping")

    async def _work(self, token: CancellationToken) -> _Left:
        async with self._place.held(token):
            self._began = time.monotonic()
            return await self._perform(token)

    async def _perform(self, token: CancellationToken) -> _Left:
        if self._turn.prompt.is_batch:
            return await self._describe(token)
        performer = self._turn.mode.build(await self._materials())
        past = await self._around.off_loop(self._past)
        prompt = None if self._turn.so_far else self._turn.prompt
        async with aclosing(performer.perform(past, prompt, token)) as happenings:
            async for happening in happenings:
                if isinstance(happening, Closing):
                    self._closing = happening
                for event in to_chat_events(happening):
                    if self._first_text is None and isinstance(event, TextDelta | AgentMessage):
                        self._first_text = round(time.monotonic() - self._began, 3)
                    await self._writer.take(event)
        state = await performer.save_state()
        return await self._around.off_loop(lambda: _left(state, past.state))

    async def _describe(self, token: CancellationToken) -> _Left:
        """Describe a batch of pictures. It leaves no state: what was said is in the log, where the next turn's memory has it from."""
        prompt, turn = self._turn.prompt, self._turn
        describer = Describer(await self._client(), turn.model.spec, turn.mode.speakers[0].name, prompt.text, self._image, token)
        await describer.describe_all(prompt.images, self._writer.take)
        return None, {}

    async def _image(self, id: str) -> bytes:
        return await self._around.off_loop(lambda: self._turn.store.image(id))

    async def _materials(self) -> Materials:
        turn, client = self._turn, await self._client()
        takes_tools = turn.mode.has_tools and client.model_info["function_calling"]
        tools = await self._around.toolbox.tools(turn.mode.tool_names) if takes_tools else ()
        allowed = permitted(tools, turn.options.permissions, self._questions, turn.mode.speakers[0].name)
        return Materials(
            client,
            turn.model.context_tokens,
            allowed,
            turn.options.instructions,
            self._questions,
            self._writer,
            await self._workroom(),
            self._image,
            self._writer.tell,
            self._wishes,
            turn.options.roles,
        )

    async def _workroom(self) -> Workroom | None:
        turn, workrooms = self._turn, self._around.workrooms
        if not turn.mode.runs_code:
            return None
        workroom = await self._around.off_loop(lambda: workrooms.of(turn.store.user, turn.record.conversation))
        if not turn.so_far:
            await self._around.off_loop(lambda: self._begin_in(workroom.files))
        self._files = workroom.files
        return workroom

    def _begin_in(self, files: FileHistory) -> None:
        """The conversation's files are what they were where this turn begins."""
        prompt = self._turn.prompt
        way = self._turn.store.runs_to(self.record.conversation, self.record.parent)
        files.begin(self.record.id, way, prompt.files if isinstance(prompt, UserMessage) else ())

    async def _keep_files(self) -> None:
        """Keep what the turn left of files. The turn's end does not depend on it."""
        if (files := self._files) is None:
            return
        try:
            await self._around.off_loop(lambda: files.end(self.record.id))
        except (RoundtableError, OSError) as error:
            _log.warning("the files after run %s were not kept: %s", self.record.id, error)

    async def _permit(self, token: CancellationToken | None) -> None:
        """Before each call of a model: what ended the turn for good stays so, as a team asks on."""
        if isinstance(self._calls.error, USED_UP):
            raise self._calls.error
        try:
            await self._within_share()
            await self._within_budget(token)
        except USED_UP as error:
            self._calls.failed(error)  # AutoGen's teams turn what is raised into a text
            raise

    async def _within_share(self) -> None:
        """Raises ShareUsedUp where the user has taken all tokens of the day, in whichever runs."""
        await self.spend()
        if self._around.shares.limits.tokens is not None:
            await self._around.off_loop(lambda: self._around.shares.require_tokens(self._turn.store.user, KEPT))

    async def _within_budget(self, token: CancellationToken | None) -> None:
        """Ask the person, once the turn has taken what it may, before it takes more. Raises BudgetEnded."""
        while request := self._around.budget.request(self._allowances, self._taken):
            answer = await self._questions.ask(request, token)
            if not answer.is_approved:
                raise BudgetEnded
            self._allowances += 1

    @property
    def _taken(self) -> Taken:
        worked = time.monotonic() - self._began - self._questions.waited
        return Taken(usage=self._calls.usage, seconds=round(self._taken_before.seconds + worked, 3), calls=self._calls.made)

    def _past(self) -> Past:
        """What was before the turn; of one that is taken up again, its own beginning too."""
        run = self.record.id if self._turn.so_far else self.record.parent
        return Past(*self._turn.store.memory(self.record.conversation, run))

    def _receipt(self) -> str:
        """Say what is being stopped."""
        moment = QUEUED if self._place.is_queued else self._writer.moment
        return STOPPED.format(moment=moment, kept=KEPT if self._writer.has_said_anything else NOTHING)

    async def _client(self) -> ChatCompletionClient:
        model = self._turn.model
        inner = await self._around.clients.client(
            model, self._turn.store.user, use_cache=self._turn.options.use_cache, is_fresh=self._turn.is_fresh
        )
        return LiveClient(inner, self._calls, server=server_name(model.spec), retries=self._around.retries)

    async def _end(self, working: asyncio.Task[_Left], token: CancellationToken) -> None:
        """Stop the work: AutoGen's own way first, then the task, twice, as AutoGen swallows a cancellation in places."""
        for cancel in (token.cancel, working.cancel, working.cancel):
            try:
                cancel()
            except Exception:  # a callback AutoGen registered may raise out of cancel(); the next way follows
                _log.exception("a cancellation raised")
            await asyncio.wait({working}, timeout=STOP_GRACE)
            if working.done():
                return
        _log.error("run %s did not end when it was stopped; it is left behind", self.record.id)

    def _outcome(self, working: asyncio.Task[_Left]) -> _Outcome:
        is_lost = not working.done() or working.cancelled()
        error = None if is_lost else working.exception()
        if not is_lost and error is None:
            closing, (state, images) = self._closing, working.result()
            reason = closing.reason or self._calls.remark
            return _Outcome("finished", reason, state, images, is_complete=closing.is_complete)
        if self._stopping.is_set():
            return self._stop_outcome
        if error is None:
            return _Outcome("interrupted", SHUT_DOWN)
        if isinstance(ended := self._calls.error or error, USED_UP):
            return _Outcome("stopped", str(ended))
        return self._failure(error)

    def _failure(self, error: BaseException) -> _Outcome:
        cause, has_text = self._calls.error or error, self._writer.has_draft
        failure = classify(cause)
        self._failed_by = failure.kind
        _log.warning("run %s failed: %s", self.record.id, failure.kind)
        if failure.kind == "unexpected":
            frames = "".join(traceback.format_tb(cause.__traceback__))  # not its text, which may quote a request or a key
            _log.error("%s\n%s", type(cause).__name__, frames)
        reason = to_sentence(cause, self._turn.model.spec, has_text=has_text)
        return _Outcome("failed", reason, is_refused=failure.is_about_the_request and not has_text)

    def _ended(self, outcome: _Outcome) -> RunEnded:
        return RunEnded(
            status=outcome.status,
            reason=outcome.reason,
            seconds=self._taken.seconds,
            usage=self._calls.usage,
            cost=cost_of(self._calls.usage, self._turn.model.price),
            is_estimated=self._calls.is_estimated,
            is_from_cache=self._calls.all_from_cache,
            is_refused=outcome.is_refused,
            is_complete=outcome.is_complete,
        )


def _left(state: State, before: State | None) -> _Left:
    """Take the pictures out of a state. It takes processor time for each: never on the loop."""
    referring, found = with_references(state)
    known = ids_in(before or {})
    return referring, {id: data for id, data in found.items() if id not in known}
