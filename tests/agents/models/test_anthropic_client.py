"""Claude, over real HTTP against the scripted server."""

import asyncio
import base64
from typing import Any

import anthropic
import httpx2
import pytest
from anthropic.types import TextBlock, ToolUseBlock
from autogen_agentchat.messages import TextMessage
from autogen_core import FunctionCall
from autogen_core.models import (
    AssistantMessage,
    FunctionExecutionResult,
    FunctionExecutionResultMessage,
    LLMMessage,
    ModelInfo,
    SystemMessage,
    UserMessage,
)
from autogen_core.tools import FunctionTool

from agents.models.anthropic_client import MAX_TOKENS, AnthropicClient
from agents.models.calls import Calls
from agents.models.live_client import LiveClient
from agents.models.streamed_client import UnreadableAnswer
from tests.agents.models.clients import (
    CAPABLE,
    HELLO,
    NOWHERE,
    PATIENCE,
    ask,
    ask_whole,
    cancel,
    converse,
    is_red_png,
    leave,
    patience,
    picture,
    weather,
)
from tests.provider import Call, Cut, Gate, HangUp, Pause, Provider, Raw, Reply, Silence

CALL = FunctionCall(id="toolu_1", name="weather", arguments='{"city": "Rome"}')
RESULT = FunctionExecutionResult(content="sunny", name="weather", call_id="toolu_1", is_error=False)


def claude(address: str, **options: Any) -> AnthropicClient:
    given: dict[str, Any] = {
        "model": "claude-any",
        "api_key": "sk-planted",
        "base_url": address,
        "model_info": CAPABLE,
        "timeout": PATIENCE,
    }
    return AnthropicClient(**given | {"max_retries": 0} | options)


def test_text_is_streamed_and_tokens_are_counted(provider: Provider) -> None:
    provider.enqueue(Reply("Hello ", "Ada.", usage=(21, 4)))
    client = claude(provider.address)
    deltas, result = ask(client)
    request = provider.requests[0]

    assert deltas == ["Hello ", "Ada."]
    assert (result.content, result.finish_reason, result.thought) == ("Hello Ada.", "stop", None)
    assert (result.usage.prompt_tokens, result.usage.completion_tokens) == (21, 4)
    assert client.total_usage() == result.usage
    assert (request.path, request.headers["authorization"]) == ("/v1/messages", "Bearer sk-planted")
    assert request.body == {
        "model": "claude-any",
        "max_tokens": MAX_TOKENS,
        "messages": [{"role": "user", "content": "Hello"}],
        "stream": True,
    }


def test_a_whole_answer_is_a_stream_read_to_its_end(provider: Provider) -> None:
    provider.enqueue(Reply("Hello ", "Ada."))
    result = ask_whole(claude(provider.address))

    assert result.content == "Hello Ada."
    assert result.usage.prompt_tokens == 11


def test_parameters_are_sent_if_they_are_given(provider: Provider) -> None:
    """The first two with the last version of the API that takes them."""
    ask(claude(provider.address, temperature=0.5, top_k=3, max_tokens=7), extra_create_args={"stop_sequences": ["."]})
    ask(claude(provider.address, temperature=None))

    first, second = (request.body for request in provider.requests)
    assert provider.requests[0].headers["anthropic-version"] < provider.requests[1].headers["anthropic-version"]
    assert (first["temperature"], first["top_k"], first["max_tokens"], first["stop_sequences"]) == (0.5, 3, 7, ["."])
    assert "temperature" not in second


@pytest.mark.parametrize(
    ("finish", "reason"),
    [
        ("length", "length"),
        ("content_filter", "content_filter"),
        ("model_context_window_exceeded", "length"),
        ("stop_sequence", "stop"),
        ("pause_turn", "unknown"),
    ],
)
def test_why_an_answer_ended_is_told(provider: Provider, finish: str, reason: str) -> None:
    provider.enqueue(Reply("Cut", finish=finish))

    assert ask(claude(provider.address))[1].finish_reason == reason


def test_system_messages_go_into_their_place_wherever_they_stand(provider: Provider) -> None:
    """An agent's memory adds them between other messages."""
    ask(claude(provider.address), SystemMessage(content="Be brief."), HELLO, SystemMessage(content="It is Monday."))

    assert provider.requests[0].body["system"] == "Be brief.\nIt is Monday."
    assert provider.requests[0].said == [("user", "Hello")]


def test_an_image_arrives(provider: Provider) -> None:
    ask(claude(provider.address), UserMessage(content=["What is it?", picture(), " "], source="user"))
    text, image = provider.requests[0].body["messages"][0]["content"]

    assert text == {"type": "text", "text": "What is it?"}
    assert image["source"]["media_type"] == "image/png"
    assert is_red_png(base64.b64decode(image["source"]["data"]))


