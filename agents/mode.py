"""What a mode is: everything the rest of the application asks about one way of conversing."""

from collections.abc import Callable
from dataclasses import dataclass

from autogen_agentchat.agents import AssistantAgent
from autogen_core.models import ChatCompletionClient


@dataclass(frozen=True)
class Speaker:
    """An agent as people see it."""

    name: str
    """Its AutoGen name, which is the source of its messages."""
    title: str
    avatar: str
    """An emoji or a Material symbol such as `:material/smart_toy:`."""


@dataclass(frozen=True)
class Mode:
    """One way of conversing. Home, sidebar, transcript, runs and exports ask it; nothing asks which one it is."""

    key: str
    """Its page's address, and what conversations remember."""
    title: str
    icon: str
    summary: str
    """What it is good for, in one sentence."""
    examples: tuple[str, ...]
    placeholder: str
    """What the prompt box says while it is empty."""
    speakers: tuple[Speaker, ...]
    build: Callable[[ChatCompletionClient, int], AssistantAgent]
    """Make its agent, new for each turn, with the tokens of history to send at most."""
    takes_images: bool = False
    """Whether pictures may go with a prompt."""
    describes_many: bool = False
    """Whether pictures may be described one by one, into a table."""

    def speaker(self, name: str) -> Speaker:
        """The speaker of that name; one nobody declared is shown under its own name."""
        return next((speaker for speaker in self.speakers if speaker.name == name), Speaker(name, name, "🤖"))
