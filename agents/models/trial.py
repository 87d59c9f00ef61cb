"""A model tried with one short question."""

import asyncio
import logging
import time
from collections.abc import Awaitable
from dataclasses import dataclass
from traceback import format_tb

from autogen_core.models import ChatCompletionClient, UserMessage

from agents.models.calls import Calls
from agents.models.failures import to_sentence
from agents.models.live_client import LiveClient
from agents.models.model import Model
from state.events import Usage

QUESTION = "What is the capital of France?"

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Trial:
    """How it went."""

    is_answered: bool
    text: str
    """The answer, or a sentence about what went wrong."""
    seconds: float
    usage: Usage


async def try_model(model: Model, client: Awaitable[ChatCompletionClient]) -> Trial:
    """Ask a model the question once, without the cache and without trying again. It has as long as its server may be silent."""
    calls, began = Calls(), time.monotonic()
    try:
        async with asyncio.timeout(model.timeout):
            result = await LiveClient(await client, calls).create([UserMessage(content=QUESTION, source="user")])
    except Exception as error:  # whatever a provider raises becomes a sentence, as in a run
        _log.warning("the model %s was tried in vain: %s\n%s", model.name, type(error).__name__, "".join(format_tb(error.__traceback__)))
        return Trial(False, to_sentence(error, model.spec, has_text=False), time.monotonic() - began, calls.usage)
    return Trial(True, str(result.content), time.monotonic() - began, calls.usage)
