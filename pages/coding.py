"""Coding: an assistant and an executor that runs its programs."""

from agents.coding.mode import CODING
from pages.ui.chat import render_chat

render_chat(CODING)
