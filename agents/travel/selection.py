"""Who speaks next, chosen by a model that may answer anything, and why it was that one."""

import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from autogen_agentchat.messages import BaseAgentEvent, BaseChatMessage
from autogen_core.models import AssistantMessage, ChatCompletionClient, CreateResult, LLMMessage, UserMessage

from agents.context import bounded
from state.events import Usage
from state.values import Value

MOST_ATTEMPTS = 3
ANSWER_LETTERS = 500
"""So much of an answer is kept to be shown."""

_PROMPT = """The following roles are available:
{roles}

Read the conversation, then select the next role from {names} to speak. Only return the role's name.

Conversation:

{history}

Select the next role from {names}. Answer with one name and nothing else.
"""
_THOUGHT = re.compile(r"</think(?:ing)?>")
"""The end of what some models think aloud before they answer."""

_log = logging.getLogger(__name__)


class Selection(Value):
    """Why this one spoke."""

    speaker: str
    candidates: tuple[str, ...]
    """Everybody but the speaker before."""
    answers: tuple[str, ...]
    """What the selector answered, attempt by attempt. It may be shorter than the attempts: a failed request has no answer."""
    attempts: int
    is_fallback: bool
    """No answer named a candidate, so the turn order decided."""
    why: str
    """A sentence."""
    usage: Usage
    """The tokens of all attempts."""


@dataclass(frozen=True)
class _Chat:
    """The part of a thread that a selection looks at."""

    messages: Sequence[BaseChatMessage]
    members: Sequence[str]

    @property
    def last(self) -> str | None:
        return self.messages[-1].source if self.messages else None

    @property
    def candidates(self) -> list[str]:
        """Everybody but the one who spoke last. After a prompt all may speak."""
        return [name for name in self.members if name != self.last]

    @property
    def silent(self) -> list[str]:
        """Who has not spoken since the last prompt."""
        prompt = max((place for place, message in enumerate(self.messages) if message.source not in self.members), default=-1)
        spoken = {message.source for message in self.messages[prompt + 1 :]}
        return [name for name in self.members if name not in spoken]


class Selector:
    """Asks a model who is next, a bounded number of times, and decides by turn order when it gets no answer it can use.

    AutoGen's own fallback is the speaker before, even where nobody may speak twice in a row
    (https://github.com/microsoft/autogen/issues/7471).
    """

    def __init__(self, client: ChatCompletionClient, roles: Mapping[str, str], context_tokens: int) -> None:
        """`roles` says of each member, in turn order, what it is for."""
        self.made: list[Selection] = []
        """The selections nobody has taken yet, oldest first."""
        self.first: str | None = None
        """Who speaks next without being chosen, as its turn was broken off."""
        self._client = client
        self._roles = roles
        self._context_tokens = context_tokens

    async def select(self, thread: Sequence[BaseAgentEvent | BaseChatMessage]) -> str:
        """Choose the next speaker: a `selector_func` for SelectorGroupChat."""
        if self.first is not None:
            speaker, self.first = self.first, None
            return speaker
        chat = _Chat([message for message in thread if isinstance(message, BaseChatMessage)], list(self._roles))
        selection = await self._ask(chat)
        self.made.append(selection)
        return selection.speaker

    async def _ask(self, chat: _Chat) -> Selection:
        request: list[LLMMessage] = [UserMessage(content=self._prompt(chat), source="user")]
        answers: list[str] = []
        usage = Usage()
        for attempt in range(1, MOST_ATTEMPTS + 1):
            try:
                result = await self._client.create(request)  # AutoGen cancels the whole selection when the run is stopped
            except Exception as error:  # whatever its server does, the run goes on; a client has tried again by itself before it raises
                _log.warning("the selector's request failed: %s", type(error).__name__)
                return _by_order(chat, answers, attempt, usage, "its request failed")
            answer = _text(result)
            answers.append(answer[:ANSWER_LETTERS])
            usage = usage.plus(Usage(prompt_tokens=result.usage.prompt_tokens, completion_tokens=result.usage.completion_tokens))
            if speaker := find_speaker(answer, chat.members, chat.candidates):
                return _by_choice(speaker, chat, answers, attempt, usage)
            request += _objection(answer, chat.candidates)
        return _by_order(chat, answers, MOST_ATTEMPTS, usage, "no answer named exactly one of them")

    def _prompt(self, chat: _Chat) -> str:
        roles = "\n".join(f"{name}: {' '.join(what.split())}" for name, what in self._roles.items())
        said: list[LLMMessage] = [UserMessage(content=message.to_text(), source=message.source) for message in chat.messages]
        recent = bounded(said, self._context_tokens)
        history = "\n\n".join(f"{message.source}: {message.content}" for message in recent if isinstance(message, UserMessage))
        return _PROMPT.format(roles=roles, names=str(chat.candidates), history=history)


