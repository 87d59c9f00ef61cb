"""The demo model: plays every mode without any key or network, the same every time, and says what it is."""

from agents.models.demo.client import WORD_SECONDS, DemoClient

__all__ = ["WORD_SECONDS", "DemoClient"]
