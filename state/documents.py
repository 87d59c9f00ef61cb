"""Files an operator writes, JSON or YAML, and what is said of what is wrong in them."""

import json
import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml
from dotenv import dotenv_values
from pydantic import ValidationError

from state.errors import SettingsError

DOCUMENT_BYTES = 1_000_000


class _PlainLoader(yaml.SafeLoader):
    """Without aliases: with them a small file can stand for an endless or a gigantic one."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            raise yaml.composer.ComposerError(None, None, "aliases are not allowed here", self.peek_event().start_mark)  # type: ignore[no-untyped-call]  # PyYAML's own
        return super().compose_node(parent, index)


def load_document(file: Path, env_file: Path | None = Path(".env")) -> dict[str, Any]:
    """Read a JSON or YAML mapping, with `${NAME}` standing for a variable's value. Raises SettingsError."""
    try:
        if file.stat().st_size > DOCUMENT_BYTES:
            raise SettingsError(f"{file} is larger than such a file can be.")
        document = _parsed(file)
    except json.JSONDecodeError as error:
        raise SettingsError(f"{file}, line {error.lineno} cannot be read: {error.msg}.") from None
    except yaml.MarkedYAMLError as error:
        line = f", line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise SettingsError(f"{file}{line} cannot be read: {error.problem}.") from None
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:
        raise SettingsError(f"{file} cannot be read: {type(error).__name__}.") from None
    if not isinstance(document, dict):
        raise SettingsError(f"{file} has to hold a mapping.")
    variables = {**(dotenv_values(env_file) if env_file else {}), **os.environ}
    filled: dict[str, Any] = _filled_in(document, file, variables)
    return filled


def _parsed(file: Path) -> Any:
    """Read by the name: JSON may be indented with tabs, which PyYAML does not take."""
    text = file.read_text(encoding="utf-8")
    return json.loads(text) if file.suffix == ".json" else yaml.load(text, _PlainLoader)  # noqa: S506  # a safe loader


def file_exists(file: Path) -> bool:
    """Whether there is such a file. A name no file can have is that of none."""
    try:
        return file.exists()
    except OSError:  # a name longer than the system allows
        return False


def _filled_in(value: Any, file: Path, variables: Mapping[str, str | None]) -> Any:
    if isinstance(value, dict):
        return {key: _filled_in(inner, file, variables) for key, inner in value.items()}
    if isinstance(value, list):
        return [_filled_in(inner, file, variables) for inner in value]
    if not isinstance(value, str):
        return value
    names = re.findall(r"\$\{(\w+)\}", value)
    if missing := [name for name in names if not variables.get(name)]:
        raise SettingsError(f"{file} names the variable {missing[0]}, which is not set.")
    return re.sub(r"\$\{(\w+)\}", lambda match: variables[match.group(1)] or "", value)


def to_sentences(error: ValidationError) -> Iterable[str]:
    """Say what is wrong by its name; the value, which may be a secret, is left out."""
    for problem in error.errors(include_input=False):
        name = ".".join(str(part) for part in problem["loc"])
        message = problem["msg"].removeprefix("Value error, ")
        yield f"{name} has a value that cannot be used: {message[0].lower()}{message[1:]}."
