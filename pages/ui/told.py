"""What a component's script is told."""

from typing import Any


def told(**values: Any) -> list[dict[str, Any]]:
    """Values as JSON has them, for a component's `data`; its script reads them as `{ data: [data] }`.

    In a list, as Streamlit looks into a mapping for tables wherever a value is a list or a mapping itself, and loads pandas for that:
    85 MB, for which the first visitor would wait.
    """
    return [values]
