"""The Assistant mode: one agent to talk to, with tools."""

from autogen_agentchat.agents import AssistantAgent

from agents.context import BoundedContext
from agents.mode import Mode, Speaker
from agents.performer import Materials
from agents.solo import Solo
from agents.tools.ask_person import AskPerson

NAME = "assistant"
SYSTEM_MESSAGE = "You are a helpful assistant. Answer in Markdown where it helps to read the answer."
PRESETS = {
    "Brief": "You are a helpful assistant who answers in as few words as the matter allows. No introduction, no summary.",
    "Teacher": (
        "You are a patient teacher. Explain step by step, from what the person knows to what they do not, with one example for each "
        "new idea, and end with a question that lets them check what they have understood."
    ),
    "Editor": (
        "You are an editor. Improve the texts you are given without changing what they mean or their tone. Give the improved text "
        "first, then the most important changes as a short list."
    ),
    "Researcher": (
        "You are a careful researcher. Look facts up with your tools wherever you can, name your sources, and say plainly what you "
        "do not know or could not check."
    ),
}
MOST_TOOL_ROUNDS = 8
"""How often it may call tools before it has to answer. It may make several calls at once in each round."""


def _build(materials: Materials) -> Solo:
    tools = [*materials.tools, AskPerson(materials.questions, NAME)] if materials.client.model_info["function_calling"] else []
    agent = AssistantAgent(
        name=NAME,
        model_client=materials.client,
        model_client_stream=True,
        model_context=BoundedContext(materials.context_tokens),
        system_message=materials.instructions or SYSTEM_MESSAGE,
        tools=[*tools],
        reflect_on_tool_use=bool(tools),
        max_tool_iterations=MOST_TOOL_ROUNDS,
    )
    return Solo(agent, materials, tools)


ASSISTANT = Mode(
    key="assistant",
    title="Assistant",
    icon=":material/chat:",
    summary="One agent to ask, think and write with.",
    examples=(
        "What can you do?",
        "What is the weather in Paris, and what time is it there?",
        "Ask me “Where to next?” with the choices “Sea” and “Mountains”.",
        "Show me what an answer can look like.",
    ),
    placeholder="Ask the assistant anything",
    speakers=(Speaker(NAME, "Assistant", ":material/smart_toy:"),),
    build=_build,
    presets=PRESETS,
    has_tools=True,
    takes_images=True,
)
