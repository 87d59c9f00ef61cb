"""Keys that tests plant are nowhere but in a server's settings: not in its log or figures, nor in anything on its disk, however packed."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
from sqlalchemy import create_engine, select

from state import history, paths
from state.tables import snapshots
from tests.server import Server

PLANTED = b"planted"
FIGURES_KEY = "of-the-figures-" * 2


@contextmanager
def guarded(server: Server) -> Iterator[Server]:
    """Start it, end it, and look at all that it told."""
    server.add(ROUNDTABLE_METRICS_TOKEN=FIGURES_KEY)
    server.start()
    try:
        yield server
        figures = _figures(server)
    finally:
        server.kill()
    assert PLANTED not in figures
    assert PLANTED not in server.log.read_bytes()
    require_nothing_planted(server.data)


def require_nothing_planted(data: Path) -> None:
    """On the disk, nor in the states of agents there, which are packed; exports are made of both."""
    for file in data.rglob("*"):
        assert not file.is_file() or PLANTED not in file.read_bytes(), file
    for file in paths.users_folder(data).glob("*/conversations.sqlite"):
        assert not any(PLANTED.decode() in state for state in _states(file)), file


def _states(file: Path) -> Iterator[str]:
    engine = create_engine(f"sqlite:///{file}")
    with engine.connect() as connection:
        for run in connection.execute(select(snapshots.c.run)).scalars().all():
            yield str(history.state_at(connection, run))
    engine.dispose()


def _figures(server: Server) -> bytes:
    """What it tells Prometheus; nothing where the test has ended it."""
    try:
        answer = httpx2.get(f"{server.url}/metrics", headers={"Authorization": f"Bearer {FIGURES_KEY}"}, timeout=10)
    except httpx2.TransportError:
        return b""
    return answer.raise_for_status().content
