"""A file's name, made fit to be read."""

import re
import unicodedata

LONGEST = 80


def to_name(given: str) -> str:
    """Drop folders, and characters that are not seen or that turn the text around them."""
    last = re.split(r"[/\\]", given)[-1]
    seen = "".join(" " if unicodedata.category(character)[0] in "CZ" else character for character in last)
    return " ".join(seen.split()).strip(". ")[-LONGEST:] or "picture"  # from its end, where it says what kind it is
