"""The executor: asks the person about each block of the assistant's code, runs it, and tells what came of it."""

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from autogen_agentchat.agents import ApprovalRequest, ApprovalResponse, CodeExecutorAgent
from autogen_agentchat.messages import BaseChatMessage, TextMessage
from autogen_core import CancellationToken
from autogen_core.code_executor import CodeBlock, CodeExecutor
from autogen_core.code_executor import CodeResult as AutoGenResult

from agents.coding.blocks import code_blocks
from agents.coding.names import ASSISTANT, EXECUTOR
from agents.coding.progress import Progress
from agents.coding.told import to_told
from agents.executor import PYTHON, SHELL, CodeListener, CodeRun
from agents.log_writer import LogWriter
from agents.questions import Questions
from agents.workroom import Workroom
from state.errors import RoundtableError
from state.events import MOST_OUTPUT, CodeEnd, CodeResult, InputAnswered, InputRequested, KeptFile

MOST_FILES = 200
"""How many files are listed with one block."""
RUNNING = "The code has been running for {seconds} s."


class AskingExecutor(CodeExecutorAgent):
    """AutoGen's agent, with its own way to a block's result: it can be stopped while it asks, and goes on after a restart.

    Only the assistant's blocks are looked at: never the person's, nor what a result quotes.
    """

    def __init__(self, workroom: Workroom, questions: Questions, log: LogWriter, progress: Progress) -> None:
        super().__init__(EXECUTOR, _Nowhere(), sources=[ASSISTANT], approval_func=_refused)
        self._languages = PYTHON | (SHELL if workroom.allows_shell else frozenset())
        self._workroom = workroom
        self._questions = questions
        self._log = log
        self._results = list(progress.results)
        self._blocks = progress.blocks
        self._asks = progress.asks
        self._lead = progress.lead
        self.error: RoundtableError | None = None
        """What it failed with. A team would wrap it into a text, so it is kept as it was."""
        self._said = asyncio.Event()
        if progress.unrun is not None:
            self._said.set()

    def assistant_said(self) -> None:
        """The assistant's message is in the log. Nothing is asked about a message that people cannot see yet."""
        self._said.set()

    async def extract_code_blocks_from_messages(self, messages: Sequence[BaseChatMessage]) -> list[CodeBlock]:
        said = [message.content for message in messages if isinstance(message, TextMessage) and message.source == ASSISTANT]
        lead, self._lead = self._lead, ""
        return code_blocks(lead + said[-1], self._languages) if said else []

    async def execute_code_block(self, code_blocks: list[CodeBlock], cancellation_token: CancellationToken) -> AutoGenResult:
        """Ask and run, one block after the other until one fails. What is returned is what the assistant reads."""
        await _linked(self._said.wait(), cancellation_token)
        self._said.clear()
        for block in code_blocks[len(self._results) :]:
            try:
                result = await self._result(block, cancellation_token)
            except RoundtableError as error:
                self.error = error
                raise
            self._results.append(result)
            if not result.is_good:
                break
        results, self._results = self._results, []
        return AutoGenResult(exit_code=0, output=to_told(results))

    async def _result(self, block: CodeBlock, token: CancellationToken) -> CodeResult:
        self._blocks += 1
        request = f"code-{self._blocks}"
        if self._workroom.is_off:
            return await self._logged(request, block, "off", output=self._workroom.choice.sentence)
        answer = await self._answer(request, block, token)
        if not answer.is_approved:
            return await self._logged(request, block, "denied", output=answer.text)
        is_edited = bool(answer.text.strip()) and answer.text.rstrip("\n") != block.code.rstrip("\n")
        to_run = CodeBlock(code=answer.text, language=block.language) if is_edited else block
        if not await self._questions.begin(EXECUTOR, request):
            return await self._logged(request, to_run, "lost", is_edited=is_edited)
        return await self._run(request, to_run, token, is_edited=is_edited)

    async def _answer(self, request: str, block: CodeBlock, token: CancellationToken) -> InputAnswered:
        if not self._asks and not self._workroom.choice.must_ask:
            return InputAnswered(request_id=request)
        title, text = block.language.lower(), "May this code run?"
        asked = InputRequested(source=EXECUTOR, request_id=request, kind="code", title=title, text=text, details=block.code)
        answer = await self._questions.ask(asked, token)
        self._asks = self._asks and not answer.for_all
        return answer

    async def _run(self, request: str, block: CodeBlock, token: CancellationToken, *, is_edited: bool) -> CodeResult:
        runs: list[CodeRun] = []
        executor = self._workroom.executor(CodeListener(ended=runs.append))
        counting = asyncio.create_task(self._count())
        try:
            with suppress(asyncio.CancelledError):  # a stopped run is told of too, and then the token says that it was stopped
                await executor.execute_code_blocks([block], token)
        finally:
            counting.cancel()
            self._log.say("")
        if not runs:
            raise asyncio.CancelledError  # stopped before it began
        run = runs[-1]
        result = await self._logged(
            request,
            block,
            run.reason,
            is_edited=is_edited,
            exit_code=run.exit_code,
            seconds=round(run.seconds, 3),
            output=run.output[:MOST_OUTPUT],
            is_truncated=run.is_truncated,
            files=await asyncio.to_thread(self._kept, run),
        )
        if run.reason == "stopped":
            raise asyncio.CancelledError
        return result

    def _kept(self, run: CodeRun) -> tuple[KeptFile, ...]:
        """The files it made as they are now: a later run may change them."""
        kept: list[KeptFile] = []
        for file in run.files[:MOST_FILES]:
            try:
                kept.append(self._workroom.files.keep(file.name))
            except RoundtableError:
                kept.append(KeptFile(name=file.name, bytes=file.bytes))
        return tuple(kept)

    async def _logged(self, request: str, block: CodeBlock, ended: CodeEnd, **more: Any) -> CodeResult:
        result = CodeResult(source=EXECUTOR, request_id=request, language=block.language.lower(), code=block.code, ended=ended, **more)
        await self._log.take(result)
        return result

    async def _count(self) -> None:
        began = time.monotonic()
        while True:
            self._log.say(RUNNING.format(seconds=int(time.monotonic() - began)), doing="while code was running")
            await asyncio.sleep(1)


async def _linked(waiting: Any, token: CancellationToken) -> None:
    future = asyncio.ensure_future(waiting)
    token.link_future(future)
    await future


ELSEWHERE = "Code runs by the executor's own way only, which asks the person."


async def _refused(_request: ApprovalRequest) -> ApprovalResponse:
    """What AutoGen's own way to a block's result would ask, if a later AutoGen took it: `execute_code_block` stands in for that."""
    return ApprovalResponse(approved=False, reason=ELSEWHERE)


class _Nowhere(CodeExecutor):
    """What that way would run code with: it runs nothing, so that nothing goes round the person and the sandbox."""

    async def execute_code_blocks(self, code_blocks: list[CodeBlock], cancellation_token: CancellationToken) -> AutoGenResult:
        return AutoGenResult(exit_code=1, output=ELSEWHERE)

    async def start(self) -> None:
        """Nothing to do."""

    async def stop(self) -> None:
        """Nothing to do."""

    async def restart(self) -> None:
        """Nothing to do."""
