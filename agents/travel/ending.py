"""When the travel team is finished, and by which rule."""

import re
from collections.abc import Sequence

from autogen_agentchat.base import TerminatedException, TerminationCondition
from autogen_agentchat.messages import BaseAgentEvent, BaseChatMessage, StopMessage

MOST_MESSAGES = 12
"""The prompt among them, as AutoGen's MaxMessageTermination counts."""

_WORD = re.compile(r"[*_\"'“”.!\s]*(DONE|TERMINATE)[*_\"'“”.!\s]*")


class Ending(TerminationCondition):
    """Ends a team when its judge's own last line is DONE or TERMINATE, or when its messages have become too many.

    AutoGen's TextMentionTermination looks for a part of anybody's text: the person's "get it DONE", a quotation or ABANDONED would end it.
    Messages before the last prompt never count, so that what was said earlier may be sent along with it.
    """

    def __init__(self, judge: str, members: Sequence[str], most_messages: int = MOST_MESSAGES) -> None:
        self._judge = judge
        self._members = frozenset(members)
        self._most = most_messages
        self._count = 0
        self._is_terminated = False
        self.is_wanted = False
        """The team is to end with the message being written, for something else is to be told first."""

    @property
    def terminated(self) -> bool:
        return self._is_terminated

    async def __call__(self, messages: Sequence[BaseAgentEvent | BaseChatMessage]) -> StopMessage | None:
        """Look at the messages since the last call. The answer's text is a sentence about the rule that ended it."""
        if self._is_terminated:
            raise TerminatedException("This team has ended.")
        said = [message for message in messages if isinstance(message, BaseChatMessage)]
        for message in said:
            self._count = self._count + 1 if message.source in self._members else 1
        reason = self._reason(said[-1]) if said else None
        self._is_terminated = reason is not None
        return StopMessage(content=reason, source="Ending") if reason else None

    async def reset(self) -> None:
        self._count = 0
        self._is_terminated = False
        self.is_wanted = False

    def _reason(self, last: BaseChatMessage) -> str | None:
        if last.source == self._judge and (word := last_word(last.to_text())):
            return f"{self._judge} ended its message with {word}: the plan is complete."
        if self._count >= self._most:
            return f"The team had {self._most} messages without agreeing that the plan is complete. Go on with another prompt."
        return "The person said something." if self.is_wanted else None


def last_word(text: str) -> str | None:
    """Give DONE or TERMINATE when the last line holds nothing else, in bold or with a full stop too."""
    lines = text.strip().splitlines()
    found = _WORD.fullmatch(lines[-1]) if lines else None
    return found[1] if found else None
