"""OpenAI's protocol as servers of all kinds speak it, well and badly."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import httpx2
import pytest
from autogen_core.models import AssistantMessage, LLMMessage, UserMessage

from agents.models.failures import classify
from agents.models.openai_clients import OpenAIClient
from agents.models.streamed_client import UnreadableAnswer
from tests.agents.models.clients import CAPABLE, ask, ask_whole
from tests.provider import Call, Cut, Provider, Raw, Reply


def gpt(provider: Provider) -> OpenAIClient:
    return OpenAIClient(model="any", api_key="sk-planted", base_url=provider.base_url, model_info=CAPABLE, max_retries=0)


def event(data: bytes) -> Raw:
    return Raw(b"data: " + data + b"\n\n")


def chunk(delta: Any, finish: Any = None, **more: Any) -> Raw:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return event(
        json.dumps({"id": "1", "object": "chat.completion.chunk", "created": 0, "model": "any", "choices": [choice], **more}).encode()
    )


FAILURES: dict[str, tuple[Reply, str]] = {
    "cut": (Reply("Half a ", Cut()), "hung up"),
    "cut in a call": (Reply(Call("pay", '{"sum": 1}'), Cut()), "hung up"),
    "nothing": (Reply(Cut()), "unreadable"),
    "a page": (Reply(Raw(b"<html></html>"), Cut()), "unreadable"),
    "no json": (Reply("Half a ", event(b"{no")), "unreadable"),
    "no UTF-8": (Reply("Half a ", event(b'{"choices": "\xff"}')), "unreadable"),
    "a list": (Reply("Half a ", event(b"[]")), "unreadable"),
    "nothing in it": (Reply("Half a ", event(b"null")), "unreadable"),
    "no choices": (Reply("Half a ", event(b'{"id": "1"}')), "unreadable"),
    "no delta": (Reply("Half a ", chunk(None)), "unreadable"),
    "a number for text": (Reply("Half a ", chunk({"content": 7})), "unreadable"),
    "an object for arguments": (Reply(chunk({"tool_calls": [{"index": 0, "function": {"arguments": {}}}]})), "unreadable"),
    "deeply nested": (Reply("Half a ", event(b"[" * 100_000)), "unreadable"),
}


@pytest.mark.parametrize("case", FAILURES)
def test_a_broken_stream_is_told_as_what_it_is(provider: Provider, case: str) -> None:
    """And never as an answer, nor as a fault of ours."""
    reply, kind = FAILURES[case]
    provider.enqueue(reply)
    with pytest.raises((UnreadableAnswer, ValueError, httpx2.RemoteProtocolError)) as caught:
        ask(gpt(provider))

    assert classify(caught.value).kind == kind


@pytest.mark.parametrize(
    "body", [b"[]", b"{no", *(b'{"model": "any", "choices": %s}' % part for part in (b"null", b"[]", b'[{"message": null}]'))]
)
def test_a_whole_answer_of_another_shape_is_told_as_that(provider: Provider, body: bytes) -> None:
    provider.enqueue(Reply(Raw(body)))
    with pytest.raises((UnreadableAnswer, ValueError)) as caught:
        ask_whole(gpt(provider))

    assert classify(caught.value).kind == "unreadable"


@pytest.mark.parametrize("is_counted_throughout", [False, True])
def test_how_an_answer_ended_is_known_where_the_same_chunk_counts_its_tokens(provider: Provider, is_counted_throughout: bool) -> None:
    """As those of DeepSeek, Mistral and OpenRouter do; AutoGen by itself takes such an answer's end for unknown."""
    usage = {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7}
    first = chunk({"content": "Cut o"}, **({"usage": usage | {"completion_tokens": 1}} if is_counted_throughout else {}))
    provider.enqueue(Reply(first, chunk({}, "length", usage=usage), Cut()))
    deltas, result = ask(gpt(provider))

    assert ("".join(deltas), result.content, result.finish_reason) == ("Cut o", "Cut o", "length")
    assert (result.usage.prompt_tokens, result.usage.completion_tokens) == (3, 4)


@pytest.mark.parametrize("usage", [{}, {"prompt_tokens": None}, {"prompt_tokens": "many", "completion_tokens": -1}, "many"])
def test_an_answer_whose_tokens_are_nonsense_counts(provider: Provider, usage: Any) -> None:
    provider.enqueue(Reply("Whole.", chunk({}, "stop", usage=usage), Cut()))
    _, result = ask(gpt(provider))

    assert (result.content, result.finish_reason) == ("Whole.", "stop")
    assert (result.usage.prompt_tokens, result.usage.completion_tokens) == (0, 0)


@contextmanager
def calls_within_openai() -> Iterator[list[str]]:
    """The functions of the package that are called meanwhile."""
    called: list[str] = []

    def note(frame: FrameType, event: str, _argument: object) -> None:
        if event == "call" and "/openai/" in frame.f_code.co_filename and "autogen" not in frame.f_code.co_filename:
            called.append(frame.f_code.co_name)

    sys.setprofile(note)
    try:
        yield called
    finally:
        sys.setprofile(None)


def test_openai_does_no_work_for_each_message_of_a_long_conversation(provider: Provider) -> None:
    """Its own way of sending them holds the loop, and all who are on it, for 0.1 s at a thousand."""

    def calls(turns: int) -> int:
        said: list[LLMMessage] = [UserMessage(content="Again", source="user"), AssistantMessage(content="Yes.", source="assistant")]
        client = gpt(provider)
        with calls_within_openai() as called:
            ask(client, *(said * turns), UserMessage(content="The last", source="user"))
        sent = provider.requests[-1].body["messages"]
        assert len(sent) == 2 * turns + 1
        assert sent[0] == {"content": "Again", "role": "user", "name": "user"}
        return len(called)

    provider.enqueue(Reply("Yes."), Reply("Yes."), Reply("Yes."))
    calls(1)  # loads what the first request loads
    assert calls(50) - calls(1) < 50


def test_what_a_configuration_adds_to_a_request_is_sent_too(provider: Provider) -> None:
    ask(OpenAIClient(model="any", api_key="k", base_url=provider.base_url, model_info=CAPABLE, extra_body={"top_k": 4}))

    sent = provider.requests[0].body
    assert (sent["top_k"], len(sent["messages"]), sent["model"]) == (4, 1, "any")
