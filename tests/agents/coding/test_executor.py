"""The executor by itself."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from autogen_agentchat.agents import CodeExecutorAgent
from autogen_core import CancellationToken
from autogen_core.code_executor import CodeBlock
from autogen_core.code_executor import CodeResult as AutoGenResult

from agents.application import Application
from agents.coding.executor import ELSEWHERE, AskingExecutor
from agents.coding.progress import Progress
from agents.feed import Feed
from agents.log_writer import LogWriter
from agents.questions import Questions
from agents.sandbox.choice import Choice
from agents.sandbox.limits import Limits
from agents.workroom import Workroom
from state.conversations import RunRecord
from state.events import CodeResult, Taken, UserMessage
from state.store import Store
from tests.conftest import ALICE


@pytest.fixture
def disk() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as threads:
        yield threads


@pytest.fixture
def record(store: Store) -> RunRecord:
    return store.begin_run(None, "coding", UserMessage(text="Hello"), "demo · built-in")[0]


def test_nothing_is_done_about_a_message_before_people_can_see_it(
    app: Application, store: Store, record: RunRecord, disk: ThreadPoolExecutor
) -> None:
    workroom = Workroom(Choice(None, "Code is off."), Limits(), True, app.files.of(ALICE, record.conversation))

    def results() -> list[str]:
        return [entry.event.output for entry in store.entries(record.conversation) if isinstance(entry.event, CodeResult)]

    async def watched() -> tuple[list[str], list[str]]:
        log = LogWriter(store, Feed(), record, disk, head=2)
        executor = AskingExecutor(workroom, Questions(log, Taken), log, Progress())
        running = asyncio.create_task(executor.execute_code_block([CodeBlock(code="1", language="python")], CancellationToken()))
        await asyncio.sleep(0.1)
        before = results()
        executor.assistant_said()
        await running
        return before, results()

    assert asyncio.run(watched()) == ([], ["Code is off."])


def test_a_stop_ends_that_waiting_too(app: Application, store: Store, record: RunRecord, disk: ThreadPoolExecutor) -> None:
    workroom = Workroom(Choice(None, "Code is off."), Limits(), True, app.files.of(ALICE, record.conversation))

    async def stopped() -> None:
        log, token = LogWriter(store, Feed(), record, disk, head=2), CancellationToken()
        executor = AskingExecutor(workroom, Questions(log, Taken), log, Progress())
        running = asyncio.create_task(executor.execute_code_block([CodeBlock(code="1", language="python")], token))
        await asyncio.sleep(0.05)
        token.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(running, 1)

    asyncio.run(stopped())


def test_autogen_s_own_way_runs_nothing(app: Application, store: Store, record: RunRecord, disk: ThreadPoolExecutor) -> None:
    """It would go round the person and the sandbox, if a later AutoGen took it."""
    workroom = Workroom(Choice(None, "Code is off."), Limits(), True, app.files.of(ALICE, record.conversation))

    async def result() -> AutoGenResult:
        log, token = LogWriter(store, Feed(), record, disk, head=2), CancellationToken()
        executor = AskingExecutor(workroom, Questions(log, Taken), log, Progress())
        return await CodeExecutorAgent.execute_code_block(executor, [CodeBlock(code="print(1)", language="python")], token)

    run = asyncio.run(result())
    assert run.exit_code == 1
    assert ELSEWHERE in run.output
