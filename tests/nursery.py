"""Servers that start in a third of a second: forks of a process in which everything is imported already.

Importing Streamlit and AutoGen takes some three seconds of a core, which a test that is not about starting need not pay each time.
"""

import importlib
import json
import os
import pkgutil
import signal
import subprocess
import sys
import time
from functools import cache
from pathlib import Path

import uvicorn
from streamlit.components.v2 import manifest_scanner

from agents.garbage import spare_what_stays
from pages.ui.readiness import get_ready
from tests import components
from tests.server import ROOT, Server, usual_port_if_free

PACKAGES = ("state", "agents", "pages.web", "pages.ui")
LATE = (
    "anyio._backends._asyncio",
    "autogen_ext.models.openai",
    "starlette.middleware.sessions",
    "starlette.staticfiles",
    "streamlit.runtime.scriptrunner.magic_funcs",
    "streamlit.starlette",
    "streamlit.web.bootstrap",
    "streamlit.web.server.starlette.starlette_agent_routes",
    "streamlit.web.server.starlette.starlette_app",
    "uvicorn.lifespan.on",
    "uvicorn.loops.auto",
    "uvicorn.loops.uvloop",
    "uvicorn.protocols.http.auto",
    "uvicorn.protocols.websockets.auto",
)
"""What a server imports only when it runs."""


class ForkedServer(Server):
    """A server as any other, but for how it begins."""

    _pid = 0

    def _choose_port(self) -> int:
        return usual_port_if_free()

    def _launch(self) -> None:
        self._pid = nursery().begin(self.log, self.port, self._environment)

    def _is_running(self) -> bool:
        try:
            os.kill(self._pid, 0)
        except ProcessLookupError:
            return False
        return True

    def _end(self, how: signal.Signals) -> None:
        os.kill(self._pid, how)
        deadline = time.monotonic() + 30
        while self._is_running():
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.01)


class Nursery:
    """The process that forks them. It ends with the one that asks."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.nursery"], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def begin(self, log: Path, port: int, environment: dict[str, str]) -> int:
        """Returns the process's id."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps({"log": str(log), "port": port, "environment": environment}) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())


@cache
def nursery() -> Nursery:
    return Nursery()


def be_ready() -> None:
    """Do once what each server would do again: import all, look at what of it stays, and look for components of installed packages."""
    import_all()
    components.look_once()
    manifest_scanner.scan_component_manifests()
    get_ready()
    spare_what_stays()


def import_all() -> None:
    for package in PACKAGES:
        for module in pkgutil.walk_packages(importlib.import_module(package).__path__, f"{package}."):
            importlib.import_module(module.name)
    for name in LATE:
        importlib.import_module(name)


def serve(log: str, port: int, environment: dict[str, str]) -> None:
    """As `uvicorn app:app` would."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    with Path(log).open("ab") as file, Path(os.devnull).open("rb") as nothing:
        os.dup2(nothing.fileno(), 0)
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    os.environ.clear()
    os.environ.update(environment)
    uvicorn.run("app:app", host="127.0.0.1", port=port)


def main() -> None:
    be_ready()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for those that end
    for line in sys.stdin:
        pid = os.fork()  # nothing has started a thread in this process
        if not pid:
            try:
                serve(**json.loads(line))
            finally:
                os._exit(1)
        print(pid, flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
