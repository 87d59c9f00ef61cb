"""An agent's code blocks, run as AutoGen's `CodeExecutor`."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from autogen_agentchat.agents import ApprovalRequest, ApprovalResponse, CodeExecutorAgent
from autogen_agentchat.messages import TextMessage
from autogen_core import CancellationToken
from autogen_core.code_executor import CodeBlock

from agents.executor import CodeListener, CodeRun, SandboxExecutor
from agents.sandbox.interpreter import find_interpreter
from agents.sandbox.limits import MEGABYTE, Limits
from agents.sandbox.sandbox import Sandbox
from agents.sandbox.unsandboxed import Unsandboxed
from state.workspaces import Workspace
from tests.agents.sandbox.conftest import on_the_loop, sandbox_of

LIMITS = Limits(seconds=20, workspace_bytes=3 * MEGABYTE, workspace_files=50)


@pytest.fixture(params=["bubblewrap", "unsandboxed"])
def sandbox(request: pytest.FixtureRequest) -> Sandbox:
    return sandbox_of(request.param)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "outside" / "workspace")


@pytest.fixture
def executor(sandbox: Sandbox, workspace: Workspace) -> SandboxExecutor:
    return SandboxExecutor(sandbox, workspace, LIMITS)


def run(executor: SandboxExecutor, *blocks: tuple[str, str]) -> CodeRun:
    written = [CodeBlock(code=code, language=language) for language, code in blocks]
    return on_the_loop(executor.execute_code_blocks(written, CancellationToken()))


def test_blocks_run_one_after_the_other(executor: SandboxExecutor) -> None:
    """In the same workspace, Python and shell, and what they made is told."""
    result = run(executor, ("python", "open('made.txt', 'w').write('three')\nprint('one')"), ("sh", "echo two; cat made.txt"))

    assert (result.exit_code, result.output, result.reason) == (0, "one\ntwo\nthree", "exited")
    assert [(file.name, file.bytes) for file in result.files] == [("made.txt", 5)]
    assert 0 < result.seconds < 20


def test_the_first_that_fails_is_the_last(executor: SandboxExecutor) -> None:
    result = run(executor, ("python", "raise SystemExit(3)"), ("python", "print('never')"))

    assert (result.exit_code, result.output) == (3, "")


def test_only_what_changed_is_told(executor: SandboxExecutor, workspace: Workspace) -> None:
    for name in ("kept.txt", "changed.txt"):
        workspace.add(name, b"before")
    result = run(executor, ("python", "open('changed.txt', 'w').write('after!')\nopen('kept.txt').read()"))

    assert [file.name for file in result.files] == ["changed.txt"]


def test_a_block_may_say_its_name(executor: SandboxExecutor, workspace: Workspace) -> None:
    """It stays in the workspace, and later blocks can import it. Others leave nothing."""
    run(executor, ("python", "# filename: lib/greeting.py\ndef greet(): return 'hello'"))
    result = run(executor, ("python", "from lib.greeting import greet\nprint(greet())"))

    assert result.output == "hello\n"
    assert [file.name for file in workspace.files()] == ["lib/greeting.py"]


@pytest.mark.parametrize("name", ["../x.py", "/etc/x.py", "a/../../x.py", "", "a\x00b.py", "x" * 300 + ".py", "a\\..\\b.py"])
def test_a_name_that_leaves_the_workspace_is_refused(executor: SandboxExecutor, workspace: Workspace, name: str) -> None:
    """With a sentence, and the block is not run."""
    result = run(executor, ("python", f"# filename: {name}\nprint('run')"))

    assert result.exit_code != 0
    assert "is not a name for a file here" in result.output
    assert [path.name for path in workspace.folder.parent.iterdir()] == ["workspace"]
    assert workspace.files() == []


def test_a_name_that_is_a_link_by_now_replaces_the_link(executor: SandboxExecutor, workspace: Workspace, tmp_path: Path) -> None:
    """And a folder that is one is refused."""
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "victim").write_text("untouched")
    run(executor, ("sh", "ln -s ../victim x.py; ln -s .. up"))
    replaced = run(executor, ("python", "# filename: x.py\nprint('run')"))
    refused = run(executor, ("python", "# filename: up/victim\nprint('run')"))

    assert replaced.output == "run\n"
    assert refused.exit_code != 0
    assert (tmp_path / "outside" / "victim").read_text() == "untouched"


def test_other_languages_are_refused(executor: SandboxExecutor) -> None:
    result = run(executor, ("javascript", "1"))

    assert result.exit_code != 0
    assert "Blocks of `javascript` are not run here" in result.output


def test_shell_can_be_refused(sandbox: Sandbox, workspace: Workspace) -> None:
    executor = SandboxExecutor(sandbox, workspace, LIMITS, allows_shell=False)
    result = run(executor, ("sh", "touch made"))

    assert "ROUNDTABLE_CODE_SHELL" in result.output
    assert run(executor, ("python", "print(1)")).exit_code == 0
    assert workspace.files() == []


def test_too_late_is_said_after_what_was_printed(sandbox: Sandbox, workspace: Workspace) -> None:
    executor = SandboxExecutor(sandbox, workspace, replace(LIMITS, seconds=1))
    result = run(executor, ("python", "print('begun', end='')\nwhile True: pass"))

    assert result.output == "begun\nThe code was ended after 1 seconds, the time it may take."
    assert result.reason == "time"
    assert result.exit_code != 0


def test_what_does_not_fit_is_removed_and_what_was_there_stays(executor: SandboxExecutor, workspace: Workspace) -> None:
    workspace.add("kept.txt", b"kept")
    result = run(executor, ("python", "for n in range(9): open(f'large-{n}', 'wb').write(bytes(1_000_000))"))

    assert "did not fit into the workspace" in result.output
    assert [file.name for file in workspace.files()] == ["kept.txt"]
    assert run(executor, ("python", "print('usable')")).output == "usable\n"


def test_a_stop_ends_the_code_and_its_partial_result_is_told(sandbox: Sandbox, workspace: Workspace) -> None:
    """AutoGen has no result of a cancelled run; the listener does."""
    heard: list[CodeRun] = []
    token = CancellationToken()
    listener = CodeListener(printed=lambda _: token.cancel(), ended=heard.append)
    executor = SandboxExecutor(sandbox, workspace, LIMITS, listener=listener)

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(
            executor.execute_code_blocks([CodeBlock("print('begun')\nopen('made', 'w')\nimport time\ntime.sleep(1000)", "python")], token)
        )

    assert [(each.reason, each.output) for each in heard] == [("stopped", "begun\nThe code was stopped.")]
    assert heard[0].seconds < 5


def test_autogen_s_agent_uses_it(workspace: Workspace) -> None:
    """After an approval. The agent answers with words alone; the listener has the whole result, as it was."""
    heard: list[CodeRun] = []

    async def approve(request: ApprovalRequest) -> ApprovalResponse:
        return ApprovalResponse(approved="print" in request.code, reason="")

    async def executing() -> str:
        executor = SandboxExecutor(Unsandboxed(find_interpreter()), workspace, LIMITS, listener=CodeListener(ended=heard.append))
        agent = CodeExecutorAgent("executor", executor, approval_func=approve, sources=["coder"])
        message = TextMessage(source="coder", content="```python\nprint(6 * 7)\nopen('a.txt', 'w').write('a')\n1 / 0\n```")
        return (await agent.on_messages([message], CancellationToken())).chat_message.to_text()

    text = asyncio.run(executing())

    assert text.startswith("The script ran, then exited with an error (POSIX exit code: 1)\nIts output was:\n42\n")
    assert [(run.exit_code, run.output.splitlines()[0], run.files[0].name) for run in heard] == [(1, "42", "a.txt")]


def test_the_code_environment_is_used_where_it_is(tmp_path: Path) -> None:
    interpreter = find_interpreter(tmp_path)

    assert not interpreter.has_packages
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").symlink_to(interpreter.executable)
    assert find_interpreter(tmp_path).has_packages
    assert find_interpreter(tmp_path).folders[0] == tmp_path
