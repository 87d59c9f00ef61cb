"""Travel: a team that plans a trip."""

from agents.travel.mode import TRAVEL
from pages.ui.chat import render_chat

render_chat(TRAVEL)
