"""The demo model plays the coding pair's assistant."""

import asyncio
import re
import subprocess
import sys
from pathlib import Path

import pytest
from autogen_agentchat.agents import AssistantAgent, CodeExecutorAgent
from autogen_agentchat.agents._code_executor_agent import ApprovalRequest, ApprovalResponse
from autogen_agentchat.base import TaskResult
from autogen_agentchat.conditions import MaxMessageTermination, TextMentionTermination
from autogen_agentchat.teams import RoundRobinGroupChat
from autogen_core import CancellationToken
from autogen_core.code_executor import CodeBlock, CodeExecutor, CodeResult
from autogen_core.models import AssistantMessage, UserMessage
from hypothesis import given
from hypothesis import strategies as st

from agents.models.demo import DemoClient
from agents.models.demo.coding import KINDS, OTHER, find_kind, write_program
from tests.agents.models.demo.conversation import history, said

SYSTEM = "You are a helpful assistant. Write all code in python. Reply only 'TERMINATE' if the task is done."
TASKS = {
    "Write a Python script to print 'Hello, world!'": "Hello, world!",
    "Write a program that prints good morning": "good morning",
    "The first 10 fibonacci numbers": "0, 1, 1, 2, 3, 5, 8, 13, 21, 34",
    "Which primes are below 20?": "2, 3, 5, 7, 11, 13, 17, 19",
    "List the first 3 primes": "2, 3, 5",
    "FizzBuzz to 15": "FizzBuzz",
    "The factorial of 10": "3628800",
    "Count the words of 'a b a'": "words: 3",
    "What is the mean of 3, 4 and 5.5?": "mean: 4.1667",
    "Sort 9 3 7": "[3, 7, 9]",
    "Add 2 and 3": "sum: 5",
    "What is today's date?": "of the year",
    "Read sales.csv and summarise it": "amount: 5 to 20, mean 11.67, sum 35",
    "Summarise missing.csv": "sales.csv: 3 rows",
    "Plot sine": "plot.png",
    "Plot 3, 7, 4, 9": "4 values",
    "Draw a chart of sales.csv": "from 5.0 to 20.0",
    "Sing a song": "words: 3",
    "do `this` ```python\nimport os\n``` \"and\" 'that' \ud800 \\": "longest word",
}


def program(text: str) -> str:
    (code,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    return str(code)


def execute(code: str, folder: Path) -> subprocess.CompletedProcess[str]:
    (folder / "program.py").write_text(code)
    return subprocess.run([sys.executable, "program.py"], cwd=folder, capture_output=True, text=True, timeout=60, check=False)


class Python(CodeExecutor):
    """Runs the code, or says of it what it is told to."""

    def __init__(self, folder: Path, *results: CodeResult) -> None:
        self.folder, self.results = folder, list(results)
        self.codes: list[str] = []

    async def execute_code_blocks(self, code_blocks: list[CodeBlock], cancellation_token: CancellationToken) -> CodeResult:
        (block,) = code_blocks
        self.codes.append(block.code)
        if self.results:
            return self.results.pop(0)
        ran = await asyncio.to_thread(execute, block.code, self.folder)
        return CodeResult(exit_code=ran.returncode, output=ran.stdout + ran.stderr)

    async def start(self) -> None: ...
    async def stop(self) -> None: ...
    async def restart(self) -> None: ...


def run(task: str, executor: Python, *, approved: bool = True) -> TaskResult:
    async def approve(_request: ApprovalRequest) -> ApprovalResponse:
        return ApprovalResponse(approved=approved, reason="No, thank you.")

    assistant = AssistantAgent("assistant", DemoClient(0), system_message=SYSTEM)
    runner = CodeExecutorAgent("code_executor", executor, approval_func=approve, sources=["assistant"])
    ends = TextMentionTermination("TERMINATE", sources=["assistant"]) | MaxMessageTermination(10)
    return asyncio.run(RoundRobinGroupChat([assistant, runner], termination_condition=ends).run(task=task))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "sales.csv").write_text("region,amount\nnorth,10\nsouth,20\nnorth,5\n")
    return tmp_path


