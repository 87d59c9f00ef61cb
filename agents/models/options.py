"""What a model client is asked with beside the messages."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypedDict

from autogen_core import CancellationToken
from autogen_core.tools import Tool, ToolSchema
from pydantic import BaseModel

ToolChoice = Tool | Literal["auto", "required", "none"]


class Options(TypedDict, total=False):
    """As AutoGen's `ChatCompletionClient` has them; what is left out is none, and for the choice `auto`."""

    tools: Sequence[Tool | ToolSchema]
    tool_choice: ToolChoice
    json_output: bool | type[BaseModel] | None
    extra_create_args: Mapping[str, Any]
    cancellation_token: CancellationToken | None
