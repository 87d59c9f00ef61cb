"""Who may have a class loaded by its name: the operator, with a file on the server, and nobody with anything they send."""

import ast
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Self

import pytest
from autogen_core import Component
from pydantic import BaseModel

from agents.application import Application
from agents.exports import export_conversation
from agents.imports import read_import
from agents.models.demo import DemoClient
from agents.runs import Run
from state.conversations import Options
from state.exports import checksum
from state.settings import load_settings
from state.store import Store
from tests.conftest import ALICE
from tests.provider import Provider, Reply
from tests.server import ROOT


class Nothing(BaseModel):
    """A configuration that says nothing."""


class Tripwire(DemoClient, Component[Nothing]):
    """A class that a component's configuration can name; it notes when it is made."""

    component_type = "model"
    component_config_schema = Nothing
    made = 0

    def _to_config(self) -> Nothing:
        return Nothing()

    @classmethod
    def _from_config(cls, config: Nothing) -> Self:
        cls.made += 1
        return cls()


COMPONENT = {"provider": f"{__name__}.Tripwire", "component_type": "model", "config": {}}


@pytest.fixture(autouse=True)
def reset() -> Iterator[None]:
    yield
    Tripwire.made = 0


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A component's file that lies on the server, as code or an upload might leave one."""
    file = tmp_path / "client.json"
    file.write_text(json.dumps(COMPONENT))
    return file


def test_the_operator_s_file_is_loaded(monkeypatch: pytest.MonkeyPatch, openai_environment: dict[str, str], file: Path) -> None:
    """Without which the tests below could not fail."""
    monkeypatch.setenv("ROUNDTABLE_MODEL", str(file))
    Application(load_settings(env_file=None)).close()

    assert Tripwire.made > 0


def test_what_a_person_picks_or_imports_loads_nothing(
    ask: Callable[..., Run], app: Application, store: Store, provider: Provider, file: Path
) -> None:
    """Neither a picked model that is a path or a configuration, nor a file that says so wherever a file can."""
    for model in (str(file), json.dumps(COMPONENT)):
        assert ask("Hello", options=Options(model=model)).outcome == "finished"
    content = json.loads(export_conversation(store, ask("Hello").record.conversation))
    content["agent_state"]["llm_context"]["messages"].append(COMPONENT)
    content["agent_state"]["model_client"] = content["agent_state"]["model_context"] = COMPONENT
    content["conversation"]["options"] = content["conversation"].get("options", {}) | {"model": str(file)}
    content["runs"][0]["model"] = str(file)
    imported = app.runner.take_in(store, read_import(json.dumps({**content, "checksum": checksum(content)}).encode()))
    provider.enqueue(Reply("Hello again."))

    assert ask("And now?", imported).outcome == "finished"
    assert app.store(ALICE).conversation(imported).options.model == str(file)
    assert Tripwire.made == 0


def test_components_are_loaded_in_one_place() -> None:
    """Which `ModelSpec.component` leads to, set from the operator's settings and nowhere else."""

    def loads(file: Path) -> bool:
        nodes = ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        return any(isinstance(node, ast.Attribute) and node.attr == "load_component" for node in nodes)

    product = [file for folder in ("agents", "pages", "state") for file in (ROOT / folder).rglob("*.py")]
    assert [file.name for file in product if loads(file)] == ["providers.py"]
