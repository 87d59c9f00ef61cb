"""Coding: an assistant and an executor that runs its programs."""

from agents.coding.mode import CODING
from pages.ui.chat import render_chat
from pages.ui.sandbox import render_sandbox

render_chat(CODING, render_sandbox)
