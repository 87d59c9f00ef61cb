"""Tools of real MCP servers, over standard input and output and over HTTP."""

import asyncio
import json
import os
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest
from autogen_agentchat.agents import AssistantAgent
from autogen_core import CancellationToken
from pydantic import SecretStr

from agents.models.demo import DemoClient
from agents.tools.mcp_servers import McpServers
from agents.tools.mcp_tool import McpTool
from agents.tools.tool import STOPPED
from state.mcp import HttpServer, McpServer, StdioServer
from tests.agents.tools.conftest import Told, told
from tests.conftest import MCP_SERVER
from tests.services import Services

T = TypeVar("T")

STDIO = StdioServer(name="testing", command=sys.executable, args=(MCP_SERVER, "stdio"), env={"NAMED": SecretStr("named")})


def using(work: Callable[[McpServers], Awaitable[T]], *servers: McpServer, seconds: float = 20) -> T:
    """Do something with servers, and leave them."""

    async def working() -> T:
        kept = McpServers(servers, seconds)
        try:
            return await work(kept)
        finally:
            await kept.close()

    return asyncio.run(working())


async def call(servers: McpServers, name: str, **arguments: Any) -> Told:
    return await told(await servers.tools(), name, arguments)


def test_its_tools_ask_before_they_are_called_and_say_what_they_are() -> None:
    async def listing(servers: McpServers) -> tuple[McpTool, ...]:
        assert servers.health()[0].is_well is None
        tools = await servers.tools()
        assert servers.health()[0].tools == ("echo", "environment", "wait", "die", "fail", "picture", "learn")
        return tools

    echo, *others = using(listing, STDIO)
    assert (echo.name, echo.title, echo.summary) == ("testing__echo", "Echo (testing)", "Say a text again.")
    assert {tool.permission for tool in [echo, *others]} == {"ask"}
    assert set(echo.schema["parameters"]["properties"]) == {"text", "times"}


def test_calls_results_and_failures_over_stdio() -> None:
    async def calling(servers: McpServers) -> list[Told]:
        return [
            await call(servers, "testing__echo", text="hé", times=3),
            await call(servers, "testing__fail"),
            await call(servers, "testing__picture"),
            await call(servers, "testing__echo", words="x"),
            await call(servers, "testing__echo", text="x", times=100_000),
        ]

    echoed, failed, picture, wrong, large = using(calling, STDIO)
    assert echoed == Told("héhéhé", False)
    assert failed == Told("Error executing tool fail: there is no such thing", True)
    assert picture == Told("A dot.\n(image/png, left out)", False)
    assert wrong.is_error
    assert "Field required" in wrong.text
    assert large.text.endswith("(Cut off here: the whole result has 100,000 characters.)")


@pytest.mark.parametrize("kind", ["stdio", "http"])
def test_tools_a_server_learns_are_there_from_the_next_prompt_on(kind: str, request: pytest.FixtureRequest) -> None:
    async def learning(servers: McpServers) -> tuple[Told, Told]:
        learned = await call(servers, f"{server.name}__learn", trick="trick")
        async with asyncio.timeout(15):
            while "trick" not in servers.health()[0].tools:
                await servers.tools()
        return learned, await call(servers, f"{server.name}__trick")

    server = STDIO if kind == "stdio" else request.getfixturevalue("http_server")
    assert using(learning, server) == (Told("learned", False), Told("known by now", False))


def test_none_of_our_variables_are_handed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "planted-secret")
    monkeypatch.setenv("LANG", "C.UTF-8")
    environment = json.loads(using(lambda servers: call(servers, "testing__environment"), STDIO).text)

    assert environment["NAMED"] == "named"
    assert environment["PATH"] == os.environ["PATH"]
    assert set(environment) <= {"NAMED", "PATH", "HOME", "LANG", "LOGNAME", "SHELL", "TERM", "USER", "LC_CTYPE"}


def test_a_server_that_dies_in_mid_call_is_told_and_started_again() -> None:
    async def dying(servers: McpServers) -> tuple[Told, Told]:
        return await call(servers, "testing__die"), await call(servers, "testing__echo", text="again")

    died, again = using(dying, STDIO)
    assert died.is_error
    assert died.text.startswith("The MCP server testing ended in the middle of the call.")
    assert again == Told("again", False)


def test_a_server_that_died_between_calls_is_started_again() -> None:
    async def dying(servers: McpServers) -> Told:
        tools = await servers.tools()
        await told(tools, "testing__die", {})
        return await told(tools, "testing__echo", {"text": "again"})

    assert using(dying, STDIO) == Told("again", False)


def test_a_stop_during_a_call_ends_it_on_the_server_too_and_leaves_the_connection(tmp_path: Path) -> None:
    note = tmp_path / "note"

    async def stopping(servers: McpServers) -> tuple[Told, float, Told]:
        tools, token = await servers.tools(), CancellationToken()
        calling = asyncio.create_task(told(tools, "testing__wait", {"note": str(note)}, token))
        await until(note.exists)
        began = time.monotonic()
        token.cancel()
        said = await calling
        seconds = time.monotonic() - began
        await until(lambda: note.read_text() == "given up")
        return said, seconds, await told(tools, "testing__echo", {"text": "still here"})

    said, seconds, after = using(stopping, STDIO)
    assert said == Told(STOPPED, True)
    assert seconds < 2
    assert after == Told("still here", False)


def test_a_call_that_takes_too_long_is_given_up(tmp_path: Path) -> None:
    note = tmp_path / "note"

    async def waiting(servers: McpServers) -> Told:
        said = await call(servers, "testing__wait", note=str(note))
        await until(lambda: note.read_text() == "given up")
        return said

    assert using(waiting, STDIO, seconds=1).text == "The tool testing__wait was given up after 1 seconds without a result."


