"""Which blocks of a message are run."""

import pytest

from agents.coding.blocks import code_blocks

LANGUAGES = {"python", "sh"}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("```python\nprint(1)\n```", [("python", "print(1)\n")]),
        ("Two:\n\n```python\n1\n```\n\n```sh\nls\n```\nDone.", [("python", "1\n"), ("sh", "ls\n")]),
        ("```Python title=x\n1\n```", [("python", "1\n")]),
        ("~~~python\n1\n~~~", [("python", "1\n")]),
        ("1. First\n   ```python\n   1\n   ```", [("python", "1\n")]),
        ("````python\nprint('```')\n````", [("python", "print('```')\n")]),
        ("> You said:\n> ```python\n> 1\n> ```", []),
        ("````markdown\n```python\n1\n```\n````", []),
        ("```python\nprint(1)", []),
        ("```python\nprint(1)\n", []),
        ("```python", []),
        ("```\nls\n```", []),
        ("```javascript\n1\n```", []),
        ("Use `python` here.", []),
        ("    ```python\n    1\n    ```", []),
        ("", []),
    ],
)
def test_blocks_are_found_as_markdown_has_them(text: str, found: list[tuple[str, str]]) -> None:
    """None that is quoted, shown in another block, broken off, or in a language that is not run."""
    assert [(block.language, block.code) for block in code_blocks(text, LANGUAGES)] == found
