"""What is missing under a plan because a tool had no answer, in sentences."""

import re
from collections.abc import Mapping, Sequence

from autogen_agentchat.messages import BaseAgentEvent, BaseChatMessage, ToolCallExecutionEvent

from agents.tools.tool import STOPPED
from agents.travel.lines import one_line

LETTERS = 200
_FIRST_SENTENCE = re.compile(r".*?[.!?](?=\s|\Z)", re.DOTALL)


def missing_facts(messages: Sequence[BaseAgentEvent | BaseChatMessage], titles: Mapping[str, str]) -> list[str]:
    """Say of each tool that failed and never worked why it did, by its title.

    What follows the first sentence of a failure is meant for models.
    """
    results = [result for message in messages if isinstance(message, ToolCallExecutionEvent) for result in message.content]
    worked = {result.name for result in results if not result.is_error}
    failed = {result.name: result.content for result in results if result.is_error and result.content != STOPPED}
    return [f"No answer from “{titles.get(name, name)}”: {_first_sentence(why)}" for name, why in failed.items() if name not in worked]


def _first_sentence(text: str) -> str:
    found = _FIRST_SENTENCE.match(text)
    return one_line(found.group() if found else text)[:LETTERS]
