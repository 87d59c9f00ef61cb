"""Roundtable as a process of its own, to be reloaded, killed and started again."""

import os
import signal
import socket
import subprocess
import sys
import time
from functools import cache
from pathlib import Path
from typing import Any

import httpx2

ROOT = Path(__file__).parent.parent
START_SECONDS = 60


class Server:
    """`uvicorn app:app` on a free port of loopback, with the environment it is given and none of the developer's."""

    def __init__(self, data_dir: Path, **environment: str) -> None:
        self.port = self._choose_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.data = data_dir
        self.log = data_dir.parent / f"{data_dir.name}-server.log"
        self._environment = clean_environment() | {"ROUNDTABLE_DATA_DIR": str(data_dir), **environment}
        self._process: subprocess.Popen[Any] | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def code(self) -> int | None:
        """What the process has ended with."""
        return self._process.returncode if self._process else None

    def add(self, **environment: str) -> None:
        """Set more variables, as those that name the server's own address."""
        self._environment |= environment

    def _choose_port(self) -> int:
        return free_port()

    def start(self) -> None:
        self._launch()
        deadline = time.monotonic() + START_SECONDS
        while not self._is_healthy():
            assert self._is_running(), self.log.read_text()
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.02)

    def _launch(self) -> None:
        command = [sys.executable, "-m", "uvicorn", "app:app", "--host", "127.0.0.1", "--port", str(self.port)]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(command, cwd=ROOT, env=self._environment, stdout=log, stderr=log)

    def _is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def kill(self) -> None:
        """End the process as a crash would: nothing of it runs any more."""
        self._end(signal.SIGKILL)

    def terminate(self) -> None:
        """End the process as an operator would, and wait until it has put everything in order."""
        self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(how)
        self._process.wait(timeout=30)

    def _is_healthy(self) -> bool:
        try:
            return httpx2.get(f"{self.url}/healthz", timeout=5).status_code == 200
        except httpx2.TransportError:
            return False


def clean_environment() -> dict[str, str]:
    """The environment without any of the variables Roundtable reads, and with a model that no `.env` changes."""
    ours = ("ROUNDTABLE_", "OPENAI_", "AZURE_OPENAI_", "ANTHROPIC_", "OLLAMA_", "OTEL_")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)} | {"ROUNDTABLE_MODEL": "demo"}


def free_port() -> int:
    return _bound(0)


@cache
def usual_port() -> int:
    """Chosen once for this process."""
    return free_port()


def usual_port_if_free() -> int:
    """For a server that starts right away. Of an address that it knows, a browser need neither fetch nor compile anything again."""
    try:
        return _bound(usual_port())
    except OSError:
        return free_port()


def _bound(port: int) -> int:
    """The port, or one of the system's choice, that a server could listen at."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as a server does: connections of the last one end slowly
        probe.bind(("127.0.0.1", port))
        chosen: int = probe.getsockname()[1]
        return chosen
