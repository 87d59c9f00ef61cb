"""Starts runs and finds those that live."""

import logging
import threading
from weakref import WeakValueDictionary

from agents.feed import Feed
from agents.mode import Mode
from agents.runs import Run, Surroundings, Turn
from state.errors import ConversationBusy
from state.events import UserMessage
from state.store import Store

Key = tuple[str, str]

_log = logging.getLogger(__name__)


class Runner:
    """All live runs of the process. Everything is asked for with the user's store, so it is that user's or it is not found."""

    def __init__(self, around: Surroundings) -> None:
        self._around = around
        self._lock = threading.Lock()
        self._live: dict[Key, Run] = {}
        self._feeds: WeakValueDictionary[Key, Feed] = WeakValueDictionary()

    def start(self, store: Store, mode: Mode, prompt: UserMessage, conversation: str | None = None, *, new_id: str | None = None) -> Run:
        """Commit a prompt and start answering it, in a new conversation when none is named, whose id may be given as `new_id`.

        Raises ConversationBusy, ConversationNotFound, StoreUnavailable or LoopUnavailable; then nothing was accepted.
        """
        self._around.loop.require()
        with self._lock:
            if conversation is not None:
                if (store.user.key, conversation) in self._live:
                    raise ConversationBusy
                store.interrupt_lost_runs(conversation)
            record, head = store.begin_run(conversation, mode.key, prompt, self._around.model.label, new_id=new_id)
            key = (store.user.key, record.conversation)
            turn = Turn(store, self._feed(store, record.conversation), mode, record, prompt, head)
            run = self._live[key] = Run(self._around, turn)
        self._around.loop.submit(self._drive(key, run))
        return run

    def find(self, store: Store, conversation: str) -> Run | None:
        """The live run of a conversation, if it has one."""
        return self._live.get((store.user.key, conversation))

    def live_conversations(self, store: Store) -> set[str]:
        """The ids of this user's conversations with a live run."""
        with self._lock:
            return {conversation for user, conversation in self._live if user == store.user.key}

    def feed(self, store: Store, conversation: str) -> Feed:
        """What is happening in a conversation now. Raises ConversationNotFound."""
        with self._lock:
            return self._feed(store, conversation)

    async def drain(self) -> None:
        """End all live runs because the server ends, and wait until their text is on disk."""
        with self._lock:
            runs = list(self._live.values())
        for run in runs:
            run.shut_down()
        for run in runs:
            await run.ended()

    def _feed(self, store: Store, conversation: str) -> Feed:
        key = (store.user.key, conversation)
        feed = self._feeds.get(key)
        if feed is None:
            feed = self._feeds[key] = Feed(store.head(conversation))
        return feed

    async def _drive(self, key: Key, run: Run) -> None:
        try:
            await run.drive()
        except Exception:
            _log.exception("the end of a run could not be saved; it will be marked interrupted")
        finally:
            with self._lock:
                self._live.pop(key, None)
            run.close()
