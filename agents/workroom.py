"""Where a conversation's code runs: what the machine offers, found once, and the conversation's files."""

import threading
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

    def __init__(self, settings: Settings, loop: BackgroundLoop, files: FileHistories, *, has_several_users: bool = False) -> None:
        self._settings = settings
        self._loop = loop
        self._files = files
        self._has_several_users = has_several_users
        self._lock = threading.Lock()
        self._finding: Future[Choice] | None = None

    def look_around(self) -> Future[Choice]:
        """Begin to measure what the machine offers, which takes a good part of a second. Raises LoopUnavailable."""
        with self._lock:
            if self._finding is None:
                self._finding = self._loop.submit(find_sandbox(self._settings, has_several_users=self._has_several_users))
            return self._finding

    @property
    def choice(self) -> Choice:
        """The sandbox. Blocks until it is measured, so never ask on the loop. Raises LoopUnavailable."""
        return self.look_around().result()

    def of(self, user: User, conversation: str) -> Workroom:
        """Blocks and raises as `choice`, and raises ConversationNotFound for an id that could not be one."""
        return Workroom(self.choice, to_limits(self._settings), self._settings.code_shell, self._files.of(user, conversation))
