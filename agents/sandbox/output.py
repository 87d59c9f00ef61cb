"""What code prints: taken as it comes, as text whatever its bytes, without a terminal's colours, and not more than is bearable."""

import re
from codecs import getincrementaldecoder
from collections.abc import Callable

LINE_CHARACTERS = 4000
"""A longer line is handed on in pieces."""
_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)?|[ -/]*[0-~])")
"""ECMA-48: control sequences, control strings (titles, links) with their ends, and the shorter ones."""
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


class Output:
    """The output of one program, handed on line by line."""

    def __init__(self, kept_bytes: int, flood_bytes: int, listener: Callable[[str], object] = lambda _: None) -> None:
        self._kept_bytes = kept_bytes
        self._flood_bytes = flood_bytes
        self._listener = listener
        self._decoder = getincrementaldecoder("utf-8")("replace")
        self._pieces: list[str] = []
        self._line = ""
        self._taken = 0

    @property
    def text(self) -> str:
        """All that was kept, so far."""
        return "".join(self._pieces)

    @property
    def is_truncated(self) -> bool:
        return self._taken > self._kept_bytes

    @property
    def is_flood(self) -> bool:
        return self._taken > self._flood_bytes

    def take(self, data: bytes) -> None:
        """Take what was printed next."""
        fitting = data[: max(0, self._kept_bytes - self._taken)]
        self._taken += len(data)
        if fitting:
            self._hand_on(self._line + self._decoder.decode(fitting))

    def end(self) -> None:
        """Take what is left of a last line without an end."""
        self._say(self._line + self._decoder.decode(b"", final=True))
        self._line = ""

    def _hand_on(self, text: str) -> None:
        whole, line_end, self._line = text.rpartition("\n")
        self._say(whole + line_end)
        if len(self._line) > LINE_CHARACTERS:
            self._say(self._line)
            self._line = ""

    def _say(self, text: str) -> None:
        if text and (piece := plain(text)):
            self._pieces.append(piece)
            self._listener(piece)


def plain(text: str) -> str:
    """Text as a terminal would leave it, without colours: what a line's carriage returns wrote over is gone."""
    lines = _ESCAPES.sub("", text).replace("\r\n", "\n").split("\n")
    return "\n".join(_CONTROLS.sub("", line.rstrip("\r").rpartition("\r")[2]) for line in lines)
