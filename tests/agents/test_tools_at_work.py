"""The Assistant with tools: a scripted model, real services' protocols and real MCP servers, all over real HTTP."""

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from agents.application import Application
from agents.assistant import ASSISTANT, MOST_TOOL_ROUNDS
from agents.runs import Run
from state.conversations import Beginning, Options
from state.events import AgentMessage, InputAnswered, InputRequested, RunEnded, SavedEvent, ToolResult, UserMessage
from state.mcp import HttpServer, McpServer, StdioServer
from state.settings import load_settings
from state.store import Store
from tests.conftest import ALICE, MCP_SERVER, wait_until
from tests.provider import Call, Provider, Reply
from tests.services import Services

STDIO = StdioServer(name="testing", command=sys.executable, args=(MCP_SERVER, "stdio"))
ALLOWED = Options(permissions={f"{server}__{tool}": "always" for server in ("testing", "web") for tool in ("echo", "wait", "die", "fail")})


@pytest.fixture
def app(openai_environment: dict[str, str], services: Services) -> Iterator[Application]:
    application = Application(load_settings(env_file=None))
    yield application
    application.close()


@pytest.fixture
def with_servers(openai_environment: dict[str, str], services: Services) -> Iterator[Callable[..., Application]]:
    opened: list[Application] = []

    def opening(*servers: McpServer) -> Application:
        opened.append(Application(load_settings(env_file=None), servers=servers))
        return opened[-1]

    yield opening
    for application in opened:
        application.close()


def tool(name: str, /, **arguments: Any) -> Call:
    return Call(name, json.dumps(arguments))


def start(app: Application, prompt: str = "Go", options: Options = ALLOWED) -> Run:
    return app.runner.start(app.store(ALICE), ASSISTANT, UserMessage(text=prompt), None, Beginning(options=options))


def done(app: Application, prompt: str = "Go", options: Options = ALLOWED) -> Run:
    run = start(app, prompt, options)
    wait_until(lambda: run.is_over, 30)
    return run


def own(run: Run) -> list[SavedEvent]:
    return [entry.event for entry in run.events_since(0) if entry.run == run.record.id]


def results(run: Run) -> list[ToolResult]:
    return [event for event in own(run) if isinstance(event, ToolResult)]


def ended(run: Run) -> RunEnded:
    last = own(run)[-1]
    assert isinstance(last, RunEnded)
    return last


WORDS = {
    "weather": (tool("get_weather", place="Paris"), "Open-Meteo.com"),
    "time": (tool("local_time", place="Tokyo"), "Asia/Tokyo"),
    "currency": (tool("convert_currency", amount=20, source="EUR", target="JPY"), "JPY"),
    "place": (tool("find_place", name="Lisbon"), "OpenStreetMap"),
    "sum": (tool("calculate", expression="17 * 23"), "391"),
}


@pytest.mark.parametrize(("call", "word"), WORDS.values(), ids=WORDS)
def test_what_a_tool_found_reaches_the_model_and_the_log(app: Application, provider: Provider, call: Call, word: str) -> None:
    provider.enqueue(Reply(call), Reply("So it is."))
    run = done(app)

    assert ended(run).status == "finished"
    assert [(word in result.text, result.is_error) for result in results(run)] == [(True, False)]
    assert word in provider.requests[1].said[-1][1]
    assert "tools" not in provider.requests[1].body or provider.requests[1].body["tools"]


def test_calls_made_at_once_are_all_answered(app: Application, provider: Provider) -> None:
    provider.enqueue(Reply(*(call for call, _ in WORDS.values())), Reply("There you are."))
    run = done(app)

    assert len(results(run)) == len(WORDS)
    assert not any(result.is_error for result in results(run))


def test_a_service_that_is_down_is_said_to_the_model(app: Application, provider: Provider, services: Services) -> None:
    services.trouble = {"/weather/forecast": "down"}
    provider.enqueue(Reply(tool("get_weather", place="Paris")), Reply("I could not find out."))
    run = done(app)

    assert ended(run).status == "finished"
    assert results(run)[0].is_error
    assert results(run)[0].text in provider.requests[1].said[-1][1]


BAD: dict[str, tuple[Sequence[Call], str]] = {
    "an unknown tool": ([tool("launch_rocket")], "launch_rocket"),
    "broken arguments": ([Call("calculate", '{"expression": ')], ""),
    "arguments that are a list": ([Call("calculate", "[1, 2]")], ""),
    "a missing argument": ([tool("calculate")], "expression"),
    "an argument nobody knows": ([tool("calculate", expression="1", colour="red")], "colour"),
}


