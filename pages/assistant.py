"""Assistant: one agent to talk to."""

from agents.assistant import ASSISTANT
from pages.ui.chat import render_chat

render_chat(ASSISTANT)
