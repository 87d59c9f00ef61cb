"""Ollama, over real HTTP against the scripted server."""

import asyncio
import base64
import json
from typing import Any

import httpx
import httpx2
import ollama
import pytest
from autogen_agentchat.messages import TextMessage
from autogen_core import FunctionCall
from autogen_core.models import (
    AssistantMessage,
    FunctionExecutionResult,
    FunctionExecutionResultMessage,
    ModelInfo,
    SystemMessage,
    UserMessage,
)
from autogen_core.tools import FunctionTool
from pydantic import BaseModel

from agents.models.calls import Calls
from agents.models.live_client import LiveClient
from agents.models.ollama_client import OllamaClient
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


def llama(address: str, **options: Any) -> OllamaClient:
    given: dict[str, Any] = {"model": "any:8b", "host": address, "model_info": CAPABLE, "timeout": PATIENCE}
    return OllamaClient(**given | options)


def test_text_is_streamed_and_tokens_are_counted(provider: Provider) -> None:
    provider.enqueue(Reply("Hello ", "Ada.", usage=(21, 4)))
    client = llama(provider.address, headers={"Authorization": "Bearer planted"})
    deltas, result = ask(client)
    request = provider.requests[0]

    assert deltas == ["Hello ", "Ada."]
    assert (result.content, result.finish_reason, result.thought) == ("Hello Ada.", "stop", None)
    assert (result.usage.prompt_tokens, result.usage.completion_tokens) == (21, 4)
    assert client.total_usage() == result.usage
    assert (request.path, request.headers["authorization"]) == ("/api/chat", "Bearer planted")
    assert request.body == {"model": "any:8b", "messages": [{"role": "user", "content": "Hello"}], "tools": [], "stream": True}


def test_an_answer_in_one_piece_is_kept(provider: Provider) -> None:
    """AutoGen takes it for an empty list of calls, with no tokens."""
    message = {"role": "assistant", "content": "Yes."}
    line = {"model": "any", "created_at": "x", "message": message, "done": True, "done_reason": "stop", "eval_count": 2}
    provider.enqueue(Reply(Raw(json.dumps(line).encode()), Cut()))
    _, result = ask(llama(provider.address))

    assert (result.content, result.usage.completion_tokens) == ("Yes.", 2)


def test_a_whole_answer_is_a_stream_read_to_its_end(provider: Provider) -> None:
    provider.enqueue(Reply("Hello ", "Ada."))
    result = ask_whole(llama(provider.address))

    assert result.content == "Hello Ada."
    assert result.usage.prompt_tokens == 11


def test_parameters_are_sent_if_they_are_given(provider: Provider) -> None:
    ask(llama(provider.address, temperature=0.5, seed=42), extra_create_args={"options": {"num_ctx": 9000}, "keep_alive": "5m"})
    ask(llama(provider.address, temperature=0, num_ctx=8000))
    ask(llama(provider.address, temperature=None))

    first, second, third = (request.body for request in provider.requests)
    assert (first["options"], first["keep_alive"]) == ({"num_ctx": 9000}, "5m")
    assert second["options"] == {"temperature": 0, "num_ctx": 8000}
    assert "options" not in third


def test_json_is_asked_for(provider: Provider) -> None:
    class City(BaseModel):
        name: str

    ask(llama(provider.address), json_output=True)
    ask(llama(provider.address), json_output=City)

    assert [request.body["format"] for request in provider.requests] == ["json", City.model_json_schema()]


def test_a_truncated_answer_says_so(provider: Provider) -> None:
    provider.enqueue(Reply("Cut", finish="length"))

    assert ask(llama(provider.address))[1].finish_reason == "length"


def test_system_messages_and_images_arrive(provider: Provider) -> None:
    ask(llama(provider.address), SystemMessage(content="Be brief."), UserMessage(content=[picture(), "What", "is it?"], source="a b"))
    system, user = provider.requests[0].body["messages"]

    assert system == {"role": "system", "content": "Be brief."}
    assert user["content"] == "What\nis it?"
    assert [is_red_png(base64.b64decode(image)) for image in user["images"]] == [True]


