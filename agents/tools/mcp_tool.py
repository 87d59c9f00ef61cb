"""A tool of an MCP server, as an agent calls it."""

from collections.abc import Awaitable, Callable
from typing import Any

from autogen_core import CancellationToken
from autogen_core.tools import ToolSchema
from mcp import types
from pydantic import RootModel

from agents.tools.mcp_connection import Connection
from agents.tools.names import to_name
from agents.tools.tool import GuardedTool, ToolFailed, shortened

DESCRIPTION_CHARACTERS = 4000


class McpArguments(RootModel[dict[str, Any]]):
    """Whatever the server's own schema says; it checks them itself."""


class McpTool(GuardedTool[McpArguments]):
    """Asks before it is called: what another program does is not for us to know."""

    def __init__(self, server: str, tool: types.Tool, connect: Callable[[], Awaitable[Connection]], seconds: float) -> None:
        title = (tool.annotations.title if tool.annotations else None) or tool.title or tool.name
        super().__init__(
            McpArguments,
            to_name(server, tool.name),
            (tool.description or title)[:DESCRIPTION_CHARACTERS],
            title=f"{title[:80]} ({server})",
            summary=(tool.description or title).strip().partition("\n")[0][:200],
            permission="ask",
        )
        self.server = server
        self.seconds = seconds
        self._tool = tool
        self._connect = connect

    @property
    def schema(self) -> ToolSchema:
        """The server's own, with the empty mapping of properties that models' servers insist on."""
        parameters: Any = {"type": "object", "properties": {}} | self._tool.inputSchema
        return ToolSchema(name=self.name, description=self.description, parameters=parameters)

    async def run(self, args: McpArguments, cancellation_token: CancellationToken) -> str:
        connection = await self._connect()
        result = await connection.call(self._tool.name, args.root)
        text = to_text(result)
        if result.isError:
            raise ToolFailed(shortened(text))
        return text


def to_text(result: types.CallToolResult) -> str:
    """Word a result. What is no text is named only: a tool's result is text to every model."""
    parts = [_part(content) for content in result.content]
    return "\n".join(part for part in parts if part) or _structured(result)


def _structured(result: types.CallToolResult) -> str:
    return result.model_dump_json(include={"structuredContent"}) if result.structuredContent else "(no result)"


def _part(content: types.ContentBlock) -> str:
    match content:
        case types.TextContent():
            return content.text
        case types.EmbeddedResource(resource=types.TextResourceContents() as resource):
            return resource.text
        case types.ResourceLink():
            return f"{content.name}: {content.uri}"
        case types.ImageContent() | types.AudioContent():
            return f"({content.mimeType}, left out)"
        case _:
            return f"({content.type}, left out)"
