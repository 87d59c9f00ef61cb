"""A server that tells what its loops open, import and ask of a database, a line for each: `python -m tests.watched PORT`."""

import sys
import threading
from socket import socket
from typing import Any

import uvicorn
from sqlalchemy import Engine, event

AGENTS, SERVER = "agents", "MainThread"
KINDS = ("import", "open", "os.", "shutil.", "sqlite3.", "subprocess.", "tempfile.")
"""Of what Python's audit hooks are told, what may take its time."""


class Server(uvicorn.Server):
    """Tells of what happens once it serves."""

    is_told = False

    async def startup(self, sockets: list[socket] | None = None) -> None:
        await super().startup(sockets)
        self.is_told = True

    async def shutdown(self, sockets: list[socket] | None = None) -> None:
        self.is_told = False
        await super().shutdown(sockets)


def main(port: int) -> None:
    server = Server(uvicorn.Config("app:app", port=port, log_level="critical"))

    def tell(kind: str, what: object) -> None:
        if server.is_told and (thread := threading.current_thread().name) in {AGENTS, SERVER}:
            sys.stdout.write(f"{thread} {kind} {what!r}\n")
            sys.stdout.flush()

    def audited(kind: str, arguments: tuple[Any, ...]) -> None:
        if kind.startswith(KINDS):
            tell(kind, arguments[:1])

    sys.addaudithook(audited)
    event.listen(Engine, "before_cursor_execute", lambda *execution: tell("statement", execution[2]))
    server.run()


if __name__ == "__main__":
    main(int(sys.argv[1]))
