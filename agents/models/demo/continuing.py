"""The demo model's own way to go on with an answer that was broken off: it writes the answer again and leaves out what is there."""

import re

from agents.models.demo.request import Request, to_text

_GO_ON = re.compile(
    r"^Your answer was broken off\. Go on with it(?: right behind these words, and repeat nothing: “…(?P<tail>.*)”|\.)$", re.DOTALL
)


def unbroken(request: Request) -> Request | None:
    """The request whose answer was broken off; None when this one asks for something of its own."""
    if not _GO_ON.match(request.prompt):
        return None
    asked = [place for place, message in enumerate(request.messages) if request.is_prompt(message) and not _GO_ON.match(to_text(message))]
    messages = request.messages[: asked[-1] + 1] if asked else []
    return Request(messages, request.tools, request.tool_choice, request.json_output)


def rest(request: Request, whole: str) -> str:
    """What of the whole answer is still to be written."""
    go_on = _GO_ON.match(request.prompt)
    tail = go_on.group("tail") if go_on else None
    return whole.partition(tail)[2] or whole if tail else whole