def test_an_agent_calls_tools_and_looks_at_their_results(provider: Provider) -> None:
    """Two calls at once with text beside them; the second request carries all of it, and the tools, which may not be called again."""
    provider.enqueue(
        Reply("Let me ", "look.", Call("weather", '{"city": "Rome"}'), Call("weather", '{"city": "Oslo"}')), Reply("Both ", "sunny.")
    )
    result, streamed = converse(claude(provider.address), weather)
    first, second = (request.body for request in provider.requests)

    assert isinstance(result.messages[-1], TextMessage)
    assert result.messages[-1].content == "Both sunny."
    assert streamed == "Let me look.Both sunny."
    assert first["tools"][0]["input_schema"]["required"] == ["city"]
    assert first["tool_choice"] == {"type": "auto"}
    text, *uses = second["messages"][1]["content"]
    assert text["text"] == "Let me look."
    assert [use["input"] for use in uses] == [{"city": "Rome"}, {"city": "Oslo"}]
    answers = second["messages"][2]["content"]
    assert [(answer["tool_use_id"], answer["content"]) for answer in answers] == [
        (uses[0]["id"], "Rome: sunny"),
        (uses[1]["id"], "Oslo: sunny"),
    ]
    assert [tool["name"] for tool in second["tools"]] == ["weather"]
    assert second["tool_choice"] == {"type": "none"}


def test_a_call_without_arguments_and_a_call_alone(provider: Provider) -> None:
    provider.enqueue(Reply(Call("now", "")))
    deltas, result = ask(claude(provider.address))

    assert (deltas, result.thought, result.finish_reason) == ([], None, "function_calls")
    assert isinstance(result.content, list)
    assert (result.content[0].name, result.content[0].arguments) == ("now", "{}")


def test_the_tool_that_must_be_called_is_named(provider: Provider) -> None:
    tool = FunctionTool(weather, description="The weather.")
    ask(claude(provider.address), tools=[tool], tool_choice=tool)
    ask(claude(provider.address), tools=[tool], tool_choice="required")

    assert [request.body["tool_choice"] for request in provider.requests] == [{"type": "tool", "name": "weather"}, {"type": "any"}]


@pytest.mark.parametrize(
    ("arguments", "sent"),
    [('{"city": "Ro', {"text": '{"city": "Ro'}), ("[1]", {"text": "[1]"}), ("", {}), ("```js\n1\n```", {"text": "```js\n1\n```"})],
    ids=["cut", "a list", "none", "fenced"],
)
def test_a_history_that_another_model_began_can_be_sent(provider: Provider, arguments: str, sent: dict[str, Any]) -> None:
    """Whatever it wrote, and blank texts, which Anthropic refuses; after a restart, when this client was never asked with tools."""
    history: list[LLMMessage] = [
        HELLO,
        AssistantMessage(content="", source="assistant"),
        AssistantMessage(
            content=[FunctionCall(id="functions.weather:0", name="the.weather", arguments=arguments)], source="a b", thought=" "
        ),
        FunctionExecutionResultMessage(
            content=[FunctionExecutionResult(content="bad", name="the.weather", call_id="functions.weather:0", is_error=True)]
        ),
        AssistantMessage(content="Sorry. ", source="assistant"),
    ]
    ask(claude(provider.address), *history)
    body = provider.requests[0].body

    use = {"type": "tool_use", "id": "functions_weather_0", "name": "the_weather", "input": sent}
    result = {"type": "tool_result", "tool_use_id": "functions_weather_0", "content": "bad", "is_error": True}
    assert [message["content"] for message in body["messages"]] == ["Hello", [use], [result], "Sorry."]
    assert body["tools"] == [{"name": "the_weather", "input_schema": {"type": "object"}}]


def test_two_conversations_do_not_share_tools(provider: Provider) -> None:
    """AutoGen's client remembers the tools it was last asked with."""
    client = claude(provider.address)
    history: list[LLMMessage] = [
        HELLO,
        AssistantMessage(content=[CALL], source="assistant"),
        FunctionExecutionResultMessage(content=[RESULT]),
    ]

    async def work() -> None:
        async for _ in client.create_stream([HELLO], tools=[FunctionTool(weather, name="other", description="")]):
            pass
        async for _ in client.create_stream(history, tool_choice="none"):
            pass
        await client.close()

    asyncio.run(work())

    assert [tool["name"] for tool in provider.requests[1].body["tools"]] == ["weather"]


@pytest.mark.parametrize("by_closing", [True, False], ids=["closed", "cancelled"])
def test_a_stream_that_is_left_is_closed_at_the_server(provider: Provider, by_closing: bool) -> None:
    provider.enqueue(Reply("Some text ", Gate()))

    assert leave(claude(provider.address, timeout=5), provider, by_closing=by_closing)


@pytest.mark.parametrize("steps", [("Some text ", Gate()), (Gate(),)], ids=["in text", "before the first delta"])
@pytest.mark.parametrize("whole", [True, False], ids=["whole", "streamed"])
def test_a_token_closes_it_through_the_live_client(provider: Provider, steps: tuple[str | Gate, ...], whole: bool) -> None:
    provider.enqueue(Reply(*steps))
    cancel(LiveClient(claude(provider.address, timeout=5), Calls()), provider, whole=whole)