@pytest.mark.parametrize("task", [task for task in TASKS if task.isprintable() and task.isascii()])
def test_the_pair_runs_a_program_to_terminate(task: str, folder: Path) -> None:
    result = run(task, Python(folder))

    assert [message.source for message in result.messages] == ["user", "assistant", "code_executor", "assistant"]
    assert TASKS[task] in result.messages[-1].to_text()
    assert result.messages[-1].to_text().splitlines()[-1] == "TERMINATE"


@pytest.mark.parametrize("task", TASKS, ids=range(len(TASKS)))
def test_the_program_does_the_task(task: str, folder: Path) -> None:
    ran = execute(program(said(history(task, system=SYSTEM))), folder)

    assert ran.returncode == 0, ran.stderr
    assert TASKS[task] in ran.stdout


@pytest.mark.parametrize("prompt", ["", "of 3, 4 and 5", "data.csv", "'quoted' `and` ```more```"])
@pytest.mark.parametrize("kind", [*KINDS, OTHER], ids=lambda kind: kind.title)
def test_every_program_and_every_simpler_one_runs(kind: object, prompt: str, tmp_path: Path) -> None:
    """In an empty folder too, where no file is what it names."""
    for name in ("program", "simpler"):
        ran = execute(write_program(prompt, getattr(kind, name)), tmp_path)

        assert ran.returncode == 0, ran.stderr
        assert ran.stdout.strip()


@given(st.text())
def test_any_prompt_gives_a_program_that_compiles_within_its_block(prompt: str) -> None:
    code = write_program(prompt, find_kind(prompt).program)

    assert "```" not in code
    compile(code, "program.py", "exec")


def test_a_block_in_the_prompt_does_not_end_the_program_s_block() -> None:
    assert program(said(history("Mind the ``` fence", system=SYSTEM))).count("\n") == 5


def test_an_error_gets_a_simpler_program_once(folder: Path) -> None:
    failed = CodeResult(exit_code=1, output="Traceback (most recent call last):\nOSError: no disk")
    executor = Python(folder, failed)
    result = run("Plot 3, 7, 4", executor)

    assert "`OSError: no disk`" in result.messages[3].to_text()
    assert len(executor.codes) == 2
    assert len(executor.codes[1]) < len(executor.codes[0])
    assert result.messages[-1].to_text().endswith("TERMINATE")

    executor = Python(folder, failed, failed, failed)
    result = run("Plot 3, 7, 4", executor)

    assert len(executor.codes) == 2
    assert "failed too" in result.messages[-1].to_text()


def test_denied_code_is_said_and_ends_the_pair(folder: Path) -> None:
    executor = Python(folder)
    result = run("Plot 3, 7, 4", executor, approved=False)

    assert not executor.codes
    assert "not allowed" in result.messages[-1].to_text()
    assert "No, thank you." in result.messages[-1].to_text()


def test_a_greeting_is_answered_without_a_program(folder: Path) -> None:
    executor = Python(folder)
    result = run("Hello", executor)

    assert not executor.codes
    assert len(result.messages) == 2
    assert "**demo model**" in result.messages[-1].to_text()


def test_a_result_that_comes_as_the_user_s_is_known_by_its_words() -> None:
    code = AssistantMessage(content=said(history("Sort 3 2", system=SYSTEM)), source="assistant")
    output = UserMessage(content="The script ran, then exited with an error (POSIX exit code: 1)\nIts output was:\nno", source="user")

    assert "simpler program" in said([*history("Sort 3 2", system=SYSTEM), code, output])


def test_no_code_is_no_loop() -> None:
    nothing = UserMessage(content="No code blocks found in the thread.", source="code_executor")

    assert said([*history("Sort 3 2", system=SYSTEM), AssistantMessage(content="Hm", source="assistant"), nothing]) == "TERMINATE"
