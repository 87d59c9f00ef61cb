"""Many users at once, with random stops and reloads: `python -m tests.faults.crowd USERS SECONDS`.

Each user asks a model that repeats a word of theirs, follows the live text over HTTP, and now and then stops the answer or loses the
connection. It prints, and returns, what went wrong: a word of another's anywhere, a refusal, an error in the log, a run without an end.
"""

import asyncio
import gc
import json
import logging
import os
import random
import re
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx2
import psutil  # type: ignore[import-untyped]  # it has no types
import uvicorn
from starlette.applications import Starlette
from starlette.routing import Route

from agents.application import application, close_application
from agents.assistant import ASSISTANT
from pages.web import tickets
from pages.web.events import events
from state.events import AgentMessage, RunEnded, UserMessage
from state.users import User
from tests.server import ROOT, free_port

WORD = re.compile(r"user\d+x")
PLAIN = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""One for all, without certificates: httpx makes one of its own for each client, of 0.8 MB."""

WARM_UP = 1 / 3
"""Part of the time that is played before memory is looked at: by then each user has a store, and each thread has its own."""


@dataclass
class Outcome:
    prompts: int = 0
    stops: int = 0
    reloads: int = 0
    frames: int = 0
    wrong: list[str] = field(default_factory=list)
    before: int = 0
    """Bytes of memory after a warm-up, and at the end."""
    after: int = 0

    def __str__(self) -> str:
        grown = 100 * (self.after - self.before) / max(1, self.before)
        did = f"{self.prompts} prompts, {self.stops} stops, {self.reloads} reloads, {self.frames} frames read"
        memory = f"memory {self.before / 1e6:.0f} MB before, {self.after / 1e6:.0f} MB after ({grown:+.1f} %)"
        return f"{did}; {memory}; wrong: {self.wrong or 'nothing'}"


@contextmanager
def echoing() -> Iterator[str]:
    """The model, in a process of its own."""
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "tests.faults.echo:app", "--port", str(port), "--log-level", "critical"]
    with subprocess.Popen(command, cwd=ROOT) as process:
        while True:
            assert process.poll() is None
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}/v1"
        process.kill()


@contextmanager
def serving() -> Iterator[str]:
    """The live route over HTTP, in this process."""
    port = free_port()
    app = Starlette(routes=[Route("/events/{conversation}", events)])
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="critical", lifespan="off", timeout_graceful_shutdown=0))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(timeout=10)


async def converse(number: int, url: str, deadline: float, outcome: Outcome) -> None:
    """One user, until the deadline."""
    user, chance = User(f"user{number}"), random.Random(number)
    store, runner = await asyncio.to_thread(application().store, user), application().runner
    conversation: str | None = None
    async with httpx2.AsyncClient(timeout=30, verify=PLAIN) as client:
        while time.monotonic() < deadline:
            prompt = UserMessage(text=f"Say user{number}x")
            run = await asyncio.to_thread(runner.start, store, ASSISTANT, prompt, conversation)
            conversation, outcome.prompts = run.record.conversation, outcome.prompts + 1
            while not run.is_over:
                what = chance.random()
                await follow(client, url, user, conversation, outcome, seconds=chance.uniform(0.2, 1.5))
                if what < 0.2:
                    await asyncio.to_thread(runner.stop, store, conversation)
                    outcome.stops += 1
                outcome.reloads += not run.is_over
            if chance.random() < 0.2:
                conversation = None


async def follow(client: httpx2.AsyncClient, url: str, user: User, conversation: str, outcome: Outcome, *, seconds: float) -> None:
    """Read the live text for a while, as a page does that is then reloaded."""
    ticket = tickets.issue(application().folder.secret, user, conversation)
    try:
        async with asyncio.timeout(seconds), client.stream("GET", f"{url}/events/{conversation}", params={"ticket": ticket}) as answer:
            if answer.status_code != 200:
                outcome.wrong.append(f"{user.name} got {answer.status_code}")
            async for line in answer.aiter_lines():
                outcome.frames += line.startswith("data: {")
                check(user, line, outcome)
    except TimeoutError:
        pass


def check(user: User, text: str, outcome: Outcome) -> None:
    if foreign := set(WORD.findall(text)) - {f"{user.name}x"}:
        outcome.wrong.append(f"{user.name} read {sorted(foreign)}")


def check_disk(users: int, outcome: Outcome) -> None:
    """All that is on disk is its user's own, numbered without a gap, and every run has an end."""
    for number in range(users):
        user = User(f"user{number}")
        store = application().store(user)
        outcome.wrong += [f"{user.name}: {finding.sentence}" for finding in store.check() if not finding.is_good]
        for conversation in store.conversations(1000):
            for entry in store.entries(conversation.id):
                if isinstance(entry.event, UserMessage | AgentMessage):
                    check(user, entry.event.text, outcome)
                elif isinstance(entry.event, RunEnded) and entry.event.status not in {"finished", "stopped"}:
                    outcome.wrong.append(f"{user.name}’s run {entry.event.status}: {entry.event.reason}")
            outcome.wrong += [f"{user.name} has a run without an end" for run in store.runs(conversation.id) if run.ended is None]


class Errors(logging.Handler):
    """Whatever the log has of errors."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(logging.ERROR)
        self._outcome = outcome

    def emit(self, record: logging.LogRecord) -> None:
        self._outcome.wrong.append(record.getMessage())


async def everybody(users: int, url: str, seconds: float, outcome: Outcome) -> None:
    deadline = time.monotonic() + seconds
    for result in await asyncio.gather(*(converse(number, url, deadline, outcome) for number in range(users)), return_exceptions=True):
        if isinstance(result, BaseException):
            outcome.wrong.append(repr(result))


def memory() -> int:
    gc.collect()
    time.sleep(1)
    gc.collect()
    return int(psutil.Process().memory_info().rss)


def _run(work: Coroutine[Any, Any, None]) -> None:
    """Run it on a thread of its own: where browser tests were before, this one has a loop already."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, work).result()


def crowd(users: int, seconds: float) -> Outcome:
    """Play it in this process's application."""
    outcome = Outcome()
    errors = Errors(outcome)
    logging.getLogger().addHandler(errors)
    try:
        with serving() as url:
            _run(everybody(users, url, WARM_UP * seconds, outcome))
            outcome.before = memory()
            _run(everybody(users, url, seconds, outcome))
            outcome.after = memory()
        check_disk(users, outcome)
        states = application().runner.states()
        if any(states.values()):
            outcome.wrong.append(f"still live: {json.dumps(states)}")
    finally:
        logging.getLogger().removeHandler(errors)
    return outcome


def main() -> int:
    users, seconds = int(sys.argv[1]), float(sys.argv[2])
    with tempfile.TemporaryDirectory() as folder, echoing() as model:
        os.environ |= {"ROUNDTABLE_DATA_DIR": f"{folder}/data", "ROUNDTABLE_MODEL": "openai", "ROUNDTABLE_RUNS": "1000"}
        os.environ |= {"OPENAI_API_KEY": "none", "OPENAI_BASE_URL": model, "OPENAI_MODEL": "echo", "ROUNDTABLE_TITLES": "prompt"}
        outcome = crowd(users, seconds)
        close_application()
    print(outcome)  # noqa: T201  # what it is for
    return 1 if outcome.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
