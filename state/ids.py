"""Ids of conversations and runs."""

import base64
import secrets


def new_id() -> str:
    """Make an id: 13 letters and digits that nobody can guess. Every event repeats two of them, so they are short."""
    return base64.b32encode(secrets.token_bytes(8)).decode().rstrip("=").lower()
