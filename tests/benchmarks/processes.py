"""The processes of a benchmark: servers to be measured, the model, and the driver, each by itself so that none pays for another."""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import psutil  # type: ignore[import-untyped]  # it has no types

from tests.benchmarks.drive import Load, argument
from tests.benchmarks.readers import Kind, header_environment
from tests.server import ROOT, Server, clean_environment, free_port

BENCH_ENVIRONMENT = ROOT / ".venv-bench"
CHAINLIT_REQUIREMENTS = Path(__file__).parent / "requirements-chainlit.txt"
CHAINLIT_APP = Path(__file__).parent / "chainlit_app.py"
START_SECONDS = 60
CPUCLOCK_SCHED = 2
"""As clock_getcpuclockid(3) makes a process's clock of its id."""


@dataclass(frozen=True)
class Process:
    """One that is measured."""

    pid: int

    @property
    def cpu(self) -> float:
        """Seconds of processor time so far. Linux has a clock for each process; elsewhere it is counted in ticks of 10 ms."""
        if sys.platform == "linux":
            return time.clock_gettime((~self.pid << 3) | CPUCLOCK_SCHED)
        times = psutil.Process(self.pid).cpu_times()
        return float(times.user + times.system)

    @property
    def megabytes(self) -> float:
        return float(psutil.Process(self.pid).memory_info().rss / 1e6)


@dataclass(frozen=True)
class Measured(Process):
    """A server."""

    kind: Kind
    url: str
    data: Path


@dataclass(frozen=True)
class Model:
    address: str

    @property
    def url(self) -> str:
        return f"{self.address}/v1"

    @property
    def sent(self) -> int:
        """Deltas it has sent so far."""
        return int(httpx2.get(f"{self.address}/sent").json()["sent"])


class Driver:
    """The people, as a process."""

    def __init__(self, load: Load) -> None:
        command = [sys.executable, "-m", "tests.benchmarks.drive", argument(load)]
        self.opened: dict[str, Any] = {}
        """What it said when its pages were open."""
        self._process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    @property
    def process(self) -> Process:
        return Process(self._process.pid)

    def until(self, moment: str) -> dict[str, Any]:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            said: dict[str, Any] = json.loads(line)
            if said["at"] == "opened":
                self.opened = said
            if said["at"] == moment:
                return said
        raise AssertionError(f"the driver ended before it was {moment}")

    def go(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write("go\n")
        self._process.stdin.flush()

    def end(self) -> None:
        self._process.kill()
        self._process.communicate()


@contextmanager
def driving(load: Load) -> Iterator[Driver]:
    driver = Driver(load)
    try:
        yield driver
    finally:
        driver.end()


@contextmanager
def modelling() -> Iterator[Model]:
    port = free_port()
    with _running([sys.executable, "-m", "tests.benchmarks.model", str(port)], f"http://127.0.0.1:{port}/sent", ROOT, clean_environment()):
        yield Model(f"http://127.0.0.1:{port}")


@contextmanager
def roundtable(model: Model, **environment: str) -> Iterator[Measured]:
    """Our server, with a data folder of its own unless it is given one."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(environment.pop("ROUNDTABLE_DATA_DIR", f"{folder}/data"))
        server = Server(data, **header_environment(model.url) | environment)
        server.start()
        try:
            yield Measured(server.pid, "roundtable", server.url, data)
        finally:
            server.kill()


@contextmanager
def chainlit(model: Model) -> Iterator[Measured]:
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        environment = clean_environment() | {"OPENAI_BASE_URL": model.url, "CHAINLIT_APP_ROOT": folder}
        command = [str(BENCH_ENVIRONMENT / "bin" / "chainlit"), "run", str(CHAINLIT_APP), "--headless", "--port", str(port)]
        with _running(command, f"http://127.0.0.1:{port}/", Path(folder), environment) as pid:
            yield Measured(pid, "chainlit", f"http://127.0.0.1:{port}", Path(folder))


@contextmanager
def bare(script: str) -> Iterator[Measured]:
    """A bare Streamlit script, served as ours is: by plain uvicorn."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "script.py").write_text(script)
        (Path(folder) / "bare.py").write_text("import streamlit as st\n\napp = st.App('script.py')\n")
        (Path(folder) / ".streamlit").mkdir()
        (Path(folder) / ".streamlit" / "config.toml").write_text("[browser]\ngatherUsageStats = false\n")
        port = free_port()
        command = [sys.executable, "-m", "uvicorn", "bare:app", "--port", str(port), "--log-level", "critical"]
        with _running(command, f"http://127.0.0.1:{port}/_stcore/health", Path(folder), clean_environment()) as pid:
            yield Measured(pid, "roundtable", f"http://127.0.0.1:{port}", Path(folder))


@contextmanager
def _running(command: list[str], address: str, folder: Path, environment: dict[str, str]) -> Iterator[int]:
    with tempfile.TemporaryFile() as log, subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log) as process:
        try:
            deadline = time.monotonic() + START_SECONDS
            while not _answers(address):
                assert process.poll() is None, log.seek(0) or log.read()
                assert time.monotonic() < deadline, f"{command} does not answer"
                time.sleep(0.02)
            yield process.pid
        finally:
            process.kill()


def _answers(address: str) -> bool:
    try:
        return httpx2.get(address, timeout=5).status_code == 200
    except httpx2.TransportError:
        return False


def prepare_chainlit() -> None:
    """Make Chainlit's environment where there is none, or one of other versions."""
    mark, wanted = BENCH_ENVIRONMENT / "requirements", CHAINLIT_REQUIREMENTS.read_text()
    if not mark.exists() or mark.read_text() != wanted:
        subprocess.run([sys.executable, "-m", "venv", "--clear", BENCH_ENVIRONMENT], check=True)
        pip = [str(BENCH_ENVIRONMENT / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "-r", str(CHAINLIT_REQUIREMENTS)], check=True)
        mark.write_text(wanted)
