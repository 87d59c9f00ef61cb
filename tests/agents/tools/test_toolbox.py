"""All tools together."""

import asyncio
import subprocess
import sys

from agents.tools.toolbox import Toolbox
from state.mcp import McpServer
from state.settings import load_settings
from tests.agents.tools.conftest import told
from tests.agents.tools.test_mcp import STDIO
from tests.server import ROOT
from tests.services import Services

BUILT_IN = ["get_weather", "local_time", "time_difference", "convert_currency", "calculate", "find_place"]


def names(*servers: McpServer) -> tuple[list[str], list[bool | None]]:
    async def listing() -> tuple[list[str], list[bool | None]]:
        toolbox = Toolbox(load_settings(env_file=None), servers, "1.2.3")
        listed = [tool.name for tool in await toolbox.tools()]
        health = [server.is_well for server in toolbox.health()]
        await toolbox.close()
        return listed, health

    return asyncio.run(listing())


def test_built_in_tools_and_those_of_servers_are_one_list() -> None:
    assert names() == (BUILT_IN, [])
    listed, health = names(STDIO)

    assert listed[: len(BUILT_IN)] == BUILT_IN
    assert "testing__echo" in listed
    assert health == [True]


def test_services_are_told_the_version_and_the_contact(services: Services) -> None:
    async def asking() -> None:
        settings = load_settings(env_file=None).model_copy(update={"contact": "me@example.org"})
        toolbox = Toolbox(settings, (), "1.2.3")
        await told(await toolbox.tools(), "find_place", {"name": "Lisbon"})
        await toolbox.close()

    asyncio.run(asking())
    assert services.asked[0].headers["user-agent"] == "Roundtable/1.2.3 (+me@example.org)"


def test_the_sdk_of_mcp_is_not_imported_where_there_are_no_servers() -> None:
    program = "import sys; import agents.tools.toolbox; sys.exit('mcp' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=False).returncode == 0
