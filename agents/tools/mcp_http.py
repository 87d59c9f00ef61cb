"""The HTTP client for an MCP server, which notices that an answer breaks off."""

from collections.abc import AsyncIterator, Callable
from typing import cast

import httpx

from state.mcp import HttpServer

START_SECONDS = 30.0
"""For a connection, and for a server's first words: a program that is fetched from a registry when first started takes that long."""


def watched_client(server: HttpServer, when_lost: Callable[[], None]) -> httpx.AsyncClient:
    """Make a client that says when an answer to a request breaks off: the SDK (1.30) waits on, for an answer that cannot come."""

    async def watch(response: httpx.Response) -> None:
        if response.request.method == "POST":
            response.stream = _Watched(cast("httpx.AsyncByteStream", response.stream), when_lost)

    headers = {name: value.get_secret_value() for name, value in server.headers.items()}
    timeout = httpx.Timeout(START_SECONDS, read=None)  # a call's own limit is the caller's
    return httpx.AsyncClient(headers=headers, timeout=timeout, event_hooks={"response": [watch]})


class _Watched(httpx.AsyncByteStream):
    def __init__(self, stream: httpx.AsyncByteStream, when_lost: Callable[[], None]) -> None:
        self._stream = stream
        self._when_lost = when_lost

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for piece in self._stream:
                yield piece
        except httpx.TransportError:
            self._when_lost()
            raise

    async def aclose(self) -> None:
        await self._stream.aclose()
