"""How long a model's first words take to the screen.

The clock starts when the scripted provider sends its first delta and stops when a real browser's page holds its text. Beside it
stands what the bare openai client needs to the same delta, as the floor.
"""

import asyncio
import statistics
import tempfile
import time
from pathlib import Path

import openai
from playwright.sync_api import sync_playwright

from tests import provider as scripted
from tests.benchmarks.results import Cell, Results, Scale, Table
from tests.browser.chat import Chat
from tests.browser.chromium import system_chromium
from tests.browser.conftest import ARGUMENTS
from tests.provider import Pause, Provider, Reply
from tests.server import Server

WATCH = """() => {
  window.firstText = new Promise((resolve) => new MutationObserver(() => {
    const text = document.querySelector(".live-text");
    if (text && text.textContent.trim()) resolve(performance.timeOrigin + performance.now());
  }).observe(document.body, { subtree: true, childList: true, characterData: true }));
}"""


def measure_page(provider: Provider, rounds: int) -> list[float]:
    """Seconds from the first delta to the text in the page, one a round."""
    environment = {"ROUNDTABLE_MODEL": "openai", "OPENAI_API_KEY": "none", "OPENAI_BASE_URL": provider.base_url, "OPENAI_MODEL": "scripted"}
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = Server(Path(folder) / "data", **environment)
        server.start()
        page = playwright.chromium.launch(executable_path=system_chromium(), args=ARGUMENTS).new_page()
        chat = Chat(page, server.url)
        seconds = []
        for number in range(rounds):
            chat.open("/assistant")
            provider.enqueue(Reply(Pause(0.5), "First ", Pause(0.5), "words."))
            page.evaluate(WATCH)
            chat.send(f"Round {number}")
            shown = page.evaluate("() => window.firstText") / 1000
            seconds.append(shown - (provider.requests[-1].first_delta or 0))
            page.wait_for_selector(".st-key-stop", state="detached")
        server.kill()
    return seconds


async def measure_client(provider: Provider, rounds: int) -> list[float]:
    """Seconds from the first delta to the bare client's hands."""
    client = openai.AsyncOpenAI(api_key="none", base_url=provider.base_url)
    seconds = []
    for _ in range(rounds):
        provider.enqueue(Reply(Pause(0.1), "First ", "words."))
        stream = await client.chat.completions.create(model="scripted", messages=[{"role": "user", "content": "Go"}], stream=True)
        async with stream:
            async for chunk in stream:
                if chunk.choices and chunk.choices[0].delta.content:
                    seconds.append(time.time() - (provider.requests[-1].first_delta or 0))
                    break
    await client.close()
    return seconds


def measure(scale: Scale) -> Results:
    rounds = scale.of(20, 3)
    with scripted.serving() as provider:
        page = measure_page(provider, rounds)
        client = asyncio.run(measure_client(provider, rounds))
    rows: dict[str, tuple[Cell, ...]] = {
        "median, ms": (1000 * statistics.median(page), 1000 * statistics.median(client)),
        "longest, ms": (1000 * max(page), 1000 * max(client)),
    }
    note = "From the provider's first delta to the text in the page's document, of a short prompt to a server that does nothing else."
    return Results([Table("The first words on the screen", ("", "a browser's page", "bare client"), rows, note)])
