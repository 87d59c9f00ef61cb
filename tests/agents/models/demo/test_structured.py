"""The demo model answers as JSON."""

import asyncio
import json
from datetime import date, datetime
from enum import Enum
from typing import Annotated, Any, Literal, Optional
from uuid import UUID

import pytest
from autogen_agentchat.agents import AssistantAgent
from autogen_agentchat.messages import StructuredMessage
from autogen_core import Image
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field, create_model

from agents.models.demo import DemoClient
from tests.agents.models.demo.conversation import history, said
from tests.agents.models.demo.test_images import dark, graphic


class Caption(BaseModel):
    title: str = Field(max_length=40)
    alt_text: str
    description: str
    tags: list[str]


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


class Form(BaseModel):
    kind: Literal["a", "b"]
    colour: Colour
    count: Annotated[int, Field(gt=0, le=5)]
    share: float = Field(gt=0, lt=1)
    below: float = Field(lt=0)
    sevens: int = Field(multiple_of=7, ge=10)
    captions: list[Caption] = Field(min_length=2)
    child: Optional["Form"] = None
    children: list["Form"] = []
    pair: tuple[int, str]
    named: dict[str, int]
    unique: set[int] = Field(min_length=3)
    is_open: bool
    long: str = Field(min_length=300)
    day: date
    moment: datetime
    key: UUID
    either: int | str
    anything: Any


def test_images_are_captioned() -> None:
    caption = Caption.model_validate_json(said(history(["Caption it", Image(graphic())]), json_output=Caption))

    assert caption.title == "Landscape graphic in white and blue"
    assert "640 × 480" in caption.alt_text
    assert "demo model" in caption.description
    assert {"graphic", "landscape", "white", "blue"} <= set(caption.tags)


def test_free_json_has_the_same_fields() -> None:
    answer = json.loads(said(history(["Caption them", Image(graphic()), Image(dark())]), json_output=True))

    assert {"title", "alt_text", "description", "tags", "width", "height"} <= set(answer)
    assert "demo model" in json.loads(said(history("Anything"), json_output=True))["answer"]


def test_any_form_is_filled_in() -> None:
    for messages in (history("Fill this in for Rome"), history([Image(graphic())]), history(""), []):
        Form.model_validate_json(said(messages, json_output=Form))


FIELDS = st.one_of(
    st.sampled_from([(str, ...), (int, ...), (float, ...), (bool, ...), (list[str], ...), (dict[str, int], ...), (str | None, None)]),
    st.tuples(st.integers(-50, 50), st.integers(1, 50)).map(lambda ends: (int, Field(ge=ends[0], le=ends[0] + ends[1]))),
    st.tuples(st.integers(-50, 50), st.integers(1, 50)).map(lambda ends: (float, Field(gt=ends[0], lt=ends[0] + ends[1]))),
    st.integers(0, 20).map(lambda size: (str, Field(min_length=size, max_length=size + 5))),
    st.integers(0, 5).map(lambda size: (list[int], Field(min_length=size, max_length=size))),
)


@given(st.dictionaries(st.sampled_from(["title", "tags", "width", "score", "place", "name", "colours", "note"]), FIELDS, max_size=5))
def test_any_simple_schema_validates(fields: dict[str, Any]) -> None:
    model: type[BaseModel] = create_model("Model", **fields)

    for messages in (history("Something in Rome"), history([Image(dark())])):
        model.model_validate_json(said(messages, json_output=model))


@pytest.mark.parametrize("prompt", ["", "Hello", "Rome"])
def test_an_agent_gives_a_structured_message(prompt: str) -> None:
    agent = AssistantAgent("assistant", DemoClient(0), output_content_type=Caption, model_client_stream=True)
    message = asyncio.run(agent.run(task=prompt)).messages[-1]

    assert isinstance(message, StructuredMessage)
    assert isinstance(message.content, Caption)
