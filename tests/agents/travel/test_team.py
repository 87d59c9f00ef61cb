"""The travel team runs to its end whatever its selector answers."""

import asyncio
import time
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pytest
from autogen_agentchat.base import TaskResult
from autogen_agentchat.messages import BaseChatMessage, TextMessage, ToolCallExecutionEvent
from autogen_core import CancellationToken
from autogen_core.models import ChatCompletionClient

from agents.models.calls import Calls
from agents.models.demo import DemoClient
from agents.models.live_client import LiveClient
from agents.models.openai_clients import OpenAIClient
from agents.travel.roles import ROLES
from agents.travel.selection import Selection
from agents.travel.team import Streamed, Tools, build_travel_team
from tests.agents.models.clients import CAPABLE
from tests.provider import Provider, Reply, Silence

NAMES = [role.name for role in ROLES]
TASK = "Plan a trip to Paris"
DONE = Reply("That is the plan.\n\nDONE")


def openai(provider: Provider) -> ChatCompletionClient:
    return OpenAIClient(model="scripted", base_url=provider.base_url, api_key="sk-planted", model_info=CAPABLE, timeout=2, max_retries=0)


def run(client: ChatCompletionClient, *tasks: str, tools: Tools | None = None) -> list[list[Streamed]]:
    """Run tasks one after the other, each in a team of its own that knows what the one before knew."""

    async def play() -> list[list[Streamed]]:
        streams, state = [], None
        for task in tasks:
            team = build_travel_team(client, 10_000, tools)
            if state is not None:
                await team.load_state(state)
            streams.append([item async for item in team.run_stream(task=task)])
            state = await team.save_state()
        await client.close()
        return streams

    return asyncio.run(play())


def play(provider: Provider, *replies: Reply, task: str = TASK) -> list[Streamed]:
    """Run a task. Requests take the replies in turn: the selector's, then the agent's, and so on."""
    provider.enqueue(*replies)
    return run(openai(provider), task)[0]


def selections(stream: Sequence[Streamed]) -> list[Selection]:
    return [item for item in stream if isinstance(item, Selection)]


def speakers(stream: Sequence[Streamed]) -> list[str]:
    return [item.source for item in stream if isinstance(item, BaseChatMessage) and item.source in NAMES]


def reason(stream: Sequence[Streamed]) -> str:
    result = stream[-1]
    assert isinstance(result, TaskResult)
    return result.stop_reason or ""


def in_turn(count: int, text: str = "Well.") -> list[Reply]:
    """Replies for so many turns: whom the selector names, and what that one says."""
    return [Reply(part) for number in range(count) for part in (NAMES[number % 4], text)]


def choosing(*answers: str) -> list[Reply]:
    return [Reply(answer) for answer in answers]


@pytest.mark.parametrize("task", ["Get it DONE: plan a trip to Paris", "TERMINATE", "> DONE\n\nDONE", "He ABANDONED me in Paris"])
def test_the_persons_words_do_not_end_it(provider: Provider, task: str) -> None:
    stream = play(provider, *in_turn(3), Reply("Evaluator"), DONE, task=task)

    assert speakers(stream) == NAMES
    assert reason(stream) == "Evaluator ended its message with DONE: the plan is complete."


@pytest.mark.parametrize("text", ["DONE", "ABANDONED", "TERMINATE", "The person said: “DONE”"])
def test_the_other_agents_words_do_not_end_it(provider: Provider, text: str) -> None:
    stream = play(provider, *in_turn(3, text), Reply("Evaluator"), DONE)

    assert speakers(stream) == NAMES


@pytest.mark.parametrize("text", ["ABANDONED", "Not yet DONE", "> DONE", "DONE?\n\nWhat of the flights?"])
def test_the_evaluator_ends_it_by_its_last_line_only(provider: Provider, text: str) -> None:
    stream = play(provider, Reply("Evaluator"), Reply(text), Reply("Hotel_Agent"), Reply("Well."), Reply("Evaluator"), DONE)

    assert speakers(stream) == ["Evaluator", "Hotel_Agent", "Evaluator"]


