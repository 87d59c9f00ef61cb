"""Prompts and states with their pictures put in, as AutoGen takes them."""

import asyncio
from collections.abc import Awaitable, Callable

from autogen_agentchat.messages import MultiModalMessage, TextMessage

from agents.images.encoded import EncodedImage
from agents.images.references import ids_in, with_images
from state.events import Prompt, UserMessage
from state.snapshots import State

Load = Callable[[str], Awaitable[bytes]]


async def to_task(prompt: Prompt, load: Load) -> TextMessage | MultiModalMessage:
    """Make the message a run begins with, the prompt's pictures behind its text."""
    if isinstance(prompt, UserMessage) and prompt.images:
        pictures = [EncodedImage(await load(image.id)) for image in prompt.images]
        return MultiModalMessage(content=[prompt.text, *pictures], source=prompt.source)
    return TextMessage(content=prompt.text, source=prompt.source)


async def with_loaded_images(state: State, load: Load) -> State:
    """Put the pictures in that a state refers to."""
    loaded = {id: await load(id) for id in ids_in(state)}
    return await asyncio.to_thread(with_images, state, loaded.__getitem__) if loaded else state