@pytest.mark.parametrize(("calls", "word"), BAD.values(), ids=BAD)
def test_a_bad_call_becomes_a_result_and_the_next_turn_works(
    app: Application, store: Store, provider: Provider, calls: Sequence[Call], word: str
) -> None:
    provider.enqueue(Reply(*calls), Reply("Sorry."), Reply("Fine."))
    run = done(app)
    again = app.runner.start(store, ASSISTANT, UserMessage(text="And now?"), run.record.conversation)
    wait_until(lambda: again.is_over)

    assert [result.is_error for result in results(run)] == [True]
    assert word in results(run)[0].text
    assert (ended(run).status, ended(again).status) == ("finished", "finished")
    assert [role for role, _ in provider.requests[2].said] == ["user", "assistant", "tool", "assistant", "user"]


def test_a_model_that_calls_for_ever_is_bounded(app: Application, provider: Provider) -> None:
    """After its rounds it has to answer, without tools."""
    provider.enqueue(*[Reply(tool("calculate", expression="1 + 1")) for _ in range(MOST_TOOL_ROUNDS)], Reply("Two."))
    run = done(app)

    assert ended(run).status == "finished"
    assert len(provider.requests) == MOST_TOOL_ROUNDS + 1
    texts = [entry.event.text for entry in run.events_since(0) if isinstance(entry.event, AgentMessage)]
    assert texts == ["Two."]


def test_a_model_that_goes_on_calling_even_then_fails_in_words(app: Application, store: Store, provider: Provider) -> None:
    provider.enqueue(*[Reply(tool("calculate", expression="1 + 1")) for _ in range(MOST_TOOL_ROUNDS + 1)], Reply("Fine."))
    run = done(app)
    again = app.runner.start(store, ASSISTANT, UserMessage(text="And now?"), run.record.conversation)
    wait_until(lambda: again.is_over)

    assert ended(run).status == "failed"
    assert ended(run).reason
    assert ended(again).status == "finished"


def test_tools_of_mcp_servers_are_used(with_servers: Callable[..., Application], http_server: HttpServer, provider: Provider) -> None:
    """One that is a program and one over HTTP, in one conversation."""
    app = with_servers(STDIO, http_server)
    provider.enqueue(Reply(tool("testing__echo", text="over a pipe"), tool("web__echo", text="over HTTP")), Reply("Both."))
    run = done(app)

    assert [(result.text, result.is_error) for result in results(run)] == [("over a pipe", False), ("over HTTP", False)]


def test_a_tool_of_an_mcp_server_asks_first(with_servers: Callable[..., Application], provider: Provider) -> None:
    app = with_servers(STDIO)
    provider.enqueue(Reply(tool("testing__echo", text="hello")), Reply("Hello."))
    run = start(app, options=Options())
    store = app.store(ALICE)
    wait_until(lambda: store.waiting_run(run.record.conversation), 20)
    request = next(entry.event for entry in run.events_since(0) if isinstance(entry.event, InputRequested))
    app.runner.answer(store, ASSISTANT, run.record.conversation, InputAnswered(request_id=request.request_id))
    wait_until(lambda: run.is_over)

    assert [result.text for result in results(run)] == ["hello"]


def test_a_server_that_dies_in_a_call_is_said(with_servers: Callable[..., Application], provider: Provider) -> None:
    app = with_servers(STDIO)
    provider.enqueue(Reply(tool("testing__die")), Reply("It died."))
    run = done(app)

    assert ended(run).status == "finished"
    assert results(run)[0].is_error


def test_stop_gives_up_a_call_of_an_mcp_server(with_servers: Callable[..., Application], provider: Provider, tmp_path: Path) -> None:
    """The server is told, the log has the call with a result, and the next turn works."""
    app, note = with_servers(STDIO), tmp_path / "note"
    provider.enqueue(Reply(tool("testing__wait", note=str(note))), Reply("Fine."))
    run = start(app)
    wait_until(note.exists, 20)
    run.stop()
    wait_until(lambda: run.is_over)

    wait_until(lambda: note.read_text() == "given up")
    assert (ended(run).status, "while it was using a tool" in ended(run).reason) == ("stopped", True)
    again = app.runner.start(app.store(ALICE), ASSISTANT, UserMessage(text="And now?"), run.record.conversation)
    wait_until(lambda: again.is_over)
    assert [role for role, _ in provider.requests[1].said] == ["user", "assistant", "tool", "user"]
