"""A page whose buttons can be pressed, and which keeps what it was shown: any word of another's, and any error, is noted."""

import asyncio
import json
import re

from streamlit.proto.Alert_pb2 import Alert
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.WidgetStates_pb2 import WidgetState

from tests.benchmarks.page import Page
from tests.benchmarks.readers import SECRET

WORD = re.compile(r"user\d+x")
MODE = "assistant"


class Tab(Page):
    """One of a user's, whom the proxy's header names. The user's own word is the only one that may come."""

    def __init__(self, url: str, number: int, wrong: list[str]) -> None:
        super().__init__(url, {"X-Forwarded-User": f"user{number}", "X-Roundtable-Secret": SECRET}, self._hear_draft)
        self.frames = 0
        self.has_words = asyncio.Event()
        self.number, self.user, self.word = number, f"user{number}", f"user{number}x"
        self._wrong = wrong
        self._buttons: dict[str, str] = {}
        self._blocks: list[str] = []

    @property
    def address(self) -> str:
        """Its query, which names the conversation."""
        return self._query

    @property
    def headers(self) -> dict[str, str]:
        return self._headers

    @property
    def words(self) -> int:
        """How many of the message being written it shows."""
        return len(WORD.findall("".join(self._blocks)))

    async def ask(self, prompt: str) -> None:
        self._blocks.clear()
        await self.send(prompt)

    async def press(self, key: str) -> None:
        """Press a button that was drawn, be it gone meanwhile."""
        await self.rerun(WidgetState(id=self._buttons[key], trigger_value=True))

    async def hang_up(self) -> None:
        """When the server has gone, and with it the live text."""
        if self._reading:
            await asyncio.gather(self._reading, return_exceptions=True)
        await self._socket.close()

    async def close(self) -> None:
        """What ended its live text before its time is an error."""
        if self._reading and self._reading.done():
            self._note(f"lost its live text: {self._reading.exception()!r}")
        await super().close()

    async def _received(self) -> bytes:
        data = await super()._received()
        self._check(data.decode("latin-1"))
        return data

    def _draw(self, element: Element) -> None:
        match element.WhichOneof("type"):
            case "button":
                self._buttons[element.button.id.rpartition("-")[2]] = element.button.id
            case "alert" if element.alert.format == Alert.ERROR:
                self._note(f"was told: {element.alert.body}")
        super()._draw(element)

    def _hear_draft(self, data: str) -> None:
        self._check(data)
        self.frames += 1
        frame = json.loads(data)
        at, keep, html = frame["at"], frame["keep"], frame["html"]
        kept = self._blocks[at][:keep] if at < len(self._blocks) else ""
        self._blocks[at:] = [kept + html[0], *html[1:]]
        if self.words:
            self.has_words.set()

    def _check(self, text: str) -> None:
        if foreign := set(WORD.findall(text)) - {self.word}:
            self._note(f"read {sorted(foreign)}")

    def _note(self, what: str) -> None:
        self._wrong.append(f"{self.user} {what}")


async def opened(url: str, number: int, wrong: list[str], address: str = "") -> Tab:
    tab = Tab(url, number, wrong)
    await tab.open(MODE, address)
    return tab