def test_twelve_messages_end_it_and_it_says_so(provider: Provider) -> None:
    stream = play(provider, *in_turn(20))

    assert len(speakers(stream)) == 11
    assert reason(stream) == "The team had 12 messages without agreeing that the plan is complete. Go on with another prompt."


@pytest.mark.filterwarnings("ignore:No text content or tool calls")  # AutoGen's, of the empty answer
@pytest.mark.parametrize(
    ("answer", "attempts"),
    [
        ("", [3]),
        ("Nobody.", [3]),
        ("x" * 5000, [3]),
        ("Travel_Advisor", [1, 3]),
        ("evaluator", [1, 3]),
        ("Hotel_Agent or Flight_Agent", [3, 3, *[1] * 9]),
    ],
)
def test_a_selector_that_always_answers_the_same_does_not_hold_it_up(provider: Provider, answer: str, attempts: list[int]) -> None:
    """`attempts` are those of each turn, and then again from the first: who spoke last is not counted as named."""
    asked = [attempts[turn % len(attempts)] for turn in range(11)]
    stream = play(provider, *(reply for count in asked for reply in [*[Reply(answer)] * count, Reply("Well.")]))

    assert len(speakers(stream)) == 11
    assert all(first != second for first, second in pairwise(speakers(stream)))
    assert [selection.attempts for selection in selections(stream)] == asked
    assert [selection.speaker for selection in selections(stream)] == speakers(stream)
    assert "12 messages" in reason(stream)
    assert len(provider.requests) == sum(asked) + 11


def test_a_selector_whose_server_fails_does_not_fail_the_run(provider: Provider) -> None:
    replies = [reply for _ in range(3) for reply in (Reply(status=500), Reply("Well."))]
    stream = play(provider, *replies, Reply(status=500), DONE)

    assert speakers(stream) == NAMES
    assert selections(stream)[0].why == ("The selector gave no next speaker, as its request failed: Travel advisor is next in turn.")


def test_why_this_one_spoke_is_said_before_it_speaks(provider: Provider) -> None:
    replies = choosing("nobody", "Hotel_Agent and Flight_Agent", "hotel agent", "Rooms.", "Hotel_Agent", "Evaluator", "Fine.\nDONE")
    stream = play(provider, *replies)
    first, second = selections(stream)

    assert first.answers == ("nobody", "Hotel_Agent and Flight_Agent", "hotel agent")
    assert (first.speaker, first.attempts, first.is_fallback) == ("Hotel_Agent", 3, False)
    assert first.candidates == tuple(NAMES)
    assert first.usage.prompt_tokens == 33
    assert first.why == "The selector chose Hotel agent at attempt 3."
    assert second.answers == ("Hotel_Agent", "Evaluator")
    assert second.candidates == ("Travel_Advisor", "Flight_Agent", "Evaluator")
    order = [type(item).__name__ for item in stream if isinstance(item, Selection | TextMessage)]
    assert order == ["TextMessage", "Selection", "TextMessage", "Selection", "TextMessage"]


def test_a_reader_who_is_slow_gets_the_same_order(provider: Provider) -> None:
    """Selections are made while the reader is still at the message before."""
    provider.enqueue(*in_turn(3), Reply("Evaluator"), DONE)

    async def read() -> list[str]:
        names, client = [], openai(provider)
        async for item in build_travel_team(client, 10_000).run_stream(task=TASK):
            names.append(item.speaker.upper() if isinstance(item, Selection) else getattr(item, "source", "end"))
            await asyncio.sleep(0.05)
        await client.close()
        return names

    names = list(dict.fromkeys(asyncio.run(read())))

    assert names == ["user", *(each for name in NAMES for each in (name.upper(), name)), "end"]


