"""Programs that mean harm: each ends in time with a sentence, and nothing is left of it."""

import asyncio
import os
import socket
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import pytest

from agents.sandbox import processes
from agents.sandbox.limits import MEGABYTE
from agents.sandbox.output import Output
from agents.sandbox.run import job_in, run
from agents.sandbox.sandbox import Sandbox
from tests.agents.sandbox.conftest import SMALL, Try, on_the_loop, sandbox_of
from tests.conftest import wait_until
from tests.server import ROOT

PATIENCE = 15.0
"""Seconds, generous: each program here would go on for ever or for minutes."""
BRIEF = replace(SMALL, seconds=2)
FORK_BOMB = """
import os
while True:
    try: os.fork()
    except OSError: pass
"""
ENDLESS_OUTPUT = "while True: print('x' * 1000)"
MANY_LARGE_FILES = """
for number in range(1000):
    with open(f"large-{number}", "wb") as file: file.write(bytes(10_000_000))
"""
HIDDEN_LARGE_FILES = """
import os
held = []
for number in range(100):
    held.append(os.open("large", os.O_CREAT | os.O_WRONLY))
    os.write(held[-1], bytes(10_000_000)); os.unlink("large")
import time; time.sleep(60)
"""
MANY_FILES = """
import os
for number in range(100_000): os.close(os.open(f"file-{number}", os.O_CREAT))
import time; time.sleep(60)
"""
DEEP_FOLDERS = """
import os, time
for _ in range(3000): os.mkdir("d" * 50); os.chdir("d" * 50)
open("at the bottom", "w").close()
time.sleep(60)
"""
MEMORY_OF_MANY = """
import os, time
for _ in range(8):
    if os.fork() == 0:
        filled = b"x" * 150_000_000
        time.sleep(60)
time.sleep(60)
"""


@pytest.mark.parametrize(
    ("code", "reason", "sentence"),
    [
        ("while True: pass", "time", "ended after 2 seconds"),
        ("import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nwhile True: pass", "time", "ended after 2 seconds"),
        (ENDLESS_OUTPUT, "flood", "printed more than 1 MB"),
        (MANY_LARGE_FILES, "space", "more than 40 MB together"),
        (HIDDEN_LARGE_FILES, "space", "more than 40 MB together"),
        (MANY_FILES, "files", "more than 300 files"),
        (DEEP_FOLDERS, "hidden", "folders that cannot be looked into"),
        (MEMORY_OF_MANY, "memory", "more than 400 MB of memory"),
    ],
    ids=["endless", "deaf", "output", "files", "unlinked files", "many files", "deep", "memory"],
)
def test_what_would_go_on_is_ended(sandbox: Sandbox, attempt: Try, code: str, reason: str, sentence: str) -> None:
    began = time.monotonic()
    limits = BRIEF if reason == "time" else SMALL
    tried = attempt(sandbox, code, limits)

    assert (tried.ended.reason, time.monotonic() - began < PATIENCE) == (reason, True), tried
    assert sentence in tried.ended.sentence
    assert len(tried.text) <= limits.output_bytes


def test_a_fork_bomb_stays_small(closed: Sandbox, workspace: Path) -> None:
    """It gets as many processes as the limit, the application goes on answering, and none is left."""

    async def bombing() -> tuple[str, int, float]:
        most, slowest = 0, 0.0
        async with job_in(workspace, BRIEF) as job:
            bomb = asyncio.create_task(run(closed, job, (closed.python, "-c", FORK_BOMB), Output(1000, 10_000)))
            while not bomb.done():
                before = time.monotonic()
                await asyncio.sleep(0.05)
                slowest = max(slowest, time.monotonic() - before)
                most = max(most, len(processes.marked(job.mark)))
            assert not processes.marked(job.mark)
            return bomb.result().reason, most, slowest

    reason, most, slowest = on_the_loop(bombing())

    assert reason == "time"
    assert 1 < most <= SMALL.processes + 5  # bwrap's own, and the bomb's
    assert slowest < 2


def test_more_processes_than_the_limit_are_not_had_for_long(attempt: Try) -> None:
    """Without a sandbox too: the system refuses them or, for root, whom it does not hold to the limit, the code is ended."""
    code = "import os, time\nfor _ in range(80):\n  if os.fork() == 0: time.sleep(60)\ntime.sleep(60)"
    tried = attempt(sandbox_of("unsandboxed"), code, replace(SMALL, memory_bytes=4_000 * MEGABYTE))

    assert "more than 32 processes" in tried.ended.sentence or tried.ended.exit_code == 1


def test_one_file_cannot_be_larger_than_a_file_may(sandbox: Sandbox, attempt: Try, workspace: Path) -> None:
    tried = attempt(sandbox, "with open('large', 'wb') as file:\n  while True: file.write(bytes(1_000_000))")

    assert tried.ended.exit_code == 1
    assert "File too large" in tried.text
    assert (workspace / "large").stat().st_size == SMALL.file_bytes


def test_one_process_cannot_have_more_memory_than_all(sandbox: Sandbox, attempt: Try) -> None:
    tried = attempt(sandbox, "b'x' * 10_000_000_000")

    assert tried.ended.exit_code == 1
    assert "MemoryError" in tried.text


