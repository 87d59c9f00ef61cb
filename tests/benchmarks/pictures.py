"""What a 12-megapixel photo costs, as AutoGen's image and as ours."""

import asyncio
import json
import time
from collections.abc import Callable, Mapping
from typing import Any

from autogen_agentchat.agents import AssistantAgent
from autogen_agentchat.messages import MultiModalMessage
from autogen_agentchat.teams import RoundRobinGroupChat
from autogen_core import Image
from autogen_ext.models.replay import ReplayChatCompletionClient

from agents.images.encoded import EncodedImage
from agents.images.preparing import prepare
from agents.images.references import with_images, with_references
from tests.agents.images.pictures import opened, photo, saved
from tests.benchmarks.results import Cell, Results, Scale, Table


def milliseconds(work: Callable[..., object], *arguments: object, rounds: int = 3) -> float:
    began = time.perf_counter()
    for _ in range(rounds):
        work(*arguments)
    return (time.perf_counter() - began) * 1000 / rounds


def by_hand(data: bytes) -> bytes:
    return saved(opened(data).resize((1568, 1176)), "JPEG", quality=85)


def team() -> RoundRobinGroupChat:
    agents = [AssistantAgent(name, ReplayChatCompletionClient(["Yes."])) for name in ("one", "two", "three", "four")]
    return RoundRobinGroupChat([*agents], max_turns=len(agents))


def converse(image: Image) -> Mapping[str, Any]:
    async def work() -> Mapping[str, Any]:
        made = team()
        await made.run(task=MultiModalMessage(content=["Look", image], source="user"))
        return await made.save_state()

    return asyncio.run(work())


def reload(state: Mapping[str, Any]) -> None:
    """Load a state and save it, as every turn does."""

    async def work() -> None:
        made = team()
        await made.load_state(state)
        await made.save_state()

    asyncio.run(work())


def measure(_scale: Scale) -> Results:
    data = saved(photo(4032, 3024), "JPEG", quality=92)
    image = prepare(data, "photo.jpg")
    raw, small, ours = Image(opened(data)), Image(opened(image.data)), EncodedImage(image.data)
    state = converse(ours)
    referring, found = with_references(state)
    rows: dict[str, tuple[Cell, ...]] = {
        "prepare a file, ms": (milliseconds(prepare, data, "photo.jpg"), milliseconds(by_hand, data)),
        "each use of the unprepared picture, ms": (None, milliseconds(raw.to_openai_format)),
        "each use, ms": (milliseconds(ours.to_openai_format), milliseconds(small.to_openai_format)),
        "characters of each use": (float(len(ours.data_uri)), float(len(small.data_uri))),
        "a run of four agents and its saved state, ms": (milliseconds(converse, ours, rounds=1), milliseconds(converse, small, rounds=1)),
        "a saved state, characters": (float(len(json.dumps(referring))), float(len(json.dumps(state)))),
        "load a state and save it, ms": (
            milliseconds(reload, with_images(referring, found.__getitem__), rounds=1),
            milliseconds(reload, state, rounds=1),
        ),
    }
    return Results([Table("A photo of 12 megapixels", ("", "Roundtable", "AutoGen's own image"), rows)])
