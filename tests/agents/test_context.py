"""How much of a long conversation is sent."""

import asyncio
from itertools import chain

from autogen_core import FunctionCall
from autogen_core.models import (
    AssistantMessage,
    FunctionExecutionResult,
    FunctionExecutionResultMessage,
    LLMMessage,
    SystemMessage,
    UserMessage,
)
from hypothesis import given
from hypothesis import strategies as st

from agents.context import BoundedContext, bounded, estimated_tokens


def turn(number: int, *, length: int = 400, with_tool: bool = False) -> list[LLMMessage]:
    prompt = UserMessage(content=f"{number} " + "x" * length, source="user")
    answer = AssistantMessage(content=f"{number} " + "y" * length, source="assistant")
    if not with_tool:
        return [prompt, answer]
    call = AssistantMessage(content=[FunctionCall(id=f"c{number}", name="look", arguments="{}")], source="assistant")
    result = FunctionExecutionResult(call_id=f"c{number}", name="look", content="z" * length, is_error=False)
    return [prompt, call, FunctionExecutionResultMessage(content=[result]), answer]


def test_a_short_conversation_is_sent_whole() -> None:
    messages = [SystemMessage(content="Be kind."), *turn(1), *turn(2)]

    assert bounded(messages, 10_000) == messages


def test_the_latest_turns_are_sent_and_the_system_message_stays() -> None:
    system = SystemMessage(content="Be kind.")
    turns = [turn(number) for number in range(20)]
    sent = bounded([system, *chain(*turns)], 1_000)

    assert sent[0] == system
    assert sent[1:] == list(chain(*turns[-4:]))


@given(st.lists(st.tuples(st.integers(0, 3000), st.booleans()), min_size=1, max_size=30), st.integers(0, 5000))
def test_no_tool_result_is_ever_without_its_call(shapes: list[tuple[int, bool]], tokens: int) -> None:
    """Whatever fits, what is sent begins with a prompt, ends with the last message, and is no more than fits, or one step."""
    messages = list(chain(*(turn(number, length=length, with_tool=tool) for number, (length, tool) in enumerate(shapes))))
    sent = bounded(messages, tokens)

    assert isinstance(sent[0], UserMessage)
    assert sent[1:] == messages[len(messages) - len(sent) + 1 :]
    assert not isinstance(sent[1], FunctionExecutionResultMessage)
    assert len(sent) == 2 or sum(map(estimated_tokens, sent)) <= tokens


async def _context_sends_less_than_it_keeps() -> None:
    context = BoundedContext(300)
    for message in chain(*(turn(number) for number in range(5))):
        await context.add_message(message)

    assert len(await context.get_messages()) == 2
    assert len((await context.save_state())["messages"]) == 10


def test_the_context_sends_less_than_it_keeps() -> None:
    asyncio.run(_context_sends_less_than_it_keeps())


def test_a_single_turn_of_many_steps_is_bounded_too() -> None:
    """The prompt stays, and the latest calls with their results."""
    steps = [turn(number, length=4_000, with_tool=True)[1:3] for number in range(50)]
    messages = [UserMessage(content="Look everywhere", source="user"), *chain(*steps)]
    sent = bounded(messages, 5_000)

    assert sent[0] == messages[0]
    assert sent[1:] == list(chain(*steps[-4:]))
