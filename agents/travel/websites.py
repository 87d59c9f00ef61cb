"""Addresses that come from outside, before anybody may click them."""

from urllib.parse import urlsplit


def safe_website(address: object) -> str | None:
    """Give an address back when it is one of the web's, and nothing for `javascript:`, for text, or for what could break out of a link."""
    if not isinstance(address, str) or len(address) > 500 or any(sign in address for sign in '<>"`\\()[]{}|') or not address.isprintable():
        return None
    try:
        parts = urlsplit(address.strip())
    except ValueError:
        return None
    is_web = parts.scheme in {"http", "https"} and parts.hostname and not parts.username and " " not in address.strip()
    return address.strip() if is_web else None
