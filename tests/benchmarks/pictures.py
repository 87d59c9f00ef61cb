"""What a 12-megapixel photo costs, as AutoGen's image and as ours: `python -m tests.benchmarks.pictures`."""

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


def report(line: str) -> None:
    print(line)  # noqa: T201


def main() -> None:
    data = saved(photo(4032, 3024), "JPEG", quality=92)
    image = prepare(data, "photo.jpg")
    prepared, decoded = milliseconds(prepare, data, "photo.jpg"), milliseconds(by_hand, data)
    report(f"prepare {prepared:.0f} ms; by hand, with all of it decoded, {decoded:.0f} ms")
    raw, small, ours = Image(opened(data)), Image(opened(image.data)), EncodedImage(image.data)
    for name, used in (("AutoGen's", raw), ("AutoGen's, prepared", small), ("ours", ours)):
        report(f"{name}: {len(used.data_uri):,} characters, each use {milliseconds(used.to_openai_format):.2f} ms")
    for name, used in (("AutoGen's, prepared", small), ("ours", ours)):
        report(f"{name}: a run of four agents and its saved state {milliseconds(converse, used, rounds=1):.0f} ms")
    state = converse(ours)
    referring, found = with_references(state)
    report(f"a state of {len(json.dumps(state)):,} characters with its picture, {len(json.dumps(referring)):,} with references")
    for name, kept in (("AutoGen's", state), ("ours", with_images(referring, found.__getitem__))):
        report(f"{name}: loaded and saved again in {milliseconds(reload, kept, rounds=1):.1f} ms")


if __name__ == "__main__":
    main()
