"""Calls that wait for the person: of models whose servers name all calls alike, and of agents that do not tell a call's id."""

import asyncio
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from autogen_core import CancellationToken
from autogen_core.tools import BaseTool
from pydantic import BaseModel

from agents.application import Application
from agents.assistant import ASSISTANT
from agents.feed import Feed
from agents.log_writer import LogWriter
from agents.questions import Questions
from agents.tools.ask_person import AskPerson, Question
from agents.tools.calculator import Calculator, CalculatorArguments
from agents.tools.permitted import AskingTool
from state.conversations import Beginning, Options
from state.events import InputAnswered, InputRequested, Taken, ToolCall, ToolResult, UserMessage
from state.store import Store
from tests.conftest import ALICE, wait_until
from tests.provider import Call, Provider, Reply


def sum_of(expression: str, id: str) -> Call:
    return Call("calculate", json.dumps({"expression": expression}), id=id)


def open_question(store: Store, conversation: str) -> str:
    """The id of the question that waits for the person; empty where none does."""
    events = [entry.event for entry in store.entries(conversation)]
    answered = {event.request_id for event in events if isinstance(event, InputAnswered)}
    return next((event.request_id for event in events if isinstance(event, InputRequested) and event.request_id not in answered), "")


@pytest.mark.parametrize("id", ["call_0", ""], ids=["the same id each time", "no id"])
def test_each_call_has_a_question_of_its_own_whatever_its_server_calls_it(
    app: Application, store: Store, provider: Provider, id: str
) -> None:
    """In one message and in one after the other; the one that is refused is not made."""
    provider.enqueue(Reply(sum_of("1 + 1", id), sum_of("2 + 2", id)), Reply(sum_of("3 + 3", id)), Reply("Done."))
    beginning = Beginning(options=Options(permissions={"calculate": "ask"}))
    conversation = app.runner.start(store, ASSISTANT, UserMessage(text="Work it out"), None, beginning).record.conversation
    for is_approved in (True, False, True):
        wait_until(lambda: open_question(store, conversation))
        answered = InputAnswered(request_id=open_question(store, conversation), is_approved=is_approved)
        app.runner.answer(app.store(ALICE), ASSISTANT, conversation, answered)
    wait_until(lambda: store.runs(conversation)[-1].ended)

    events = [entry.event for entry in store.entries(conversation)]
    calls = {event.call_id: json.loads(event.arguments)["expression"] for event in events if isinstance(event, ToolCall)}
    results = {calls[event.call_id]: event for event in events if isinstance(event, ToolResult)}
    assert {expression: result.is_error for expression, result in results.items()} == {"1 + 1": False, "2 + 2": True, "3 + 3": False}
    assert '"6"' in results["3 + 3"].text


@pytest.mark.parametrize(
    ("build", "arguments", "said"),
    [
        (partial(AskingTool, Calculator()), CalculatorArguments(expression="1 + 1"), '{"expression": "1 + 1", "result": "2"}'),
        (AskPerson, Question(question="Which Paris?"), "The one in Texas."),
    ],
    ids=["a permission", "a question"],
)
def test_a_tool_asks_whichever_way_it_is_called(
    store: Store, build: Callable[[Questions, str], BaseTool[Any, Any]], arguments: BaseModel, said: str
) -> None:
    """AutoGen's tools have two; the one its agents do not take tells no id."""
    record = store.begin_run(None, "assistant", UserMessage(text="Hello"), "demo · built-in")[0]

    async def called(disk: ThreadPoolExecutor) -> str:
        asked = asyncio.Event()
        writer = LogWriter(store, Feed(), record, disk, head=2)
        questions = Questions(writer, Taken, when_waiting=lambda is_waiting: asked.set() if is_waiting else None)
        calling = asyncio.create_task(build(questions, "assistant").run(arguments, CancellationToken()))
        await asyncio.wait_for(asked.wait(), 10)
        await questions.answer(InputAnswered(request_id="", text="The one in Texas."))
        return str(await calling)

    with ThreadPoolExecutor(1) as disk:
        assert asyncio.run(called(disk)) == said