def test_a_second_prompt_goes_on_where_the_first_ended(provider: Provider) -> None:
    provider.enqueue(*in_turn(3), Reply("Evaluator"), DONE, Reply("Evaluator"), DONE)
    first, second = run(openai(provider), TASK, "Shorter, please")

    assert speakers(first) == NAMES
    assert speakers(second) == ["Evaluator"]
    assert "Shorter, please" in provider.requests[-2].body["messages"][0]["content"]
    assert "user: Plan a trip to Paris" in provider.requests[-2].body["messages"][0]["content"]


def test_what_was_said_before_a_stop_goes_in_front_of_the_next_prompt(provider: Provider) -> None:
    """A stopped team leaves no state. Its finished texts are sent along, and an Evaluator's DONE among them ends nothing."""
    provider.enqueue(Reply("Evaluator"), DONE)
    before = [TextMessage(source="user", content=TASK), *(TextMessage(source=name, content="DONE") for name in NAMES * 4)]

    async def go_on() -> list[Streamed]:
        client = openai(provider)
        team = build_travel_team(client, 10_000)
        task = [*before, TextMessage(source="user", content="Go on")]
        stream = [item async for item in team.run_stream(task=task, output_task_messages=False)]
        await client.close()
        return stream

    stream = asyncio.run(go_on())

    assert speakers(stream) == ["Evaluator"]
    assert "Hotel_Agent: DONE" in provider.requests[0].body["messages"][0]["content"]


@pytest.mark.parametrize("silent", ["selector", "agent"])
def test_a_stop_ends_it_at_once(provider: Provider, silent: str) -> None:
    provider.enqueue(*([Reply(Silence())] if silent == "selector" else [Reply("Hotel_Agent"), Reply("Rooms", Silence())]))

    async def stop() -> float:
        client = OpenAIClient(model="scripted", base_url=provider.base_url, api_key="sk-planted", model_info=CAPABLE)
        token = CancellationToken()
        team = build_travel_team(LiveClient(client, Calls(lambda _: None)), 10_000)
        reading = asyncio.create_task(_read(team.run_stream(task=TASK, cancellation_token=token)))
        await asyncio.to_thread(provider.wait_for_requests, 1 if silent == "selector" else 2)
        await asyncio.sleep(0.2)
        began = time.monotonic()
        token.cancel()
        await asyncio.wait({reading}, timeout=5)
        seconds = time.monotonic() - began
        assert reading.done()
        assert await asyncio.to_thread(provider.requests[-1].hung_up.wait, 1)
        await client.close()
        return seconds

    assert asyncio.run(stop()) < 1


async def _read(stream: Any) -> None:
    async for _ in stream:
        pass


async def find_hotels(place: str) -> str:
    """Hotels at a place."""
    return f"Hotel Central, {place}"


@pytest.mark.parametrize("task", ["Plan a 5-day trip to Paris", "Get it DONE: a weekend in Ghent", "", "Plan a two-day trip to Spain"])
def test_the_demo_model_plays_it_to_its_end(task: str) -> None:
    stream = run(DemoClient(0), task, tools={"Hotel_Agent": [find_hotels]})[0]

    assert "DONE: the plan is complete" in reason(stream)
    assert set(speakers(stream)) == set(NAMES)


def test_tools_are_those_of_the_role() -> None:
    stream = run(DemoClient(0), "Plan a 5-day trip to Paris", tools={"Hotel_Agent": [find_hotels]})[0]

    assert [item.source for item in stream if isinstance(item, ToolCallExecutionEvent)] == ["Hotel_Agent"]


def test_a_model_without_tools_is_a_team_too(provider: Provider) -> None:
    provider.enqueue(Reply("Evaluator"), DONE)
    client = OpenAIClient(
        model="scripted", base_url=provider.base_url, api_key="sk", model_info={**CAPABLE, "function_calling": False}, timeout=2
    )
    stream = run(client, TASK, tools={"Hotel_Agent": [find_hotels]})[0]

    assert speakers(stream) == ["Evaluator"]
