"""A saved state refers to its pictures, and gets them back without decoding any."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import pytest
from autogen_agentchat.agents import AssistantAgent
from autogen_agentchat.messages import MultiModalMessage
from autogen_agentchat.teams import RoundRobinGroupChat
from autogen_core import Image
from autogen_core.models import UserMessage

from agents.images.encoded import EncodedImage
from agents.images.preparing import prepare
from agents.images.references import ids_in, with_data, with_images, with_references
from agents.models.demo import DemoClient
from state.snapshots import State
from tests.agents.images.pictures import corners, opened, photo, saved

PHOTO = prepare(saved(photo(400, 300), "JPEG"), "photo.jpg")
LOGO = prepare(saved(corners(), "PNG"), "logo.png")
BYTES = {image.stored.id: image.data for image in (PHOTO, LOGO)}
TASK = MultiModalMessage(content=["Look", EncodedImage(PHOTO.data), EncodedImage(LOGO.data)], source="user")


def agent(name: str = "assistant") -> AssistantAgent:
    return AssistantAgent(name, DemoClient(0))


def team() -> RoundRobinGroupChat:
    return RoundRobinGroupChat([agent("one"), agent("two")], max_turns=2)


def saved_state(of: AssistantAgent | RoundRobinGroupChat) -> State:
    async def work() -> Mapping[str, Any]:
        await of.run(task=TASK)
        return await of.save_state()

    return json.loads(json.dumps(asyncio.run(work())))  # type: ignore[no-any-return]  # a mapping, as states are


def loaded(of: AssistantAgent | RoundRobinGroupChat, state: State) -> State:
    async def work() -> State:
        await of.load_state(state)
        return await of.save_state()

    return asyncio.run(work())


@pytest.mark.parametrize("make", [agent, team])
def test_a_state_holds_references_and_no_pictures(make: Any) -> None:
    state = saved_state(make())
    referring, found = with_references(state)
    text = json.dumps(referring)

    assert found == BYTES
    assert ids_in(referring) == BYTES.keys()
    assert len(text) < len(PHOTO.data) < len(json.dumps(state))
    assert json.dumps({"image": PHOTO.stored.id}) in text
    assert '"data"' not in text


@pytest.mark.parametrize("make", [agent, team])
def test_the_way_back_is_the_same_to_the_byte(make: Any) -> None:
    state = saved_state(make())
    referring, _ = with_references(state)

    assert with_data(referring, BYTES.__getitem__) == state


@pytest.mark.parametrize("make", [agent, team])
def test_loading_and_saving_decode_nothing(make: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    referring, _ = with_references(saved_state(make()))

    def forbidden(*_: Any, **__: Any) -> None:
        raise AssertionError("a picture was decoded or encoded")

    monkeypatch.setattr("PIL.Image.open", forbidden)
    monkeypatch.setattr("PIL.Image.Image.save", forbidden)
    again, _ = with_references(loaded(make(), with_images(referring, BYTES.__getitem__)))

    assert again == referring


def test_an_agent_still_sees_the_pictures_of_a_loaded_state() -> None:
    referring, _ = with_references(saved_state(agent()))
    going_on = agent()

    async def work() -> list[Image]:
        await going_on.load_state(with_images(referring, BYTES.__getitem__))
        messages = await going_on.model_context.get_messages()
        return [part for message in messages if isinstance(message, UserMessage) for part in message.content if isinstance(part, Image)]

    images = asyncio.run(work())

    assert [image.data for image in images if isinstance(image, EncodedImage)] == [PHOTO.data, LOGO.data]
    assert "Image 2" in asyncio.run(going_on.run(task="What colours do the images have?")).messages[-1].to_text()


def test_plain_autogen_takes_the_state_with_its_data() -> None:
    referring, _ = with_references(saved_state(agent()))
    state = with_data(referring, BYTES.__getitem__)

    assert json.dumps(loaded(agent(), json.loads(json.dumps(state))))


def test_the_state_that_came_in_is_left_alone() -> None:
    state = saved_state(agent())
    before = json.dumps(state)
    with_references(state)

    assert json.dumps(state) == before


def test_pictures_that_agents_make_are_found_too() -> None:
    made = Image(opened(PHOTO.data))
    state = {"llm_context": {"messages": [UserMessage(content=["x", made], source="tool").model_dump()]}}
    _, found = with_references(state)

    assert [data[:4] for data in found.values()] == [b"\x89PNG"]


@pytest.mark.parametrize(
    "part",
    [
        "text",
        {"data": "no base64!"},
        {"data": "aGVsbG8="},
        {"data": 3},
        {"data": "aGVsbG8=", "more": 1},
        {"image": 3},
        {"image": "x", "more": 1},
        {"id": "call", "arguments": '{"data": "iVBORw0KGgo="}', "name": "tool"},
    ],
)
def test_what_only_looks_like_a_picture_stays(part: Any) -> None:
    state = {"messages": [{"type": "UserMessage", "content": [part]}, {"content": {"data": "iVBORw0KGgo="}}, {"arguments": [part]}]}

    assert with_references(state) == (state, {})
    assert with_images(state, BYTES.__getitem__) == state
