"""How long the server takes to start, with an Ollama address that swallows connections and without: `python -m tests.benchmarks.start`."""

import socket
import statistics
import tempfile
import time
from pathlib import Path

from tests.server import Server

ROUNDS = 7


def measure(**environment: str) -> float:
    """Seconds from the command to the first healthy answer."""
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder) / "data", ROUNDTABLE_MODEL="auto", **environment)
        began = time.monotonic()
        server.start()
        took = time.monotonic() - began
        server.kill()
        return took


def main() -> None:
    with socket.socket() as black_hole:
        black_hole.bind(("127.0.0.1", 0))
        black_hole.listen(1)
        address = f"127.0.0.1:{black_hole.getsockname()[1]}"
        pairs = [(measure(OLLAMA_HOST=address), measure()) for _ in range(ROUNDS)]
    silent, none = (statistics.median(seconds) for seconds in zip(*pairs, strict=True))
    print(f"median of {ROUNDS}: {silent:.2f} s with the silent address, {none:.2f} s without, ratio {silent / none:.2f}")  # noqa: T201


if __name__ == "__main__":
    main()