def test_parallel_calls_share_a_server(tmp_path: Path) -> None:
    async def calling(servers: McpServers) -> list[Told]:
        tools, token = await servers.tools(), CancellationToken()
        waiting = asyncio.create_task(told(tools, "testing__wait", {"note": str(tmp_path / "note")}, token))
        echoes = await asyncio.gather(*(told(tools, "testing__echo", {"text": str(number)}) for number in range(5)))
        token.cancel()
        return [*echoes, await waiting]

    assert using(calling, STDIO) == [*(Told(str(number), False) for number in range(5)), Told(STOPPED, True)]


BROKEN: list[tuple[McpServer, str]] = [
    (StdioServer(name="a", command="/no/such/program"), "cannot be started: there is no program /no/such/program"),
    (StdioServer(name="a", command=sys.executable, args=("-c", "print('hello')")), "does not speak the protocol, or ended at once"),
    (HttpServer(name="a", url="http://127.0.0.1:9/mcp"), "cannot be reached"),
]


@pytest.mark.parametrize(("server", "sentence"), BROKEN)
def test_a_server_that_does_not_work_is_left_out_and_says_why(server: McpServer, sentence: str) -> None:
    """It is left alone for a while too, so that not every prompt waits for it."""

    async def listing(servers: McpServers) -> tuple[list[str], float]:
        names = [tool.name for tool in await servers.tools()]
        began = time.monotonic()
        await servers.tools()
        broken = servers.health()[0]
        assert broken.is_well is False
        assert sentence in broken.text
        return names, time.monotonic() - began

    names, seconds = using(listing, server, STDIO)
    assert "testing__echo" in names
    assert seconds < 2


def test_a_server_that_refuses_is_named(services: Services) -> None:
    services.trouble["/mcp"] = "down"

    async def listing(servers: McpServers) -> str:
        assert await servers.tools() == ()
        return servers.health()[0].text

    said = using(listing, HttpServer(name="web", url=f"{services.address}/mcp"))
    assert said == "The MCP server web refused the connection. Check its url and headers in the file."


def test_nobody_waits_long_for_a_server_that_is_just_starting() -> None:
    slow = StdioServer(name="slow", command="sh", args=("-c", f'sleep 2; exec "{sys.executable}" "{MCP_SERVER}" stdio'))

    async def listing() -> tuple[float, int, str, int]:
        servers = McpServers([slow], seconds=20, patience=0.2)
        began = time.monotonic()
        first, seconds, health = await servers.tools(), time.monotonic() - began, servers.health()[0].text
        await until(lambda: servers.health()[0].is_well)
        later = await servers.tools()
        await servers.close()
        return seconds, len(first), health, len(later)

    seconds, first, health, later = asyncio.run(listing())
    assert seconds < 1.5
    assert (first, health, later) == (0, "It is being connected to.", 7)


def test_a_stop_while_a_server_is_starting_again_leaves_it_to_start(tmp_path: Path) -> None:
    starts = tmp_path / "starts"
    slow = StdioServer(name="slow", command="sh", args=("-c", f'echo x >> {starts}; sleep 1; exec "{sys.executable}" "{MCP_SERVER}" stdio'))

    async def stopping(servers: McpServers) -> tuple[Told, Told]:
        tools, token = await servers.tools(), CancellationToken()
        await told(tools, "slow__die", {})
        calling = asyncio.create_task(told(tools, "slow__echo", {"text": "x"}, token))
        await until(lambda: starts.read_text().count("x") == 2)
        token.cancel()
        return await calling, await told(tools, "slow__echo", {"text": "x"})

    assert using(stopping, slow) == (Told(STOPPED, True), Told("x", False))
    assert starts.read_text().count("x") == 2


def test_without_servers_there_are_no_tools() -> None:
    assert using(lambda servers: servers.tools()) == ()


def test_calls_over_http_with_a_stop_and_the_server_s_death(http_server: HttpServer, tmp_path: Path) -> None:
    note = tmp_path / "note"

    async def calling(servers: McpServers) -> tuple[list[Told], float]:
        tools, token = await servers.tools(), CancellationToken()
        echoed = await told(tools, "web__echo", {"text": "over HTTP"})
        waiting = asyncio.create_task(told(tools, "web__wait", {"note": str(note)}, token))
        await until(note.exists)
        token.cancel()
        stopped = await waiting
        await until(lambda: note.read_text() == "given up")
        began = time.monotonic()
        died = await told(tools, "web__die", {})
        gone = await told(tools, "web__echo", {"text": "x"})
        return [echoed, stopped, died, gone], time.monotonic() - began

    (echoed, stopped, died, gone), seconds = using(calling, http_server)
    assert echoed == Told("over HTTP", False)
    assert stopped == Told(STOPPED, True)
    assert died.text.startswith("The MCP server web ended in the middle of the call.")
    assert gone == Told("The MCP server web cannot be reached. Check that it runs, and its url in the file.", True)
    assert seconds < 10


def test_an_agent_with_the_demo_model_calls_a_server_s_tool() -> None:
    async def asking(servers: McpServers) -> str:
        tools = await servers.tools()
        agent = AssistantAgent("assistant", DemoClient(0), tools=[*tools], reflect_on_tool_use=True)
        return (await agent.run(task='Use testing__echo with "a round table"')).messages[-1].to_text()

    assert "a round table" in using(asking, STDIO)


async def until(holds: Callable[[], object]) -> None:
    async with asyncio.timeout(15):
        while not holds():  # noqa: ASYNC110  # what is waited for happens in another process
            await asyncio.sleep(0.02)