def sse(data: str) -> Raw:
    return Raw(f"event: content_block_delta\ndata: {data}\n\n".encode())


OVERLOADED = Raw(b'event: error\ndata: {"type": "error", "error": {"type": "overloaded_error", "message": "busy"}}\n\n')
FAILURES: dict[str, tuple[Reply, type[Exception]]] = {
    "400": (Reply(status=400), anthropic.BadRequestError),
    "401": (Reply(status=401), anthropic.AuthenticationError),
    "403": (Reply(status=403), anthropic.PermissionDeniedError),
    "404": (Reply(status=404), anthropic.NotFoundError),
    "429": (Reply(status=429, headers={"retry-after": "7"}), anthropic.RateLimitError),
    "500": (Reply(status=500), anthropic.InternalServerError),
    "529": (Reply(status=529), anthropic.OverloadedError),
    "busy in the middle": (Reply("Half a ", OVERLOADED), anthropic.APIStatusError),
    "silence": (Reply(Silence()), httpx2.ReadTimeout),
    "silence in the middle": (Reply("Half a ", Silence()), httpx2.ReadTimeout),
    "hang-up": (Reply(HangUp()), httpx2.RemoteProtocolError),
    "hang-up in the middle": (Reply("Half a ", Pause(0.1), HangUp()), httpx2.RemoteProtocolError),
    "cut": (Reply("Half a ", Cut()), httpx2.RemoteProtocolError),
    "no json": (Reply("Half a ", sse("{not json")), UnreadableAnswer),
    "a list": (Reply("Half a ", sse("[]")), UnreadableAnswer),
    "another shape": (Reply("Half a ", sse('{"type": "content_block_delta", "delta": 7}')), UnreadableAnswer),
    "a delta of no call": (
        Reply(sse('{"type": "content_block_delta", "index": 9, "delta": {"type": "input_json_delta", "partial_json": ""}}')),
        UnreadableAnswer,
    ),
}


@pytest.mark.parametrize("asking", [ask, ask_whole], ids=["streamed", "whole"])
@pytest.mark.parametrize("case", FAILURES)
def test_failures_are_told_apart_and_not_tried_again(provider: Provider, case: str, asking: Any) -> None:
    reply, kind = FAILURES[case]
    provider.enqueue(reply)
    with pytest.raises(kind) as caught:
        asking(claude(provider.address, timeout=patience(reply)))

    assert caught.type is kind
    provider.wait_for_requests(1)
    assert len(provider.requests) == 1
    if isinstance(caught.value, anthropic.RateLimitError):
        assert caught.value.response.headers["retry-after"] == "7"
    if case == "busy in the middle":
        assert (getattr(caught.value, "status_code", None), getattr(caught.value, "type", None)) == (200, "overloaded_error")


def test_a_refused_connection_has_its_cause() -> None:
    with pytest.raises(anthropic.APIConnectionError) as caught:
        ask(claude(NOWHERE))

    assert isinstance(caught.value.__cause__, httpx2.ConnectError)


def test_what_the_model_cannot_is_refused_before_it_is_asked(provider: Provider) -> None:
    blind: ModelInfo = {**CAPABLE, "vision": False, "function_calling": False}
    with pytest.raises(ValueError, match="vision"):
        ask(claude(provider.address, model_info=blind), UserMessage(content=[picture()], source="user"))
    with pytest.raises(ValueError, match="function calling"):
        ask(claude(provider.address, model_info=blind), tools=[FunctionTool(weather, description="")])
    with pytest.raises(ValueError, match="JSON"):
        ask(claude(provider.address), json_output=True)

    assert provider.requests == []


def test_the_sdk_reads_the_scripted_server(provider: Provider) -> None:
    """With its own accumulation of events, which is stricter than ours."""
    steps = ("Let me ", "look.", Call("weather", '{"city": "Rome"}'), "And so.", Call("now", "{}"))
    provider.enqueue(Reply(*steps, usage=(5, 6)), Reply(*steps, usage=(5, 6)))

    async def work() -> list[anthropic.types.Message]:
        async with anthropic.AsyncAnthropic(api_key="k", base_url=provider.address, max_retries=0) as client:
            async with client.messages.stream(model="any", max_tokens=9, messages=[{"role": "user", "content": "Hi"}]) as stream:
                streamed: anthropic.types.Message = await stream.get_final_message()
            whole = await client.messages.create(model="any", max_tokens=9, messages=[{"role": "user", "content": "Hi"}])
            return [streamed, whole]

    streamed, whole = asyncio.run(work())

    assert [block.type for block in streamed.content] == ["text", "tool_use", "text", "tool_use"]
    for message in (streamed, whole):
        assert "".join(block.text for block in message.content if isinstance(block, TextBlock)) == "Let me look.And so."
        assert [block.input for block in message.content if isinstance(block, ToolUseBlock)] == [{"city": "Rome"}, {}]
        assert (message.stop_reason, message.usage.input_tokens, message.usage.output_tokens) == ("tool_use", 5, 6)
