"""All tools there are: those that come with Roundtable and those of the MCP servers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agents.tools.built_in import built_in_tools
from agents.tools.geocoding import Geocoder
from agents.tools.names import to_name
from agents.tools.tool import GuardedTool
from agents.tools.web import WebClient, user_agent
from agents.travel.tools import travel_tools
from state.conversations import Permission
from state.mcp import McpServer
from state.settings import Settings

if TYPE_CHECKING:
    from agents.tools.mcp_servers import Health, McpServers


@dataclass(frozen=True)
class Listed:
    """A tool as people choose it."""

    name: str
    title: str
    summary: str
    """What it does or, of an MCP server's, whose it is."""
    permission: Permission
    """What holds until a person decides otherwise."""


class Toolbox:
    """One for the process, used on its loop. The tools hold nothing of a conversation, so everybody may be given the same."""

    def __init__(self, settings: Settings, servers: Sequence[McpServer], version: str) -> None:
        self._web = WebClient(user_agent(version, settings.contact), settings.tool_timeout)
        self.built_in = built_in_tools(settings, self._web)
        self._travel = travel_tools(settings, self._web, Geocoder(self._web, settings.geocoding_url))
        self.titles = {tool.name: tool.title for tool in (*self.built_in, *self._travel)}
        """Of those that come with Roundtable, as people know them."""
        self._servers = _connected(servers, settings.mcp_timeout) if servers else None

    async def tools(self, names: frozenset[str] | None = None) -> tuple[GuardedTool[Any], ...]:
        """List all that everybody may call now, each with a name of its own; those of some names only, where a mode wants just these.

        Waits some seconds at most for servers that are starting.
        """
        if names is not None:
            return tuple(tool for tool in (*self.built_in, *self._travel) if tool.name in names)
        return (*self.built_in, *(await self._servers.tools() if self._servers else ()))

    def listing(self) -> tuple[Listed, ...]:
        """List the tools for people: those of MCP servers as last seen. May be asked from any thread."""
        ours = [Listed(tool.name, tool.title, tool.summary, tool.permission) for tool in self.built_in]
        theirs = [Listed(to_name(server.name, name), name, server.name, "ask") for server in self.health() for name in server.tools]
        return (*ours, *theirs)

    def health(self) -> "tuple[Health, ...]":
        """Tell how each MCP server does, as last seen. May be asked from any thread."""
        return self._servers.health() if self._servers else ()

    async def close(self) -> None:
        """Let go of connections, and end the servers that are programs of ours."""
        await self._web.close()
        if self._servers:
            await self._servers.close()


def _connected(servers: Sequence[McpServer], seconds: float) -> "McpServers":
    from agents.tools.mcp_servers import McpServers  # noqa: PLC0415  # the SDK takes 0.35 s to import, which only its users should wait

    return McpServers(servers, seconds)
