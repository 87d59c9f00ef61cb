"""A prompt as AutoGen takes it."""

from autogen_agentchat.messages import MultiModalMessage, TextMessage

from agents.images.encoded import EncodedImage
from agents.images.references import Load
from state.events import Prompt, UserMessage


def to_task(prompt: Prompt, load: Load) -> TextMessage | MultiModalMessage:
    """Make the message a run begins with, the prompt's pictures behind its text."""
    if isinstance(prompt, UserMessage) and prompt.images:
        pictures = [EncodedImage(load(image.id)) for image in prompt.images]
        return MultiModalMessage(content=[prompt.text, *pictures], source=prompt.source)
    return TextMessage(content=prompt.text, source=prompt.source)