def test_an_agent_calls_tools_and_looks_at_their_results(provider: Provider) -> None:
    """Two calls at once with text beside them, told apart by ids of ours; the second request carries all of it, and no tools."""
    provider.enqueue(
        Reply("Let me ", "look.", Call("weather", '{"city": "Rome"}'), Call("weather", '{"city": "Oslo"}')), Reply("Both ", "sunny.")
    )
    result, streamed = converse(llama(provider.address), weather)
    first, second = (request.body for request in provider.requests)

    assert isinstance(result.messages[-1], TextMessage)
    assert result.messages[-1].content == "Both sunny."
    assert streamed == "Let me look.Both sunny."
    assert first["tools"][0]["function"]["parameters"]["required"] == ["city"]
    assert [message["role"] for message in second["messages"]] == ["system", "user", "assistant", "tool", "tool"]
    asked, *answers = second["messages"][2:]
    assert asked["content"] == "Let me look."
    assert [call["function"]["arguments"] for call in asked["tool_calls"]] == [{"city": "Rome"}, {"city": "Oslo"}]
    assert [(answer["tool_name"], answer["content"]) for answer in answers] == [("weather", "Rome: sunny"), ("weather", "Oslo: sunny")]
    assert second["tools"] == []


def test_every_call_has_an_id_of_its_own(provider: Provider) -> None:
    provider.enqueue(Reply(Call("now", "{}"), Call("now", "{}")), Reply(Call("now", "{}")))
    results = [ask(llama(provider.address))[1] for _ in range(2)]
    calls = [call for result in results for call in result.content if isinstance(call, FunctionCall)]

    assert len({call.id for call in calls}) == 3
    assert [call.arguments for call in calls] == ["{}"] * 3
    assert [result.finish_reason for result in results] == ["function_calls"] * 2


def test_a_tool_keeps_its_schema(provider: Provider) -> None:
    """Choices, items of lists and optional parameters; and a tool without any parameters."""
    properties = {
        "unit": {"type": "string", "enum": ["C", "F"], "description": "The unit."},
        "days": {"type": "array", "items": {"type": "integer"}},
        "city": {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None, "description": "The city."},
    }
    tools = [
        {
            "name": "weather",
            "description": "The weather.",
            "parameters": {"type": "object", "properties": properties, "required": ["unit"]},
        },
        {"name": "now", "parameters": {"type": "object"}},
    ]
    ask(llama(provider.address), tools=tools)
    sent, now = (tool["function"] for tool in provider.requests[0].body["tools"])

    assert sent["parameters"]["properties"] == {
        "unit": {"type": "string", "enum": ["C", "F"], "description": "The unit."},
        "days": {"type": "array", "items": {"type": "integer"}},
        "city": {"type": "string", "description": "The city."},
    }
    assert sent["parameters"]["required"] == ["unit"]
    assert now["name"] == "now"


def test_the_tool_that_must_be_called_is_the_only_one_offered(provider: Provider) -> None:
    tools = [FunctionTool(weather, name=name, description="") for name in ("one", "two")]
    ask(llama(provider.address), tools=tools, tool_choice=tools[1])
    ask(llama(provider.address), tools=tools, tool_choice="none")

    offered = [[tool["function"]["name"] for tool in request.body["tools"]] for request in provider.requests]
    assert offered == [["two"], []]


@pytest.mark.parametrize(
    ("arguments", "sent"), [('{"city": "Ro', {"text": '{"city": "Ro'}), ("[1]", {"text": "[1]"}), ("", {})], ids=["cut", "a list", "none"]
)
def test_a_history_that_another_model_began_can_be_sent(provider: Provider, arguments: str, sent: dict[str, Any]) -> None:
    ask(
        llama(provider.address),
        HELLO,
        AssistantMessage(content=[FunctionCall(id="x", name="weather", arguments=arguments)], source="assistant"),
        FunctionExecutionResultMessage(content=[FunctionExecutionResult(content="bad", name="weather", call_id="x", is_error=True)]),
    )

    assert provider.requests[0].body["messages"][1]["tool_calls"] == [{"function": {"name": "weather", "arguments": sent}}]


@pytest.mark.parametrize("by_closing", [True, False], ids=["closed", "cancelled"])
def test_a_stream_that_is_left_is_closed_at_the_server(provider: Provider, by_closing: bool) -> None:
    provider.enqueue(Reply("Some text ", Gate()))

    assert leave(llama(provider.address, timeout=httpx2.Timeout(5)), provider, by_closing=by_closing)


@pytest.mark.parametrize("steps", [("Some text ", Gate()), (Gate(),)], ids=["in text", "before the first delta"])
@pytest.mark.parametrize("whole", [True, False], ids=["whole", "streamed"])
def test_a_token_closes_it_through_the_live_client(provider: Provider, steps: tuple[str | Gate, ...], whole: bool) -> None:
    provider.enqueue(Reply(*steps))
    cancel(LiveClient(llama(provider.address, timeout=httpx2.Timeout(5)), Calls()), provider, whole=whole)


