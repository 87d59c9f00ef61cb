"""What all our values have in common."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Count = Annotated[int, Field(ge=-(2**63), lt=2**63)]
"""A number a database can hold and a page can write: Python's own have no end, and a stranger's file may say any."""


class Value(BaseModel):
    """A frozen value that knows all its fields."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
