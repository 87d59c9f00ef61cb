"""A scripted model server on loopback that speaks OpenAI's, Azure's, Anthropic's and Ollama's protocols over real HTTP."""

from tests.provider.script import Call, Cut, Gate, HangUp, Pause, Raw, Reply, Silence, Step, paced
from tests.provider.server import Provider, Request, serving

__all__ = ["Call", "Cut", "Gate", "HangUp", "Pause", "Provider", "Raw", "Reply", "Request", "Silence", "Step", "paced", "serving"]