FAILURES: dict[str, tuple[Reply, type[Exception], int | None]] = {
    "400": (Reply(status=400), ollama.ResponseError, 400),
    "401": (Reply(status=401), ollama.ResponseError, 401),
    "403": (Reply(status=403), ollama.ResponseError, 403),
    "404": (Reply(status=404, error={"message": "model 'any' not found"}), ollama.ResponseError, 404),
    "429": (Reply(status=429, headers={"retry-after": "7"}), ollama.ResponseError, 429),
    "500": (Reply(status=500), ollama.ResponseError, 500),
    "fault in the middle": (Reply("Half a ", Raw(b'{"error": "the runner died"}\n')), ollama.ResponseError, -1),
    "silence": (Reply(Silence()), httpx.ReadTimeout, None),
    "silence in the middle": (Reply("Half a ", Silence()), httpx.ReadTimeout, None),
    "hang-up": (Reply(HangUp()), httpx.RemoteProtocolError, None),
    "hang-up in the middle": (Reply("Half a ", Pause(0.1), HangUp()), httpx.RemoteProtocolError, None),
    "cut": (Reply("Half a ", Cut()), httpx.RemoteProtocolError, None),
    "nothing": (Reply(Cut()), httpx.RemoteProtocolError, None),
    "no json": (Reply("Half a ", Raw(b"{not json\n")), UnreadableAnswer, None),
    "a list": (Reply("Half a ", Raw(b"[]\n")), UnreadableAnswer, None),
    "another shape": (Reply("Half a ", Raw(b'{"message": 7}\n')), UnreadableAnswer, None),
    "a page": (Reply(Raw(b"<html></html>\n")), UnreadableAnswer, None),
}


@pytest.mark.parametrize("asking", [ask, ask_whole], ids=["streamed", "whole"])
@pytest.mark.parametrize("case", FAILURES)
def test_failures_are_told_apart_and_not_tried_again(provider: Provider, case: str, asking: Any) -> None:
    reply, kind, status = FAILURES[case]
    provider.enqueue(reply)
    with pytest.raises(kind) as caught:
        asking(llama(provider.address, timeout=patience(reply)))

    assert caught.type is kind
    assert getattr(caught.value, "status_code", None) == status
    provider.wait_for_requests(1)
    assert len(provider.requests) == 1


def test_a_refused_connection_is_told() -> None:
    with pytest.raises(httpx.ConnectError):
        ask(llama(NOWHERE))


def test_what_the_model_cannot_is_refused_before_it_is_asked(provider: Provider) -> None:
    blind: ModelInfo = {**CAPABLE, "vision": False, "function_calling": False}
    with pytest.raises(ValueError, match="vision"):
        ask(llama(provider.address, model_info=blind), UserMessage(content=[picture()], source="user"))
    with pytest.raises(ValueError, match="function calling"):
        ask(llama(provider.address, model_info=blind), tools=[FunctionTool(weather, description="")])

    assert provider.requests == []


def test_the_sdk_reads_the_scripted_server(provider: Provider) -> None:
    steps = ("Let me ", "look.", Call("weather", '{"city": "Rome"}'))
    provider.enqueue(Reply(*steps, usage=(5, 6)), Reply(*steps, usage=(5, 6)))
    provider.models = ["llama:8b", "qwen:4b"]
    messages = [{"role": "user", "content": "Hi"}]

    async def work() -> tuple[list[ollama.ChatResponse], ollama.ChatResponse, ollama.ListResponse]:
        async with ollama.AsyncClient(provider.address) as client:
            chunks = [chunk async for chunk in await client.chat("any", messages, stream=True)]
            return chunks, await client.chat("any", messages), await client.list()

    chunks, whole, listed = asyncio.run(work())

    assert "".join(chunk.message.content or "" for chunk in chunks) == whole.message.content == "Let me look."
    assert [chunk.message.tool_calls for chunk in chunks if chunk.message.tool_calls] == [whole.message.tool_calls]
    for last in (chunks[-1], whole):
        assert (last.done, last.done_reason, last.prompt_eval_count, last.eval_count) == (True, "stop", 5, 6)
    assert [model.model for model in listed.models] == ["llama:8b", "qwen:4b"]
    assert len(provider.requests) == 2
