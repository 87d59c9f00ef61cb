"""A connection to one MCP server, over its standard input and output or over streamable HTTP."""

import asyncio
import logging
import os
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Any

from mcp import ClientSession, McpError, StdioServerParameters, stdio_client, types
from mcp.client.session import MessageHandlerFnT
from mcp.client.streamable_http import streamable_http_client

from agents.tools.mcp_http import START_SECONDS, watched_client
from agents.tools.tool import STOPPED, ToolFailed
from state.mcp import McpServer, StdioServer

PING_SECONDS = 3.0
CLOSE_SECONDS = 5.0
LISTING_SECONDS = 5.0
LISTED_PAGES = 20

_log = logging.getLogger(__name__)
logging.getLogger("mcp").setLevel(logging.CRITICAL)  # the SDK logs errors with their text, which may hold what must not be logged


class Connection:
    """An open session, kept by a task of its own: what anyio has entered must be left by the same task."""

    def __init__(self, server: McpServer) -> None:
        self._server = server
        self._session: ClientSession | None = None
        self._over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._calls = 0
        self._tools: asyncio.Future[tuple[types.Tool, ...]] = asyncio.get_running_loop().create_future()
        """What the server offers, as last listed."""
        self._is_outdated = False
        """Whether it has said since that it offers something else."""
        self._keeper = asyncio.create_task(self._keep())

    async def tools(self) -> tuple[types.Tool, ...]:
        """What the server offers, as soon as it is known. Raises ToolFailed when it could not be connected to.

        Who stops waiting does not stop the connection, which others may be waiting for too.
        """
        tools = await asyncio.shield(self._tools)
        if self._is_outdated:
            self._is_outdated = False  # before it is asked, for it may change again meanwhile
            tools = await self._listed_anew() or tools
        return tools

    async def is_alive(self) -> bool:
        """Whether the server answers. One that is starting or at work may be too busy to."""
        if self._over.done():
            return False
        return not self._tools.done() or self._calls > 0 or await self._answers()

    async def call(self, tool: str, arguments: Mapping[str, Any]) -> types.CallToolResult:
        """Call a tool and wait for its result or the server's end. Raises ToolFailed."""
        self._calls += 1
        calling = asyncio.create_task(self._called(tool, dict(arguments)))
        try:
            await self._first_of(calling, None)
            if calling.done():
                return calling.result()
        except McpError as error:
            if error.error.code != types.CONNECTION_CLOSED:
                raise ToolFailed(f"The MCP server {self._server.name} refused the call: {error.error.message}") from None
        finally:
            self._calls -= 1
            await _ended(calling)
        self._leave()
        raise ToolFailed(
            f"The MCP server {self._server.name} ended in the middle of the call. Whether it did what it was asked is not known: "
            "say so, and call again only where that does no harm."
        )

    async def close(self) -> None:
        """Leave the session, and end the server if it is a program of ours."""
        self._leave()
        if not self._tools.done():
            self._keeper.cancel()
        await asyncio.wait({self._keeper}, timeout=CLOSE_SECONDS)
        await _ended(self._keeper)

    async def _called(self, tool: str, arguments: dict[str, Any]) -> types.CallToolResult:
        return await self._opened().call_tool(tool, arguments)

    def _opened(self) -> ClientSession:
        if self._session is None:
            raise ToolFailed(f"The MCP server {self._server.name} is not connected to yet. Try once more.")
        return self._session

    async def _answers(self) -> bool:
        pinging = asyncio.create_task(self._opened().send_ping())
        await self._first_of(pinging, PING_SECONDS)
        if not pinging.done():
            await _ended(pinging)
            return False
        error = pinging.exception()
        return error is None or (isinstance(error, McpError) and error.error.code == types.METHOD_NOT_FOUND)

    async def _first_of(self, task: asyncio.Task[Any], seconds: float | None) -> None:
        """Wait for a task or the connection's end, for so long at most."""
        either: set[asyncio.Future[Any]] = {task, self._over}
        await asyncio.wait(either, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)

    async def _keep(self) -> None:
        try:
            async with AsyncExitStack() as stack:
                async with asyncio.timeout(START_SECONDS):
                    self._session = await stack.enter_async_context(_session(self._server, self._leave, self._hear))
                    self._tools.set_result(await _tools(self._session))
                await self._over
        except Exception as error:  # whatever a server does or fails to do; anyio gives it in groups
            _log.warning("the MCP server %s is gone: %s", self._server.name, ", ".join(sorted(_kinds(error))))
            self._fail(_sentence(self._server, _kinds(error)))
        finally:
            self._leave()
            self._fail(f"The MCP server {self._server.name} was left.")

    def _leave(self) -> None:
        if not self._over.done():
            self._over.set_result(None)

    def _fail(self, sentence: str) -> None:
        if not self._tools.done():
            self._tools.set_exception(ToolFailed(sentence))
            self._tools.exception()  # looked at, so that nobody has to

    async def _hear(self, message: object) -> None:
        """Take what the server says by itself. Within it nothing can be asked: its answer would be read after this."""
        if isinstance(message, types.ServerNotification) and isinstance(message.root, types.ToolListChangedNotification):
            self._is_outdated = True

    async def _listed_anew(self) -> tuple[types.Tool, ...] | None:
        """Ask what it offers now; nothing where it does not say. What was listed before holds then."""
        listing = asyncio.create_task(_tools(self._opened()))
        await self._first_of(listing, LISTING_SECONDS)
        if not listing.done():
            await _ended(listing)
            return None
        if error := listing.exception():
            _log.warning("the MCP server %s did not list its tools anew: %s", self._server.name, type(error).__name__)
            return None
        self._tools = asyncio.get_running_loop().create_future()
        self._tools.set_result(listing.result())
        return listing.result()


