"""How a page's address names a conversation, so that a reload or a bookmark comes back to it."""

ADDRESS = "conversation"
"""The query parameter."""
