"""The MCP servers of the file: connected when first needed, and again when they have died."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from agents.tools.mcp_connection import Connection
from agents.tools.mcp_tool import McpTool
from agents.tools.tool import ToolFailed
from state.mcp import McpServer

PATIENCE = 5.0
"""Seconds a prompt waits for servers that are just starting. What they offer is there for a later prompt."""
RETRY_SECONDS = 60.0
"""A server that could not be connected to is left alone for so long, lest every prompt wait for it."""


@dataclass(frozen=True)
class Health:
    """How a server does, for people."""

    name: str
    kind: Literal["stdio", "http"]
    is_well: bool | None
    """Nothing while it has not been needed."""
    text: str
    """A sentence."""
    tools: tuple[str, ...] = ()
    """What it offers, by its own names."""


class _Kept:
    """One server and its connection, if there is one."""

    def __init__(self, server: McpServer, seconds: float) -> None:
        self.server = server
        self._seconds = seconds
        self._lock = asyncio.Lock()
        self._connection: Connection | None = None
        self._failed_at = float("-inf")
        self._listing: asyncio.Task[list[McpTool]] | None = None
        self.health = Health(server.name, server.kind, None, "It is connected to when it is first needed.")

    async def connection(self) -> Connection:
        """Give a connection that works, a new one if need be. Raises ToolFailed."""
        async with self._lock:
            if not self._connection or not await self._connection.is_alive():
                await self._drop()
                self._connection = Connection(self.server)
                self.health = Health(self.server.name, self.server.kind, None, "It is being connected to.")
            return await self._ready(self._connection)

    def listing(self) -> asyncio.Task[list[McpTool]]:
        """Begin to list its tools, unless that is under way."""
        if self._listing is None or self._listing.done():
            self._listing = asyncio.create_task(self._tools())
        return self._listing

    async def _tools(self) -> list[McpTool]:
        try:
            connection = await self._reused_or_retried()
            return [McpTool(self.server.name, tool, self.connection, self._seconds) for tool in await connection.tools()]
        except ToolFailed:
            return []

    async def close(self) -> None:
        if self._listing:
            self._listing.cancel()
        await self._drop()

    async def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection:
            await connection.close()

    async def _reused_or_retried(self) -> Connection:
        if not self._connection and time.monotonic() < self._failed_at + RETRY_SECONDS:
            raise ToolFailed(self.health.text)
        return await self.connection()

    async def _ready(self, connection: Connection) -> Connection:
        """Wait until its tools are known."""
        try:
            tools = await connection.tools()
        except ToolFailed as error:
            self._connection, self._failed_at = None, time.monotonic()
            self.health = Health(self.server.name, self.server.kind, False, str(error))
            raise
        names = tuple(tool.name for tool in tools)
        self.health = Health(self.server.name, self.server.kind, True, "It is connected.", names)
        return connection


class McpServers:
    """All servers of the file. Used on one loop."""

    def __init__(self, servers: Sequence[McpServer], seconds: float, patience: float = PATIENCE) -> None:
        self._kept = [_Kept(server, seconds) for server in servers]
        self._patience = patience

    async def tools(self) -> tuple[McpTool, ...]:
        """List the tools of all servers that work by now; how the others do says `health`."""
        listings = [kept.listing() for kept in self._kept]
        if listings:
            await asyncio.wait(listings, timeout=self._patience)
        by_name = {tool.name: tool for listing in listings if listing.done() for tool in listing.result()}
        return tuple(by_name.values())

    def health(self) -> tuple[Health, ...]:
        """Tell how each does, as last seen."""
        return tuple(kept.health for kept in self._kept)

    async def close(self) -> None:
        """Leave all of them, and end those that are programs of ours."""
        await asyncio.gather(*(kept.close() for kept in self._kept))
