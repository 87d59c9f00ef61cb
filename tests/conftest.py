"""What tests share: a clean environment, a scripted provider, and the application on a folder of its own."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2
import pytest
from hypothesis import settings
from pydantic import SecretStr

from agents.application import Application, close_application
from agents.assistant import ASSISTANT
from agents.runs import Run
from state.conversations import Beginning, Options
from state.events import UserMessage
from state.mcp import HttpServer
from state.settings import load_settings
from state.store import Store
from state.users import User
from tests import provider as scripted
from tests import services as local
from tests.provider import Provider
from tests.server import ROOT, clean_environment, free_port
from tests.services import Services

MCP_SERVER = str(ROOT / "tests" / "mcp_server.py")
ALICE = User("alice")
BOB = User("bob")
MEMORY = Path("/dev/shm")  # noqa: S108
ROOM = 4_000_000_000
"""Bytes that the suite's folders may take, and more."""

if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))  # every commit waits for the disk; no test is about losing power

os.environ |= {"SSL_CERT_FILE": "", "SSL_CERT_DIR": str(ROOT / "tests")}
"""No authority is trusted, as nothing that tests talk to has a certificate: to read all of them took each model's client 0.05 s."""

settings.register_profile("untimed", deadline=None)  # an example that is slow on a busy machine is no failure
settings.load_profile("untimed")


LONGEST_FIRST = ("tests/browser/test_accessibility.py", "tests/browser/", "tests/faults/")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """No worker waits at the end for another's long test; each file's tests stay together."""
    items.sort(key=lambda item: [not item.nodeid.startswith(place) for place in LONGEST_FIRST])


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No test sees the developer's keys, nor the data folder."""
    for name in set(os.environ) - set(clean_environment()):
        monkeypatch.delenv(name)
    monkeypatch.setenv("ROUNDTABLE_MODEL", "demo")
    monkeypatch.setenv("ROUNDTABLE_DATA_DIR", str(tmp_path / "data"))


@pytest.fixture(scope="session")
def listening_provider() -> Iterator[Provider]:
    with scripted.serving() as server:
        yield server


@pytest.fixture
def provider(listening_provider: Provider) -> Provider:
    """The scripted model server, with nothing asked of it yet."""
    listening_provider.forget()
    return listening_provider


@pytest.fixture
def openai_environment(monkeypatch: pytest.MonkeyPatch, provider: Provider) -> dict[str, str]:
    """The environment of an application that talks to the scripted provider."""
    variables = {
        "ROUNDTABLE_MODEL": "openai",
        "OPENAI_API_KEY": "sk-planted-key",
        "OPENAI_BASE_URL": provider.base_url,
        "OPENAI_MODEL": "scripted",
        "ROUNDTABLE_MODEL_TIMEOUT": "3",
        "ROUNDTABLE_MODEL_RETRIES": "2",
        "ROUNDTABLE_TITLES": "prompt",
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return variables


@pytest.fixture(scope="session")
def listening_services() -> Iterator[Services]:
    with local.serving() as services:
        yield services


@pytest.fixture
def services(listening_services: Services, monkeypatch: pytest.MonkeyPatch) -> Services:
    """Local services that the settings name, with nothing asked of them yet."""
    listening_services.forget()
    for name, value in listening_services.environment().items():
        monkeypatch.setenv(name, value)
    return listening_services


@pytest.fixture
def app(openai_environment: dict[str, str]) -> Iterator[Application]:
    """An application that talks to the scripted provider."""
    application = Application(load_settings(env_file=None))
    yield application
    application.close()


@pytest.fixture
def another(app: Application) -> Iterator[Callable[[], Application]]:
    """The application after its process was ended and started again."""
    opened: list[Application] = [app]

    def restarted() -> Application:
        opened[-1].close()
        opened.append(Application(load_settings(env_file=None)))
        return opened[-1]

    yield restarted
    if len(opened) > 1:
        opened[-1].close()


@pytest.fixture
def store(app: Application) -> Store:
    return app.store(ALICE)


@pytest.fixture
def ask(app: Application, store: Store) -> Callable[..., Run]:
    """Send a prompt to the Assistant, and wait for the end of its run unless told not to."""

    def send(prompt: str, conversation: str | None = None, *, wait: bool = True, options: Options = Options()) -> Run:
        run = app.runner.start(store, ASSISTANT, UserMessage(text=prompt), conversation, Beginning(options=options))
        if wait:
            wait_until(lambda: run.is_over)
        return run

    return send


@pytest.fixture
def http_server() -> Iterator[HttpServer]:
    """A server over HTTP, in a process of its own."""
    port = free_port()
    process = subprocess.Popen([sys.executable, MCP_SERVER, "http", str(port)])
    url = f"http://127.0.0.1:{port}/mcp"
    try:
        deadline = time.monotonic() + 30
        while not _listens(url):
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)
        yield HttpServer(name="web", url=url, headers={"Authorization": SecretStr("Bearer planted-secret")})
    finally:
        process.kill()
        process.wait()


def _listens(url: str) -> bool:
    try:
        return httpx2.get(url).status_code > 0
    except httpx2.TransportError:
        return False


@pytest.fixture
def process_application() -> Iterator[None]:
    """Close the process's application, which pages start by asking for it."""
    yield
    close_application()


def wait_until(holds: Callable[[], object], timeout: float = 10) -> None:
    deadline = time.monotonic() + timeout
    while not holds():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.01)
