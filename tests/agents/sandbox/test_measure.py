"""What a sandbox holds back is tried, and which one is taken follows from it."""

import stat
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from agents.sandbox.bubblewrap import Bubblewrap
from agents.sandbox.choice import Choice, find_sandbox
from agents.sandbox.docker import Docker
from agents.sandbox.interpreter import find_interpreter
from agents.sandbox.limits import Limits
from agents.sandbox.measure import ESSENTIAL, measure
from agents.sandbox.sandbox import Job, Sandbox
from agents.sandbox.unsandboxed import Unsandboxed
from state.settings import Settings
from tests.agents.sandbox.conftest import on_the_loop

HOLEY = """#!/bin/sh
while [ "$1" != "--" ]; do shift; done
shift
exec "$@"
"""
"""Bubblewrap's arguments, and none of its walls."""


def settings(code_execution: str) -> Settings:
    return Settings(_env_file=None, ROUNDTABLE_CODE_EXECUTION=code_execution)


def found(code_execution: str, *, has_several_users: bool = False) -> Choice:
    return on_the_loop(find_sandbox(settings(code_execution), has_several_users=has_several_users))


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder programs are looked for in."""
    folder = tmp_path / "tools"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


def test_a_sandbox_holds_all_that_is_measured(closed: Sandbox) -> None:
    measured = on_the_loop(measure(closed))

    assert measured.is_closed
    assert [finding.barrier for finding in measured.findings if not finding.holds] == []


def test_without_a_sandbox_the_measurement_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A clean environment and the limit of memory are all there is."""
    (tmp_path / "letter").write_text("secret")
    measured = on_the_loop(measure(Unsandboxed(find_interpreter()), home=tmp_path))
    holding = {finding.barrier for finding in measured.findings if finding.holds}

    assert (measured.is_closed, measured.trouble) == (False, "")
    assert "environment" in holding
    assert not holding & {"network", "home", "files"}
    assert "The network is open." in [finding.sentence for finding in measured.findings]


def test_a_sandbox_with_holes_is_not_taken(tools: Path) -> None:
    """Whatever it is called: what counts is what holds."""
    (tools / "bwrap").write_text(HOLEY)
    (tools / "bwrap").chmod(stat.S_IRWXU)
    choice = found("bubblewrap", has_several_users=True)

    assert choice.sandbox is None
    assert "The network is open." in choice.passed_over[0] or "cannot be used" in choice.passed_over[0]


def test_a_docker_without_a_daemon_is_passed_over(tools: Path) -> None:
    """With what it said itself, but its name."""
    (tools / "docker").write_text("#!/bin/sh\necho 'docker: Cannot connect to the Docker daemon.' >&2\nexit 1\n")
    (tools / "docker").chmod(stat.S_IRWXU)
    choice = found("docker")

    assert choice.sandbox is None
    assert choice.passed_over == ("Docker is installed but cannot be used. It says: Cannot connect to the Docker daemon.",)


@pytest.mark.usefixtures("tools")
def test_without_any_one_person_is_asked_each_time() -> None:
    choice = found("auto")

    assert choice.sandbox is not None
    assert choice.must_ask
    assert "with your own rights" in choice.sentence
    assert choice.passed_over == ("Docker is not installed.", "Bubblewrap is not installed.")


@pytest.mark.usefixtures("tools")
@pytest.mark.parametrize("code_execution", ["auto", "unsandboxed"])
def test_without_any_several_people_get_none(code_execution: str) -> None:
    """Even if it was asked for; they are told how to get one."""
    choice = found(code_execution, has_several_users=True)

    assert choice.sandbox is None
    assert "several people" in choice.sentence
    assert "apt install bubblewrap" in choice.sentence


def test_off_is_off() -> None:
    choice = found("off")

    assert choice.sandbox is None
    assert "ROUNDTABLE_CODE_EXECUTION is off" in choice.sentence


def test_a_sandbox_that_is_there_is_taken_without_asking(bubblewrap: Sandbox) -> None:
    choice = found("bubblewrap", has_several_users=True)

    assert choice.sandbox == bubblewrap
    assert not choice.must_ask
    assert {finding.barrier for finding in choice.findings if finding.holds} >= ESSENTIAL


def test_a_container_is_closed_and_is_removed(tmp_path: Path) -> None:
    """What is asked of Docker, where none is at hand to try it."""
    job = Job(tmp_path / "workspace", tmp_path / "scratch", "abc", replace(Limits(), seconds=9.5))
    command = Docker("/usr/bin/docker", "python:3.11-slim").command(job, ("python3", "/tmp/block"))  # noqa: S108

    walls = {"--network=none", "--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges", "--pull=never", "--pids-limit=64"}
    assert walls <= set(command.arguments)
    assert not any(argument.startswith("--user=0") for argument in command.arguments)
    assert command.arguments[-7:] == ("python:3.11-slim", "timeout", "-s", "KILL", "15", "python3", "/tmp/block")  # noqa: S108
    assert command.ending == ("/usr/bin/docker", "rm", "--force", "--volumes", "roundtable-abc")


def test_bubblewrap_shows_the_system_and_the_interpreter_only(tmp_path: Path) -> None:
    job = Job(tmp_path / "workspace", tmp_path / "scratch", "abc", Limits())
    interpreter = find_interpreter()
    command = Bubblewrap("/usr/bin/bwrap", interpreter).command(job, ("true",))
    arguments = command.arguments[: command.arguments.index("--")]

    bound = {source for name, source in pairwise(arguments) if name == "--bind"}
    assert bound == {str(job.workspace), str(job.scratch)}
    assert set(command.environment) & {"HOME", "PATH"} == {"HOME", "PATH"}
