"""What tools of MCP servers are named to a model."""

import re

NAME_CHARACTERS = 64
"""As OpenAI takes them, of letters, digits, _ and -."""


def to_name(server: str, tool: str) -> str:
    """Name a tool so that no two servers' tools, and none of ours, are named alike."""
    return re.sub(r"[^A-Za-z0-9_-]", "_", f"{server}__{tool}")[:NAME_CHARACTERS]