class _Session(ClientSession):
    """Tells the server when a call is given up, which the protocol asks for and the SDK leaves out."""

    async def send_request(self, request: types.ClientRequest, *args: Any, **options: Any) -> Any:
        number = self._request_id  # super takes it before it first waits
        try:
            return await super().send_request(request, *args, **options)
        except asyncio.CancelledError:
            if isinstance(request.root, types.CallToolRequest):
                await self._give_up(number)
            raise

    async def _give_up(self, number: int) -> None:
        params = types.CancelledNotificationParams(requestId=number, reason=STOPPED)
        with suppress(Exception):  # the server may be what the call is given up for
            async with asyncio.timeout(0.5):
                await self.send_notification(types.ClientNotification(types.CancelledNotification(params=params)))


@asynccontextmanager
async def _session(server: McpServer, when_lost: Callable[[], None], hear: MessageHandlerFnT) -> AsyncIterator[ClientSession]:
    async with AsyncExitStack() as stack:
        if isinstance(server, StdioServer):
            read, write = await stack.enter_async_context(stdio_client(_parameters(server), sys.__stderr__ or sys.stderr))
        else:
            client = await stack.enter_async_context(watched_client(server, when_lost))
            read, write, _ = await stack.enter_async_context(streamable_http_client(server.url, http_client=client))
        session = await stack.enter_async_context(_Session(read, write, message_handler=hear))
        await session.initialize()
        yield session


def _parameters(server: StdioServer) -> StdioServerParameters:
    """Hand on none of our environment but what a program needs to run: PATH, HOME and their like, and LANG."""
    named = {name: value.get_secret_value() for name, value in server.env.items()}
    spoken = {"LANG": os.environ["LANG"]} if "LANG" in os.environ else {}
    return StdioServerParameters(command=server.command, args=list(server.args), env=spoken | named, cwd=server.cwd)


async def _tools(session: ClientSession) -> tuple[types.Tool, ...]:
    tools: list[types.Tool] = []
    cursor: str | None = None
    for _ in range(LISTED_PAGES):
        page = await session.list_tools(params=types.PaginatedRequestParams(cursor=cursor))
        tools += page.tools
        cursor = page.nextCursor
        if cursor is None:
            break
    return tuple(tools)


async def _ended(task: asyncio.Task[Any]) -> None:
    """Cancel a task and see it end, whatever with."""
    task.cancel()
    await asyncio.wait({task}, timeout=CLOSE_SECONDS)
    if task.done() and not task.cancelled():
        task.exception()


def _kinds(error: BaseException) -> set[str]:
    if isinstance(error, BaseExceptionGroup):
        return {kind for inner in error.exceptions for kind in _kinds(inner)}
    return {kind.__name__ for kind in type(error).__mro__[:-3]}


def _sentence(server: McpServer, kinds: set[str]) -> str:
    """Say why there is no connection. Nothing of an error's own text is used, which may hold a header or a variable."""
    if isinstance(server, StdioServer) and kinds & {"FileNotFoundError", "PermissionError", "NotADirectoryError"}:
        return f"The MCP server {server.name} cannot be started: there is no program {server.command} that may be run."
    if "TimeoutError" in kinds:
        return f"The MCP server {server.name} did not answer within {START_SECONDS:g} seconds."
    if "HTTPStatusError" in kinds:
        return f"The MCP server {server.name} refused the connection. Check its url and headers in the file."
    if "TransportError" in kinds:
        return f"The MCP server {server.name} cannot be reached. Check that it runs, and its url in the file."
    return f"The MCP server {server.name} does not speak the protocol, or ended at once. The server's log has its own words."
