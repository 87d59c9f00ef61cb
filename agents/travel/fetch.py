"""What the facts need of the web, and nothing more."""

from collections.abc import Mapping
from typing import Any, Protocol


class Fetch(Protocol):
    """Ask an address for JSON. Whoever provides it cares for time limits, politeness, the cache and errors."""

    async def __call__(self, url: str, data: Mapping[str, str], /) -> Mapping[str, Any]:
        """Send `data` as the address's parameters and give the answer's JSON object. Raises an error whose text is a sentence."""
        ...
