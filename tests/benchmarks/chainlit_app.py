"""The same agent in Chainlit, as AutoGen's own sample for Chainlit has it. It runs in an environment of its own."""

import os

import chainlit as cl
from autogen_agentchat.agents import AssistantAgent
from autogen_agentchat.messages import ModelClientStreamingChunkEvent
from autogen_core.models import ModelFamily, ModelInfo
from autogen_ext.models.openai import OpenAIChatCompletionClient

CAN = ModelInfo(vision=False, function_calling=True, json_output=True, structured_output=True, family=ModelFamily.UNKNOWN)
CLIENT = OpenAIChatCompletionClient(model="scripted", base_url=os.environ["OPENAI_BASE_URL"], api_key="none", model_info=CAN)


@cl.on_chat_start  # type: ignore[untyped-decorator]
async def begin() -> None:
    agent = AssistantAgent("assistant", CLIENT, system_message="You are a helpful assistant.", model_client_stream=True)
    cl.user_session.set("agent", agent)


@cl.on_message  # type: ignore[untyped-decorator]
async def answer(message: cl.Message) -> None:
    agent: AssistantAgent = cl.user_session.get("agent")
    response = cl.Message(content="")
    async for event in agent.run_stream(task=message.content):
        if isinstance(event, ModelClientStreamingChunkEvent):
            await response.stream_token(event.content)
    await response.send()
