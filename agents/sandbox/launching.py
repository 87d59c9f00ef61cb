"""The arguments that start a program under its limits; `launch.py` does it."""

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path


def launching(
    python: str, program: Sequence[str], folder: str, limits: dict[str, int], *, owner: int | None = None, is_bound: bool = False
) -> tuple[str, ...]:
    """Have `program` begin in a folder with the limits, as the user `owner` if one is given, bound to die with the server if so said."""
    told = {"folder": folder, "limits": limits, "owner": owner, "bound": is_bound}
    return (python, "-I", "-S", "-c", _launcher(), json.dumps(told), *program)


@cache
def _launcher() -> str:
    return Path(__file__).with_name("launch.py").read_text(encoding="utf-8")
