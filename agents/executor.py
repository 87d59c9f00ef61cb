"""Runs an agent's code blocks in a sandbox: AutoGen's `CodeExecutor`, stoppable, with limits, and with what its own lack."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from autogen_core import CancellationToken
from autogen_core.code_executor import CodeBlock, CodeExecutor, CodeResult

from agents.sandbox.limits import Limits
from agents.sandbox.output import Output
from agents.sandbox.run import Ended, Reason, job_in, run, to_sentence
from agents.sandbox.sandbox import Job, Sandbox
from state.errors import FileRefused, RoundtableError, quoted
from state.trees import keep_only, open_up
from state.workspaces import Workspace, WorkspaceFile

PYTHON = frozenset({"python", "python3", "py"})
SHELL = frozenset({"sh", "bash", "shell"})
NAME_SIGN = "# filename:"
"""How a block's first line says where to keep it, as AutoGen's own executors have it."""
REFUSED = 2
"""The exit code of a block that was not run."""
STOPPED = 130
"""What shells say of a program that was interrupted."""


@dataclass
class CodeRun(CodeResult):
    """How some blocks went. `output` is all they printed, and a sentence where one was ended or refused."""

    seconds: float = 0.0
    is_truncated: bool = False
    """Whether more was printed than `output` holds."""
    files: tuple[WorkspaceFile, ...] = field(default=())
    """Files made or changed in the workspace."""
    reason: Reason = "exited"


@dataclass(frozen=True)
class CodeListener:
    """Who is told on the loop while code runs."""

    printed: Callable[[str], object] = lambda _: None
    """What was printed, line by line."""
    ended: Callable[[CodeRun], object] = lambda _: None
    """How it went. Told of a stopped run too, which AutoGen has no result of."""


class SandboxExecutor(CodeExecutor):
    """Runs the blocks of one conversation, one after the other until one fails.

    Nothing is kept between two calls but the workspace's files, so there is nothing to start or stop.
    """

    def __init__(
        self,
        sandbox: Sandbox,
        workspace: Workspace,
        limits: Limits | None = None,
        *,
        allows_shell: bool = True,
        listener: CodeListener | None = None,
    ) -> None:
        self._sandbox = sandbox
        self._workspace = workspace
        self._limits = limits or Limits()
        self._allows_shell = allows_shell
        self._listener = listener or CodeListener()

    async def execute_code_blocks(self, code_blocks: list[CodeBlock], cancellation_token: CancellationToken) -> CodeRun:
        """Run the blocks. Raises CancelledError when the token is cancelled, with nothing of the code left running by then."""
        running = asyncio.ensure_future(self._run_blocks(code_blocks))
        cancellation_token.link_future(running)
        return await running

    async def start(self) -> None:
        """Nothing to do."""

    async def stop(self) -> None:
        """Nothing to do."""

    async def restart(self) -> None:
        """Nothing to do."""

    async def _run_blocks(self, blocks: Sequence[CodeBlock]) -> CodeRun:
        began = time.monotonic()
        await asyncio.to_thread(self._workspace.create)
        before = await asyncio.to_thread(self._workspace.marks)
        output = Output(self._limits.output_bytes, self._limits.flood_bytes, self._listener.printed)
        ended = Ended("stopped", STOPPED, 0.0, to_sentence("stopped", self._limits))
        try:
            ended = await self._run_each(blocks, output)
        finally:
            said, files = await asyncio.shield(asyncio.to_thread(self._cleared_up, before))
            result = CodeRun(
                exit_code=ended.exit_code,
                output=_joined(output.text, output.is_truncated, ended.sentence, said),
                seconds=time.monotonic() - began,
                is_truncated=output.is_truncated,
                files=files,
                reason=ended.reason,
            )
            self._listener.ended(replace(result))  # a copy: AutoGen's agent rewrites the output of the one it gets
        return result

    async def _run_each(self, blocks: Sequence[CodeBlock], output: Output) -> Ended:
        ended = Ended("exited", 0, 0.0)
        for block in blocks:
            try:
                ended = await self._run_block(block, output)
            except RoundtableError as error:
                return Ended("failed", REFUSED, 0.0, str(error))
            if ended.exit_code != 0 or ended.reason != "exited":
                break
        return ended

    async def _run_block(self, block: CodeBlock, output: Output) -> Ended:
        program = self._program(block.language.lower())
        async with job_in(self._workspace.folder, self._limits) as job:
            file = await asyncio.to_thread(self._kept, block, job)
            return await run(self._sandbox, job, (program, file), output)

    def _program(self, language: str) -> str:
        if language in PYTHON:
            return self._sandbox.python
        if language not in SHELL:
            raise FileRefused(
                f"Blocks of {quoted(language[:30])} are not run here: only Python{' and shell' if self._allows_shell else ''}."
            )
        if not self._allows_shell:
            raise FileRefused("Shell blocks are not run here: ROUNDTABLE_CODE_SHELL is off.")
        return "bash" if language == "bash" else "sh"

    def _kept(self, block: CodeBlock, job: Job) -> str:
        """Write the block where its first line says, or else among the temporary files. Raises FileRefused."""
        code, places = block.code.encode("utf-8", "replace"), self._sandbox.places(job)
        first, _, _ = block.code.partition("\n")
        if first.startswith(NAME_SIGN):
            name = first.removeprefix(NAME_SIGN).strip()
            return f"{places.workspace}/{self._workspace.add(name, code).name}"
        (job.scratch / "block").write_bytes(code)
        return f"{places.scratch}/block"

    def _cleared_up(self, before: dict[str, tuple[int, ...]]) -> tuple[str, tuple[WorkspaceFile, ...]]:
        """Make room again where code left too much, and list what it made or changed."""
        open_up(self._workspace.folder)
        said = self._make_room(before)
        after = self._workspace.marks()
        return said, tuple(file for file in self._workspace.files() if after.get(file.name) != before.get(file.name))

    def _make_room(self, before: dict[str, tuple[int, ...]]) -> str:
        """Take away what these blocks made and, where that is not enough, what they changed."""
        said = ""
        unchanged = dict(before.items() & self._workspace.marks().items())
        for kept in (before, unchanged):
            if self._fits():
                break
            keep_only(self._workspace.folder, set(kept))
            said = "What it left did not fit into the workspace and was removed."
        return said

    def _fits(self) -> bool:
        used = self._workspace.usage()
        return used.bytes <= self._limits.workspace_bytes and used.files <= self._limits.workspace_files


def _joined(text: str, is_truncated: bool, *sentences: str) -> str:  # a fact, not a switch
    said = [("More was printed than is kept." if is_truncated else ""), *sentences]
    ending = "\n".join(filter(None, said))
    return f"{text}{'' if not text or text.endswith(chr(10)) or not ending else chr(10)}{ending}"
