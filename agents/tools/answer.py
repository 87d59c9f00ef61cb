"""What is read of a service's answer, and how a tool words its own."""

import json
from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict


class Answer(BaseModel):
    """A part of a service's answer: what we use of it is checked, what it has beside that is left out."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)


class Arguments(BaseModel):
    """What a model calls a tool with: a name nobody knows is told it, so that nothing it meant is passed over."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


def to_text(parts: Mapping[str, object]) -> str:
    """Word a result as JSON, which models read well and pages can lay out."""
    return json.dumps({name: part for name, part in parts.items() if part not in (None, "", [])}, ensure_ascii=False)


def plain(number: float) -> str:
    """Write a number without zeros nobody needs."""
    return f"{number:,.6f}".rstrip("0").rstrip(".")
