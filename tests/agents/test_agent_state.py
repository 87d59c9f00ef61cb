"""The downloaded agent state, taken to a script of plain AutoGen."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from agents.application import Application
from agents.exports import export_state
from agents.runs import Run
from state.store import Store
from tests.conftest import wait_until
from tests.provider import Gate, Provider, Reply

SCRIPT = """
import asyncio, json, sys
from pathlib import Path

from autogen_agentchat.agents import AssistantAgent
from autogen_core.models import ModelFamily
from autogen_ext.models.openai import OpenAIChatCompletionClient


async def main(file: str, base_url: str) -> None:
    info = {"vision": False, "function_calling": True, "json_output": False, "structured_output": False, "family": ModelFamily.UNKNOWN}
    client = OpenAIChatCompletionClient(model="scripted", api_key="none", base_url=base_url, model_info=info)
    agent = AssistantAgent("assistant", client)
    await agent.load_state(json.loads(Path(file).read_text(encoding="utf-8")))
    result = await agent.run(task="And what is my name?")
    print(result.messages[-1].to_text())
    await client.close()


asyncio.run(main(*sys.argv[1:]))
"""


def go_on_elsewhere(file: Path, provider: Provider) -> str:
    """What plain AutoGen answers with the state of the file, in a process and a folder that know nothing of Roundtable."""
    command = [sys.executable, "-c", SCRIPT, str(file), provider.base_url]
    ran = subprocess.run(command, cwd=file.parent, capture_output=True, text=True, encoding="utf-8", timeout=60, check=False)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.strip()


def test_a_conversation_goes_on_in_plain_autogen(
    ask: Callable[..., Run], app: Application, store: Store, provider: Provider, tmp_path: Path
) -> None:
    """The model is asked with the whole history, a stopped turn's text included, and the script needs nothing of ours."""
    provider.enqueue(Reply("Hello Ada 😀."), Reply("Once upon ", Gate()), Reply("Ada, as you said."))
    conversation = ask("I am Ada.").record.conversation
    feed = app.runner.feed(store, conversation)
    stopped = ask("Tell me a story", conversation, wait=False)
    wait_until(lambda: feed.now.draft is not None)
    stopped.stop()
    wait_until(lambda: stopped.is_over)
    file = tmp_path / "state.json"
    file.write_text(export_state(store, conversation), encoding="utf-8")

    assert json.loads(file.read_text(encoding="utf-8"))["type"] == "AssistantAgentState"
    assert go_on_elsewhere(file, provider) == "Ada, as you said."
    assert provider.requests[-1].said == [
        ("user", "I am Ada."),
        ("assistant", "Hello Ada 😀."),
        ("user", "Tell me a story"),
        ("assistant", "Once upon "),
        ("user", "And what is my name?"),
    ]


def test_a_conversation_that_never_finished_a_turn_goes_on_too(
    ask: Callable[..., Run], store: Store, provider: Provider, tmp_path: Path
) -> None:
    provider.enqueue(Reply(status=401), Reply("Ada."))
    conversation = ask("I am Ada.").record.conversation
    file = tmp_path / "state.json"
    file.write_text(export_state(store, conversation), encoding="utf-8")

    assert go_on_elsewhere(file, provider) == "Ada."
    assert provider.requests[-1].said == [("user", "I am Ada."), ("user", "And what is my name?")]
