"""Where a conversation's code runs: what the machine offers, found once, and the conversation's files."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass

from autogen_core.code_executor import CodeExecutor

from agents.executor import CodeListener, SandboxExecutor
from agents.loop import BackgroundLoop
from agents.sandbox.choice import Choice, find_sandbox
from agents.sandbox.limits import Limits, to_limits
from state.file_history import FileHistories, FileHistory
from state.settings import Settings
from state.users import User

CHECKED_SECONDS = 60.0
"""How long a look that was taken again counts: each starts programs."""


@dataclass(frozen=True)
class Workroom:
    """One conversation's."""

    choice: Choice
    limits: Limits
    allows_shell: bool
    files: FileHistory

    @property
    def is_off(self) -> bool:
        """Whether nothing runs here; `choice` says why."""
        return self.choice.sandbox is None

    def executor(self, listener: CodeListener) -> CodeExecutor:
        """What runs the code. Not to be asked for where it is off."""
        if self.choice.sandbox is None:
            raise RuntimeError(self.choice.sentence)
        return SandboxExecutor(self.choice.sandbox, self.files.workspace, self.limits, allows_shell=self.allows_shell, listener=listener)


class Workrooms:
    """The one door to them."""

    def __init__(
        self,
        settings: Settings,
        loop: BackgroundLoop,
        files: FileHistories,
        *,
        has_several_users: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings = settings
        self._loop = loop
        self._files = files
        self._has_several_users = has_several_users
        self._lock = threading.Lock()
        self._finding: Future[Choice] | None = None
        self._clock = clock
        self._checking: Future[Choice] | None = None
        self._checked = 0.0

    def look_around(self) -> Future[Choice]:
        """Begin to measure what the machine offers, which takes a good part of a second. Raises LoopUnavailable."""
        with self._lock:
            if self._finding is None:
                self._finding = self._measure()
            return self._finding

    def look_again(self) -> Future[Choice]:
        """Measure anew, whatever is used, once a minute at most for all who ask. Raises LoopUnavailable."""
        with self._lock:
            if self._checking is None or self._clock() - self._checked >= CHECKED_SECONDS:
                self._checking, self._checked = self._measure(), self._clock()
            return self._checking

    def _measure(self) -> Future[Choice]:
        return self._loop.submit(find_sandbox(self._settings, has_several_users=self._has_several_users))

    @property
    def choice(self) -> Choice:
        """The sandbox. Blocks until it is measured, so never ask on the loop. Raises LoopUnavailable."""
        return self.look_around().result()

    def of(self, user: User, conversation: str) -> Workroom:
        """Blocks and raises as `choice`, and raises ConversationNotFound for an id that could not be one."""
        return Workroom(self.choice, to_limits(self._settings), self._settings.code_shell, self._files.of(user, conversation))