def find_speaker(answer: str, members: Sequence[str], candidates: Sequence[str]) -> str | None:
    """Find the one candidate an answer names, in any case and spelling: `hotel agent`, `**Hotel-Agent**`, "Hotel".

    Who may not speak is not counted, or "after Travel_Advisor comes Hotel_Agent" would name two. When the whole names several, the last
    line may name one.
    """
    answer = _THOUGHT.split(answer)[-1].strip()
    for text in (answer, answer.rsplit("\n", 1)[-1]):
        named = [name for name in candidates if _is_named(name, text)] or _nicknamed(text, members, candidates)
        if len(named) == 1:
            return named[0]
    return None


def next_in_order(members: Sequence[str], candidates: Sequence[str], silent: Sequence[str], last: str | None) -> str:
    """Decide by turn order: the first candidate who has not spoken since the prompt, else the one after the last speaker."""
    waiting = [name for name in candidates if name in silent]
    if waiting:
        return waiting[0]
    place = members.index(last) + 1 if last in members else 0
    return next(name for name in [*members[place:], *members] if name in candidates)


def _is_named(name: str, text: str) -> bool:
    words = r"[\W_]*".join(map(re.escape, name.split("_")))
    return bool(re.search(rf"(?<![^\W_]){words}(?![^\W_])", text, re.IGNORECASE))


def _nicknamed(text: str, members: Sequence[str], candidates: Sequence[str]) -> list[str]:
    """Find candidates by a word that only their name has, in an answer too short to be a sentence."""
    spoken = set(re.findall(r"[^\W_]+", text.lower()))
    if len(spoken) > 3:
        return []
    words = {name: set(name.lower().split("_")) for name in members}
    return [name for name in candidates if spoken & words[name].difference(*(words[other] for other in members if other != name))]


def _objection(answer: str, candidates: Sequence[str]) -> list[LLMMessage]:
    feedback = f"That names no single role that may speak now. Answer with exactly one of {list(candidates)} and nothing else."
    return [AssistantMessage(content=answer or "(nothing)", source="selector"), UserMessage(content=feedback, source="user")]


def _text(result: CreateResult) -> str:
    """Give an answer's text; tool calls, which some models make unasked, are none."""
    return result.content if isinstance(result.content, str) else ""


def _titled(speaker: str) -> str:
    """As people know it."""
    return speaker.replace("_", " ").capitalize()


def _by_choice(speaker: str, chat: _Chat, answers: Sequence[str], attempts: int, usage: Usage) -> Selection:
    why = f"The selector chose {_titled(speaker)}" + (f" at attempt {attempts}." if attempts > 1 else ".")
    return _selection(speaker, chat, answers, attempts, usage, why, is_fallback=False)


def _by_order(chat: _Chat, answers: Sequence[str], attempts: int, usage: Usage, because: str) -> Selection:
    speaker = next_in_order(chat.members, chat.candidates, chat.silent, chat.last)
    why = f"The selector gave no next speaker, as {because}: {_titled(speaker)} is next in turn."
    return _selection(speaker, chat, answers, attempts, usage, why, is_fallback=True)


def _selection(speaker: str, chat: _Chat, answers: Sequence[str], attempts: int, usage: Usage, why: str, *, is_fallback: bool) -> Selection:
    return Selection(
        speaker=speaker,
        candidates=tuple(chat.candidates),
        answers=tuple(answers),
        attempts=attempts,
        is_fallback=is_fallback,
        why=why,
        usage=usage,
    )
