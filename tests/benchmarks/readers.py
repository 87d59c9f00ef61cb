"""Who reads answers in the benchmarks: pages of Roundtable, pages of Chainlit, and the bare openai client, all with one face."""

import asyncio
import os
import time
from typing import Literal, Protocol

import openai

from tests.benchmarks.chainlit_page import ChainlitPage
from tests.benchmarks.page import Page
from tests.benchmarks.texts import STAMP, milliseconds_since

Kind = Literal["roundtable", "chainlit", "client"]
SECRET = "of-the-benchmark"
TURNS = 10
"""Of a conversation; then the person begins another."""


class Lags:
    """How late each word of an answer came, in milliseconds."""

    def __init__(self) -> None:
        self.each: list[float] = []
        self.first: float | None = None
        self.began = asyncio.Event()
        self._last = -1

    def hear(self, text: str) -> None:
        """Take what came. A word that is drawn anew, with its paragraph, is not counted again."""
        now = time.monotonic()
        for word in STAMP.findall(text):
            late = milliseconds_since(word, now)
            if self._last == -1 or 0 < (int(word) - self._last) % 10**9 < 10**8:
                self._last = int(word)
                self.each.append(late)
        self.first = self.each[0] if self.each and self.first is None else self.first
        self.began.set()


class Reader(Protocol):
    """One person with one open page."""

    lags: Lags

    async def open(self) -> None: ...

    async def ask(self, prompt: str) -> None:
        """Send a prompt and read until its answer is whole."""

    @property
    def sizes(self) -> dict[str, int]:
        """Bytes that came, by the way they came."""

    async def close(self) -> None: ...


class RoundtableReader:
    def __init__(self, url: str, number: int, mode: str, query: str) -> None:
        self.lags = Lags()
        headers = {"X-Forwarded-User": f"user{number}", "X-Roundtable-Secret": SECRET}
        self._page = Page(url, headers, self.lags.hear)
        self._mode, self._query = mode, query
        self._asked = 0

    async def open(self) -> None:
        await self._page.open(self._mode, self._query)

    async def ask(self, prompt: str) -> None:
        if self._asked and self._asked % TURNS == 0:
            await self._page.begin_again()
        self._asked += 1
        self._page.ended.clear()
        await self._page.send(prompt)
        await self._page.ended.wait()

    @property
    def sizes(self) -> dict[str, int]:
        return {"live": self._page.live_bytes, "page": self._page.page_bytes, "reruns": self._page.reruns}

    async def close(self) -> None:
        await self._page.close()


class ChainlitReader:
    def __init__(self, url: str) -> None:
        self.lags = Lags()
        self._page = ChainlitPage(url, self.lags.hear)

    async def open(self) -> None:
        await self._page.open()

    async def ask(self, prompt: str) -> None:
        self._page.ended.clear()
        await self._page.send(prompt)
        await self._page.ended.wait()

    @property
    def sizes(self) -> dict[str, int]:
        return {"live": self._page.live_bytes, "page": 0, "reruns": 0}

    async def close(self) -> None:
        await self._page.close()


class ClientReader:
    """The floor: nothing between the provider and who reads."""

    _shared: openai.AsyncOpenAI | None = None

    def __init__(self, url: str) -> None:
        self.lags = Lags()
        ClientReader._shared = ClientReader._shared or openai.AsyncOpenAI(api_key="none", base_url=url)

    async def open(self) -> None:
        """There is no page."""

    async def ask(self, prompt: str) -> None:
        assert self._shared is not None
        stream = await self._shared.chat.completions.create(model="scripted", messages=[{"role": "user", "content": prompt}], stream=True)
        async with stream:
            async for chunk in stream:
                if chunk.choices and (text := chunk.choices[0].delta.content):
                    self.lags.hear(text)

    @property
    def sizes(self) -> dict[str, int]:
        return {"live": 0, "page": 0, "reruns": 0}

    async def close(self) -> None:
        """The client is shared."""


def reader(kind: Kind, url: str, number: int, mode: str = "assistant", query: str = "") -> Reader:
    match kind:
        case "roundtable":
            return RoundtableReader(url, number, mode, query)
        case "chainlit":
            return ChainlitReader(url)
        case "client":
            return ClientReader(url)


def header_environment(url_of_model: str) -> dict[str, str]:
    """The settings of a server whose users a proxy names, and whose model is ours."""
    several = {"ROUNDTABLE_AUTH": "header", "ROUNDTABLE_AUTH_SECRET": SECRET, "ROUNDTABLE_HOSTS": "127.0.0.1", "ROUNDTABLE_RUNS": "10000"}
    model = {"ROUNDTABLE_MODEL": "openai", "OPENAI_API_KEY": "none", "OPENAI_BASE_URL": url_of_model, "OPENAI_MODEL": "scripted"}
    return (
        several
        | model
        | {"ROUNDTABLE_TITLES": "prompt", "ROUNDTABLE_USER_PROMPTS": "100000", "PYTHONHASHSEED": os.environ.get("PYTHONHASHSEED", "0")}
    )
