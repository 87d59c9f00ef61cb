"""The server itself: the path decides the service, a trouble what goes wrong with it."""

import asyncio
import gzip
import json
import time
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Literal
from urllib.parse import parse_qsl

from starlette.types import Receive, Scope, Send

from tests.services.answers import answer
from tests.serving import serving_on

Trouble = Literal["down", "busy", "moved", "silent", "dripping", "huge", "compressed", "malformed", "another shape", "deep", "cut off"]


@dataclass(frozen=True)
class Asked:
    """One request as the server saw it."""

    path: str
    query: dict[str, str]
    headers: dict[str, str]
    time: float


class Services:
    """Open-Meteo, Frankfurter, Nominatim and Overpass in one, each under a path of its own."""

    def __init__(self, port: int) -> None:
        self.address = f"http://127.0.0.1:{port}"
        self.forget()

    def forget(self) -> None:
        """Begin anew, as for another test."""
        self.asked: list[Asked] = []
        self.trouble: dict[str, Trouble] = {}
        """By path."""

    def environment(self) -> dict[str, str]:
        """The settings that have the built-in tools ask here."""
        names = ("geocoding", "weather", "currency", "places", "climate", "overpass")
        return {f"ROUNDTABLE_{name.upper()}_URL": f"{self.address}/{name}" for name in names}

    def paths(self) -> list[str]:
        return [asked.path for asked in self.asked]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        path, query = scope["path"], dict(parse_qsl(scope["query_string"].decode()))
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        self.asked.append(Asked(path, query, headers, time.monotonic()))
        if trouble := self.trouble.get(path):
            await _make(trouble, send, self.address)
        else:
            status, said = answer(path, query, headers)
            await _start(send, status)
            await _send(send, json.dumps(said).encode())


class _HungUp(Exception):
    """Makes uvicorn close the connection without ending the body."""


async def _make(trouble: Trouble, send: Send, address: str) -> None:
    statuses = {"down": 503, "busy": 429, "moved": 302}
    extra = {"moved": {"location": f"{address}/currency/currencies"}, "compressed": {"content-encoding": "gzip"}}.get(trouble, {})
    if trouble == "silent":
        await asyncio.sleep(3600)
    await _start(send, statuses.get(trouble, 200), extra)
    while trouble == "dripping":
        await _send(send, b" ", is_last=False)
        await asyncio.sleep(0.05)
    if trouble == "cut off":
        await _send(send, b'{"results": [', is_last=False)
        raise _HungUp
    await _send(send, _BODIES.get(trouble, b"{}"))


_BODIES: dict[Trouble, bytes] = {
    "huge": b"[" + b"0," * 3_000_000,
    "compressed": gzip.compress(b"[" + b" " * 5_000_000 + b"]"),
    "malformed": b"<html>Bad gateway",
    "another shape": b'{"results": {"time": 1}, "rates": 5, "current": null}',
    "deep": b"[" * 100_000,
}


async def _start(send: Send, status: int, extra: dict[str, str] = {}) -> None:
    headers = [(name.encode(), value.encode()) for name, value in ({"content-type": "application/json"} | extra).items()]
    await send({"type": "http.response.start", "status": status, "headers": headers})


async def _send(send: Send, data: bytes, *, is_last: bool = True) -> None:
    await send({"type": "http.response.body", "body": data, "more_body": not is_last})


def serving() -> AbstractContextManager[Services]:
    """Services that answer on a free port until the block is left."""
    return serving_on(Services)
