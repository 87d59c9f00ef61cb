"""Starts runs and finds those that live."""

import sys
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from weakref import WeakValueDictionary

from agents.feed import Feed
from agents.metrics import Metrics
from agents.mode import Mode
from agents.models.catalog import Catalog
from agents.runs import Run
from agents.titles import Titles
from agents.turn import Surroundings, Turn
from state.conversations import Beginning, RunRecord
from state.errors import ConversationBusy, LoopUnavailable, ModelCannotSee, ModeMissing, QuestionOver, RoundtableError
from state.events import AgentMessage, InputAnswered, Prompt, RunEnded, UserMessage
from state.exports import ConversationFile
from state.file_history import FileHistories
from state.ids import new_id
from state.store import Store

Key = tuple[str, str]


STOPPED_WAITING = "You stopped this answer while it was waiting for you. What arrived so far is kept."
STOP_SECONDS = 5.0
"""How long a deletion waits for its conversation's run. One that has not ended by then is left to itself: it can save nothing any more."""
GONE = 0
"""The head of a log that is not there."""


class Runner:
    """All live runs of the process. Everything is asked for with the user's store, so it is that user's or it is not found.

    Whatever makes a user's data grow by much goes through here, where their share is looked at first.
    """

    def __init__(self, around: Surroundings, catalog: Catalog, titles: Titles, files: FileHistories, metrics: Metrics) -> None:
        self._around = around
        self._titles = titles
        self._metrics = metrics
        self._catalog = catalog
        self._files = files
        self._lock = threading.Lock()  # the loop takes it too, so nobody touches the disk while holding it
        self._starting: set[Key] = set()
        self._live: dict[Key, Run] = {}
        self._feeds: WeakValueDictionary[Key, Feed] = WeakValueDictionary()
        around.loop.when_over(self._abandon)

    def start(
        self,
        store: Store,
        mode: Mode,
        prompt: Prompt,
        conversation: str | None = None,
        beginning: Beginning = Beginning(),
        *,
        lead: AgentMessage | None = None,
        is_fresh: bool = False,
        images: Mapping[str, bytes] = {},
        files: Sequence[tuple[str, bytes]] = (),
    ) -> Run:
        """Commit a prompt and start answering it, in a new conversation when none is named.

        The answer goes on with the message `lead`, where there is one, and is not taken from the cache when it must be fresh. `images` are
        the prompt's pictures that may not be stored yet, `files` what is given along, by name. Raises ModelCannotSee, ConversationBusy,
        AlreadySent, ConversationNotFound, ModeMissing, ShareUsedUp, FileRefused, StoreUnavailable or LoopUnavailable; then nothing was
        accepted.
        """
        self._around.loop.require()
        id = conversation or beginning.new_id or new_id()
        coming = _size(images.values()) + _size(content for _, content in files)
        with self._reserved((store.user.key, id)), self._around.shares.room(store.user, coming):
            options = beginning.options
            if conversation is not None:
                store.interrupt_lost_runs(conversation)
                about = store.conversation(conversation)
                if about.mode != mode.key:
                    raise ModeMissing(about.mode)
                options = about.options
            model = self._catalog.find(options.model)
            if prompt.images and not model.info["vision"]:
                raise ModelCannotSee(model.name)
            self._around.shares.admit(store.user, running=self._at_work(store.user.key), waiting=self._waiting(store.user.key))
            off = tuple(name for name, permission in options.permissions.items() if permission == "never")
            told = {"instructions": options.instructions, "tools_off": off, "roles": options.roles}
            new = beginning.model_copy(update={"new_id": id, **told})
            with self._files.of(store.user, id).adding(files) as kept:
                prompt = prompt.model_copy(update={"files": kept}) if kept else prompt
                record, head = store.begin_run(conversation, mode.key, prompt, model.label, new, images=images)
            feed = self._feed((store.user.key, id))
            return self._start(Turn(store, feed, mode, model, options, record, prompt, head, lead, is_fresh))

    def find(self, store: Store, conversation: str) -> Run | None:
        """The live run of a conversation, if it has one."""
        return self._live.get((store.user.key, conversation))

    def stop(self, store: Store, conversation: str) -> None:
        """Stop what runs in a conversation, or waits in it for the person. Returns at once. Raises StoreUnavailable."""
        if run := self.find(store, conversation):
            run.stop()
            return
        try:
            with self._reserved((store.user.key, conversation)):
                self._stop_waiting(store, conversation)
        except ConversationBusy:  # another tab was faster: it answered or stopped it, or sent a prompt
            if run := self.find(store, conversation):
                run.stop()

    def answer(self, store: Store, mode: Mode, conversation: str, answered: InputAnswered) -> None:
        """Give the person's answer to what a run asks, and take the run up again if the server was gone meanwhile.

        Raises QuestionOver, ConversationBusy, ConversationNotFound, ShareUsedUp, StoreUnavailable or LoopUnavailable.
        """
        self._around.loop.require()
        with self._reserved((store.user.key, conversation), beside_a_run=True):
            self._around.shares.require_place(self._at_work(store.user.key))
            if run := self.find(store, conversation):
                self._around.loop.submit(run.answer(answered)).result()
                return
            waiting = store.waiting_run(conversation)
            if waiting is None:
                raise QuestionOver
            head, is_all = store.answer(waiting, answered)
            if is_all:
                self._take_up(store, mode, waiting, head)
            else:
                self._feed((store.user.key, conversation)).has_reached(head, "waiting")

    def add_wish(self, store: Store, conversation: str, wish: UserMessage) -> None:
        """Tell what runs in a conversation what the person says meanwhile. Raises ConversationBusy where it cannot be taken up.

        It counts as a prompt. Raises ShareUsedUp too.
        """
        run = self.find(store, conversation)
        if run is None:
            raise ConversationBusy
        with self._around.shares.room(store.user):
            self._around.shares.admit(store.user)
            self._around.loop.submit(run.add_wish(wish)).result()

    def delete(self, store: Store, conversation: str) -> None:
        """Stop what runs in a conversation, remove it from the disk, and tell whoever looks at it. Blocks until it is done.

        Raises ConversationNotFound, StoreUnavailable, or ConversationBusy while a prompt is being taken in just now.
        """
        key = (store.user.key, conversation)
        with self._reserved(key, beside_a_run=True):
            if run := self.find(store, conversation):
                run.stop()
                run.wait(sys.maxsize, STOP_SECONDS)
            self._files.of(store.user, conversation).delete()
            store.delete(conversation)
        self._around.shares.forget_size(store.user)
        self._feed(key).publish(head=GONE, status=None, draft=None)

    def delete_all(self, store: Store) -> None:
        """Stop all that runs for a user and remove everything they have from the disk. Blocks until it is done. Raises StoreUnavailable."""
        live = [run for conversation in self.live_conversations(store) if (run := self.find(store, conversation))]
        for run in live:
            run.stop()
        for run in live:
            run.wait(sys.maxsize, STOP_SECONDS)
        self._files.delete_all(store.user)
        store.delete_all()
        self._around.shares.forget_size(store.user)
        for feed in self._feeds_of(store.user.key):
            feed.publish(head=GONE, status=None, draft=None)

    def go_to(self, store: Store, conversation: str, run: str | None) -> None:
        """Let the transcript end with a run, or with nothing. Raises ConversationBusy, ConversationNotFound or StoreUnavailable."""
        with self._changing(store, conversation):
            store.go_to(conversation, run)

    def show_version(self, store: Store, conversation: str, run: str) -> None:
        """Let the transcript lead over a run. Raises as `go_to`."""
        with self._changing(store, conversation):
            store.show_version(conversation, run)

    def branch(self, store: Store, conversation: str, run: str) -> str:
        """Copy a conversation up to a run into a new one, its files too. Returns its id. Raises as `go_to`, and ShareUsedUp."""
        files = self._files.of(store.user, conversation)
        with self._around.shares.room(store.user, files.size()):
            new = store.branch(conversation, run)
            files.copy_to(self._files.of(store.user, new.id), store.runs_to(conversation, run), store.runs_to(new.id, new.tip))
        return new.id

    def take_in(self, store: Store, file: ConversationFile) -> str:
        """Make a new conversation of a file's, with its files, or nothing. Returns its id.

        Raises ShareUsedUp, StoreUnavailable or FileRefused.
        """
        with self._around.shares.room(store.user, _size(file.images.values()) + _size(file.files.contents.values())):
            conversation = store.take_in(file)
            try:
                self._files.of(store.user, conversation.id).take_in(conversation.tip, file.files)
            except RoundtableError:
                store.delete(conversation.id)
                raise
        return conversation.id

    def live_conversations(self, store: Store) -> set[str]:
        """The ids of this user's conversations with a live run."""
        with self._lock:
            return {conversation for user, conversation in self._live if user == store.user.key}

    def feed(self, store: Store, conversation: str) -> Feed:
        """What is happening in a conversation now. Raises ConversationNotFound."""
        head, waiting = store.head(conversation), store.waiting_run(conversation)
        feed = self._feed((store.user.key, conversation))
        feed.has_reached(head, "waiting" if waiting else None)
        return feed

    def wake_readers(self) -> None:
        """Have everyone who waits for something to happen in a conversation look again."""
        with self._lock:
            feeds = list(self._feeds.values())
        for feed in feeds:
            feed.wake()

    async def drain(self) -> None:
        """End all live runs because the server ends, and wait until their text is on disk."""
        with self._lock:
            runs = list(self._live.values())
        for run in runs:
            run.shut_down()
        for run in runs:
            await run.ended()

    def _at_work(self, user: str) -> int:
        """How many runs of a user are at work, or begin, or go on."""
        with self._lock:
            at_work = {key for key, run in self._live.items() if run.is_at_work}
            return sum(owner == user for owner, _ in at_work | self._starting)

    def _waiting(self, user: str) -> int:
        """How many live runs of a user wait for them."""
        with self._lock:
            return sum(owner == user and not run.is_at_work for (owner, _), run in self._live.items())

    def _stop_waiting(self, store: Store, conversation: str) -> None:
        """End a run that nobody drives, as it waits for the person."""
        if waiting := store.waiting_run(conversation):
            head = store.end_run(waiting, [], RunEnded(status="stopped", reason=STOPPED_WAITING))
            self._feed((store.user.key, conversation)).publish(head=head, status=None, draft=None)

    def _take_up(self, store: Store, mode: Mode, record: RunRecord, head: int) -> None:
        """Go on with a run whose server is gone, from what it logged."""
        options = store.conversation(record.conversation).options
        so_far = [entry.event for entry in store.entries_of(record.conversation, record.id)]
        prompt = store.prompt_of(record.conversation, record.id)
        feed, model = self._feed((store.user.key, record.conversation)), self._catalog.find(options.model)
        self._start(Turn(store, feed, mode, model, options, record, prompt, head, so_far=so_far))

    def _start(self, turn: Turn) -> Run:
        key, run = (turn.store.user.key, turn.record.conversation), Run(self._around, turn)
        with self._lock:
            self._live[key] = run
        try:
            self._around.loop.start(self._drive(key, run, turn))
        except LoopUnavailable as error:  # it ended since we asked: the prompt is on disk, and so is what became of it
            self._leave(key, run)
            turn.store.end_run(turn.record, [], RunEnded(status="failed", reason=str(error)))
        return run

    @contextmanager
    def _changing(self, store: Store, conversation: str) -> Iterator[None]:
        """Where a conversation's transcript ends is changed: by one at a time, while nothing runs, and whoever looks at it is told."""
        with self._reserved((store.user.key, conversation)):
            store.interrupt_lost_runs(conversation)
            yield
            self._files.of(store.user, conversation).go_to(store.runs_to(conversation, store.conversation(conversation).tip))
        self._feed((store.user.key, conversation)).changed_beside()

    @contextmanager
    def _reserved(self, key: Key, *, beside_a_run: bool = False) -> Iterator[None]:
        with self._lock:
            if key in self._starting or (key in self._live and not beside_a_run):
                raise ConversationBusy
            self._starting.add(key)
        try:
            yield
        finally:
            with self._lock:
                self._starting.discard(key)

    def _feed(self, key: Key) -> Feed:
        with self._lock:
            feed = self._feeds.get(key)
            if feed is None:
                feed = self._feeds[key] = Feed()
            return feed

    def _feeds_of(self, user: str) -> list[Feed]:
        with self._lock:
            return [feed for (owner, _), feed in self._feeds.items() if owner == user]

    async def _drive(self, key: Key, run: Run, turn: Turn) -> None:
        try:
            await run.drive()
        finally:
            self._leave(key, run)
        run.report(self._metrics)
        await run.spend()
        if run.outcome == "finished":
            await self._titles.suggest(turn)

    def states(self) -> dict[str, int]:
        """How many live runs there are, by what they are at."""
        with self._lock:
            runs = list(self._live.values())
        waiting = sum(not run.is_at_work for run in runs)
        queued = self._around.places.queued
        return {"running": max(0, len(runs) - waiting - queued), "waiting": waiting, "queued": queued}

    def _leave(self, key: Key, run: Run) -> None:
        with self._lock:  # held for both, or this run's end could be said after the next one's beginning
            self._live.pop(key, None)
            run.close()

    def _abandon(self) -> None:
        """The loop is over: no run of it will ever say so itself."""
        with self._lock:
            for run in self._live.values():
                run.close()
            self._live.clear()


def _size(contents: Iterable[bytes | str]) -> int:
    return sum(map(len, contents))
