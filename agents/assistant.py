"""The Assistant mode: one agent to talk to."""

from autogen_agentchat.agents import AssistantAgent
from autogen_core.models import ChatCompletionClient

from agents.context import BoundedContext
from agents.mode import Mode, Speaker

SYSTEM_MESSAGE = "You are a helpful assistant. Answer in Markdown where it helps to read the answer."


def _build(client: ChatCompletionClient, context_tokens: int) -> AssistantAgent:
    return AssistantAgent(
        name="assistant",
        model_client=client,
        model_client_stream=True,
        model_context=BoundedContext(context_tokens),
        system_message=SYSTEM_MESSAGE,
    )


ASSISTANT = Mode(
    key="assistant",
    title="Assistant",
    icon=":material/chat:",
    summary="One agent to ask, think and write with.",
    examples=(
        "What can you do?",
        "Explain asynchronous programming with an everyday example.",
        "Show me what an answer can look like.",
    ),
    placeholder="Ask the assistant anything",
    speakers=(Speaker("assistant", "Assistant", ":material/smart_toy:"),),
    build=_build,
    takes_images=True,
)