def test_no_key_reaches_the_code(sandbox: Sandbox, attempt: Try, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-planted")
    tried = attempt(sandbox, "import os, pathlib\nprint(dict(os.environ))\nprint(pathlib.Path('/proc/self/environ').read_bytes())")

    assert "ROUNDTABLE_RUN" in tried.text
    assert "sk-planted" not in tried.text


def test_the_server_and_the_home_folder_are_out_of_sight(closed: Sandbox, attempt: Try, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    looked_at = [str(tmp_path / "secret"), str(ROOT / "app.py"), f"/proc/{os.getpid()}/environ", str(Path.home() / ".profile")]
    tried = attempt(closed, f"import os\nprint([os.path.exists(path) for path in {looked_at}])")

    assert tried.text == f"{[False] * 4}\n"


def test_the_network_is_closed(closed: Sandbox, attempt: Try) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        tried = attempt(closed, f"import socket\nsocket.create_connection(('127.0.0.1', {server.getsockname()[1]}), 2)")

    assert tried.ended.exit_code == 1
    assert "refused" in tried.text


@pytest.mark.parametrize("detached", ["", "start_new_session=True"])
def test_a_child_in_the_background_ends_with_the_code(sandbox: Sandbox, attempt: Try, detached: str) -> None:
    """Though it holds the output open, and whether or not it left the session."""
    began = time.monotonic()
    tried = attempt(sandbox, f"import subprocess\nsubprocess.Popen(['sleep', '1000'], {detached})\nprint('done')")

    assert (tried.ended.reason, tried.ended.exit_code, tried.text) == ("exited", 0, "done\n")
    assert time.monotonic() - began < PATIENCE


@pytest.mark.parametrize("victim", ["os.getppid()", "1", "-1"])
def test_killing_its_parent_ends_nothing_but_itself(closed: Sandbox, attempt: Try, victim: str) -> None:
    tried = attempt(closed, f"import os, signal\nos.kill({victim}, signal.SIGKILL)\nprint('on it goes')")

    assert tried.ended.reason == "exited"
    assert attempt(closed, "print('still here')").text == "still here\n"


def test_the_code_can_write_in_its_workspace_only(closed: Sandbox, attempt: Try, workspace: Path) -> None:
    tried = attempt(
        closed,
        """
for name in ("../escaped", "/escaped", "/usr/escaped", "/etc/escaped", "/dev/escaped", "inside"):
    try: open(name, "w").close()
    except OSError as error: print(type(error).__name__)
    else: print(name)
""",
    )

    assert tried.text.splitlines()[-1] == "inside"
    assert "escaped" not in tried.text
    assert [path.name for path in workspace.iterdir()] == ["inside"]


def test_any_bytes_survive(sandbox: Sandbox, attempt: Try) -> None:
    tried = attempt(sandbox, r"import sys; sys.stdout.buffer.write(b'caf\xe9 \xff\x00 \x1b[31mred\x1b[0m \xe2\x82')")

    assert tried.ended.exit_code == 0
    assert tried.text == "caf� � red �"


def test_what_is_not_kept_of_the_output_is_said(sandbox: Sandbox, attempt: Try) -> None:
    tried = attempt(sandbox, "print('x' * 50_000)")

    assert (tried.ended.exit_code, tried.is_truncated, len(tried.text)) == (0, True, SMALL.output_bytes)


def test_folders_made_inaccessible_are_opened_again(sandbox: Sandbox, attempt: Try, workspace: Path) -> None:
    attempt(sandbox, "import os\nos.mkdir('shut')\nopen('shut/file', 'w').close()\nos.chmod('shut', 0)")

    assert (workspace / "shut" / "file").exists()
    assert (workspace / "shut").stat().st_mode & 0o700 == 0o700


def test_code_that_is_stopped_ends_at_once(sandbox: Sandbox, workspace: Path) -> None:
    """Its children too, and what it printed is kept."""

    async def stopping() -> tuple[str, float]:
        begun = asyncio.Event()
        output = Output(1000, 10_000, lambda _: begun.set())
        async with job_in(workspace, SMALL) as job:
            code = "import subprocess, time\nprint('begun')\nsubprocess.Popen(['sleep', '1000'])\ntime.sleep(1000)"
            running = asyncio.create_task(run(sandbox, job, (sandbox.python, "-c", code), output))
            await begun.wait()
            began = time.monotonic()
            running.cancel()
            with pytest.raises(asyncio.CancelledError):
                await running
            assert not processes.marked(job.mark)
            return output.text, time.monotonic() - began

    text, seconds = on_the_loop(stopping())

    assert text == "begun\n"
    assert seconds < 5


def test_code_ends_with_a_server_that_is_killed(sandbox: Sandbox, workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if sandbox.key == "docker":
        pytest.skip("a container ends by its time limit then")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))  # where the killed one leaves its folder
    server = os.fork()
    if server == 0:
        asyncio.run(_run_for_ever(sandbox, workspace))
        os._exit(0)
    mark = workspace / "mark"
    wait_until(mark.exists)
    told = mark.read_text()
    assert processes.marked(told)
    os.kill(server, 9)
    os.waitpid(server, 0)

    wait_until(lambda: not processes.marked(told))


async def _run_for_ever(sandbox: Sandbox, workspace: Path) -> None:
    code = "import os, time\nwith open('new', 'w') as f: f.write(os.environ['ROUNDTABLE_RUN'])\nos.rename('new', 'mark')\ntime.sleep(1000)"
    async with job_in(workspace, replace(SMALL, seconds=100)) as job:
        await run(sandbox, job, (sandbox.python, "-c", code), Output(1000, 10_000))
