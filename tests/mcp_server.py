"""A real MCP server to test with: `python tests/mcp_server.py stdio`, or `http PORT`."""

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import Any

from mcp.server.fastmcp import Context, FastMCP
from mcp.server.fastmcp import Image as Picture
from mcp.types import ToolAnnotations

server = FastMCP("testing", log_level="CRITICAL")


@server.tool(title="Echo", annotations=ToolAnnotations(readOnlyHint=True))
def echo(text: str, times: int = 1) -> str:
    """Say a text again.

    As often as wanted.
    """
    return text * times


@server.tool()
def environment() -> dict[str, str]:
    """Tell what the server was handed on."""
    return dict(os.environ)


@server.tool()
async def wait(note: str) -> str:
    """Wait for an hour; leave a note when it is given up."""
    leave(note, "began")
    try:
        await asyncio.sleep(3600)
    except asyncio.CancelledError:
        leave(note, "given up")
        raise
    return "waited"


@server.tool()
def die() -> str:
    """End the server at once."""
    os.kill(os.getpid(), signal.SIGKILL)
    return ""


@server.tool()
def fail() -> str:
    """Fail."""
    raise ValueError("there is no such thing")


@server.tool(structured_output=False)
def picture() -> list[Any]:
    """Give a text and a picture."""
    return ["A dot.", Picture(data=b"\x89PNG", format="png")]


@server.tool()
async def learn(trick: str, context: Context[Any, Any, Any]) -> str:
    """Offer another tool from now on, and tell so."""
    server.add_tool(lambda: "known by now", name=trick, description="Learned.")
    await context.session.send_tool_list_changed()
    return "learned"


def leave(note: str, word: str) -> None:
    Path(note).write_text(word, encoding="utf-8")


if __name__ == "__main__":
    if sys.argv[1] == "http":
        server.settings.port = int(sys.argv[2])
    server.run("streamable-http" if sys.argv[1] == "http" else "stdio")
