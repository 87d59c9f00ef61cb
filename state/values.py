"""What all our values have in common."""

from pydantic import BaseModel, ConfigDict


class Value(BaseModel):
    """A frozen value that knows all its fields."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
