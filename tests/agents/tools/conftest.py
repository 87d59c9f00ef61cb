"""What tests of tools share: local services, and a call as an agent makes it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from autogen_core import CancellationToken
from autogen_core.tools import StaticStreamWorkbench, ToolResult

from agents.tools.built_in import built_in_tools
from agents.tools.tool import GuardedTool
from agents.tools.web import WebClient, user_agent
from state.settings import load_settings
from tests.services import Services

PATIENCE = 2.0
"""Seconds that a service may take: more than a full machine needs, and little enough to wait for one that is silent."""


@dataclass(frozen=True)
class Told:
    """What the model is told of a call."""

    text: str
    is_error: bool


Call = Callable[..., Told]


@pytest.fixture
def call(services: Services) -> Call:
    """Call a built-in tool once, as an agent's workbench does."""

    def calling(tool: str, /, **arguments: Any) -> Told:
        return asyncio.run(_called(tool, arguments))

    return calling


async def _called(name: str, arguments: dict[str, Any]) -> Told:
    web = WebClient(user_agent("1.2.3", "tests@example.org"), seconds=PATIENCE)
    try:
        return await told(built_in_tools(load_settings(env_file=None), web), name, arguments)
    finally:
        await web.close()


async def told(tools: tuple[GuardedTool[Any], ...], name: str, arguments: dict[str, Any], token: CancellationToken | None = None) -> Told:
    """Call one of the tools through AutoGen."""
    results = StaticStreamWorkbench(list(tools)).call_tool_stream(name, arguments, token or CancellationToken())
    (result,) = [result async for result in results]
    assert isinstance(result, ToolResult)
    return Told(result.to_text(), result.is_error)
