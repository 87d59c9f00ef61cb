"""What all tools share: a stop, a failure and a limit each become a result the model can read."""

import asyncio
import logging
from abc import abstractmethod
from collections.abc import Mapping
from traceback import format_tb
from typing import Any, Generic, TypeVar

from autogen_core import CancellationToken
from autogen_core.tools import BaseTool, ToolSchema
from pydantic import BaseModel, ValidationError

from state.conversations import Permission
from state.errors import RoundtableError

RESULT_CHARACTERS = 20_000
"""No result is longer: about 5,000 tokens, which every later request of the conversation carries again."""
CALL_SECONDS = 60.0
STOPPED = "Stopped by the user."

ArgumentsT_contra = TypeVar("ArgumentsT_contra", bound=BaseModel, contravariant=True)

_log = logging.getLogger(__name__)


class ToolFailed(RoundtableError):
    """A tool had no result; the sentence tells the model why and what to do about it."""


class GuardedTool(BaseTool[ArgumentsT_contra, Any], Generic[ArgumentsT_contra]):
    """A tool of AutoGen that people can read about, and whose every call ends: well, or in words."""

    def __init__(
        self,
        arguments: type[ArgumentsT_contra],
        name: str,
        description: str,
        *,
        title: str,
        summary: str,
        permission: Permission = "always",
    ) -> None:
        super().__init__(arguments, str, name, description)
        self.title = title
        self.summary = summary
        """What it does, for people; the description is for models."""
        self.permission: Permission = permission
        """What holds until a person decides otherwise."""
        self.seconds = CALL_SECONDS
        self._schema: ToolSchema | None = None

    @property
    def schema(self) -> ToolSchema:
        """What models are told of it. AutoGen asks before each request to a model, and would derive it anew each time."""
        if self._schema is None:
            self._schema = super().schema
        return self._schema

    @abstractmethod
    async def run(self, args: ArgumentsT_contra, cancellation_token: CancellationToken) -> str:
        """Do it. Raises ToolFailed."""

    def run_json(  # type: ignore[override]  # AutoGen only awaits what it gets
        self, args: Mapping[str, Any], cancellation_token: CancellationToken, call_id: str | None = None
    ) -> "Outcome":
        """Begin a call. Its outcome raises ToolFailed, and nothing else unless the program itself is ending."""
        return Outcome(asyncio.ensure_future(self._guarded(args, cancellation_token)), cancellation_token)

    async def _guarded(self, args: Mapping[str, Any], token: CancellationToken) -> str:
        try:
            arguments = self._args_type.model_validate(args)
        except ValidationError as error:
            raise ToolFailed(f"The call was not made: {'; '.join(_problems(error))}. Call again with these put right.") from None
        try:
            async with asyncio.timeout(self.seconds):
                return shortened(await self.run(arguments, token))
        except ToolFailed:
            raise
        except TimeoutError:
            raise ToolFailed(f"The tool {self.name} was given up after {self.seconds:g} seconds without a result.") from None
        except Exception as error:  # what nobody thought of must not reach the model, whom it may tell a key
            _log.error("the tool %s failed with %s\n%s", self.name, type(error).__name__, "".join(format_tb(error.__traceback__)))
            raise ToolFailed(f"The tool {self.name} failed in an unexpected way. Go on without it.") from None


class Outcome(asyncio.Future[str]):
    """How a call ends. Stopping it stops the work, and gives the model a result that says so.

    AutoGen 0.7.5 waits forever for the results of a call that was cancelled (microsoft/autogen#7956), also for one that had not
    begun, which a `try` within the call would not see.
    """

    def __init__(self, work: asyncio.Task[str], token: CancellationToken) -> None:
        super().__init__()
        self._work = work
        self._token = token
        work.add_done_callback(self._settle)

    def cancel(self, msg: Any | None = None) -> bool:
        return self._work.cancel(msg)

    def _settle(self, work: asyncio.Task[str]) -> None:
        if work.cancelled() and not self._token.is_cancelled():
            super().cancel()
        elif work.cancelled():
            self.set_exception(ToolFailed(STOPPED))
        elif error := work.exception():
            self.set_exception(error)
        else:
            self.set_result(work.result())


def shortened(text: str) -> str:
    """Cut off what is too much for a model, and tell it so."""
    if len(text) <= RESULT_CHARACTERS:
        return text
    return f"{text[:RESULT_CHARACTERS]}\n(Cut off here: the whole result has {len(text):,} characters.)"


def _problems(error: ValidationError) -> list[str]:
    return [
        f"{'.'.join(map(str, problem['loc']))}: {problem['msg'][:200]}" for problem in error.errors(include_url=False, include_input=False)
    ]
