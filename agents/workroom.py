"""Where a conversation's code runs: what the machine offers, found once, and the conversation's files."""

import threading
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
        self._choice: Choice | None = None

    @property
    def choice(self) -> Choice:
        """The sandbox, measured when this is first asked. Blocks until then, so never ask on the loop. Raises LoopUnavailable."""
        with self._lock:
            if self._choice is None:
                finding = find_sandbox(self._settings, has_several_users=self._has_several_users)
                self._choice = self._loop.submit(finding).result()
            return self._choice

    def of(self, user: User, conversation: str) -> Workroom:
        """Blocks and raises as `choice`, and raises ConversationNotFound for an id that could not be one."""
        return Workroom(self.choice, to_limits(self._settings), self._settings.code_shell, self._files.of(user, conversation))
