"""Images: pictures to ask about."""

from agents.images_mode import IMAGES
from pages.ui.chat import render_chat

render_chat(IMAGES)
