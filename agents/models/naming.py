"""A conversation's title, by its model."""

import asyncio
import logging

from autogen_core.models import LLMMessage, SystemMessage, UserMessage

from agents.models.live_client import LiveClient
from state.conversations import TITLE_LENGTH

INSTRUCTION = (
    "Give the conversation that begins as below a title of at most six words, in the language it is written in. "
    "Reply with the title alone: no quotation marks, no full stop, no Markdown."
)
READ = 2_000
"""Characters of prompt and answer, each, that a title is made from."""
SECONDS = 30

_log = logging.getLogger(__name__)


async def find_title(client: LiveClient, prompt: str, answer: str) -> str | None:
    """Ask for a title. None when the model has none to give: nothing waits for it, so nothing is said about why."""
    text = f"{prompt[:READ]}\n\n---\n\n{answer[:READ]}"
    request: list[LLMMessage] = [SystemMessage(content=INSTRUCTION), UserMessage(content=text, source="user")]
    try:
        async with asyncio.timeout(SECONDS):
            result = await client.create(request)
    except Exception as error:  # whatever a provider raises: the conversation keeps the title it has
        _log.info("no title was found: %s", type(error).__name__)
        return None
    return to_title(result.content) if isinstance(result.content, str) else None


def to_title(reply: str) -> str | None:
    """Take the title out of a reply, without what models put around one; None for a reply that is none."""
    lines = [line.strip().strip("\"'“”„«»*#`_ ").removeprefix("Title:").strip().rstrip(".") for line in reply.strip().splitlines()]
    title = next(filter(None, lines), "")
    return title if 0 < len(title) <= 2 * TITLE_LENGTH else None
