"""The team's selector: which participant speaks next."""

import ast
import re
from collections.abc import Sequence

from autogen_core.models import AssistantMessage, LLMMessage, SystemMessage, UserMessage

from agents.models.demo.request import Request, to_text

_ASKED = re.compile(
    r"\b(?:select|choose|pick|return|reply|respond|answer|output)\b[^.\n]{0,80}\b(?:role|name|agent|participant|speaker|member)s?\b",
    re.IGNORECASE,
)
_QUOTED = r"(?:'[^'\n]{1,100}'|\"[^\"\n]{1,100}\")"
_LIST = re.compile(rf"\[{_QUOTED}(?:, ?{_QUOTED})+\]")
_ROLES = re.compile(r"(?:^[A-Za-z_][\w-]*: ?[^\n]*(?:\n|\Z)){2,}", re.MULTILINE)
_ENTRY = r"(?:\A|\n\n|:\n)({names}): "

_ORDER = (r"plan|advis|research", r"flight", r"hotel|lodging", r"", r"writ|cod|execut", r"evaluat|review|critic|summar|judge")
"""Who speaks before whom, by words of the names; the empty one stands for every other name."""


def answer(request: Request) -> str | None:
    """Name the next speaker, when that is what is asked."""
    prompt = _prompt(request.messages)
    if prompt is None or not _ASKED.search(prompt):
        return None
    roles, history = _split(prompt)
    candidates = _candidates(prompt) or roles
    if len(candidates) < 2:
        return None
    named = [to_text(message) for message in request.messages if isinstance(message, AssistantMessage)]
    return _next([name for name in candidates if name not in named] or candidates, roles or candidates, history)


def _prompt(messages: Sequence[LLMMessage]) -> str | None:
    """Give the selector's prompt: it comes alone, or with the answers that were refused."""
    if not messages or not isinstance(messages[0], SystemMessage | UserMessage):
        return None
    is_alone = len(messages) == 1 or isinstance(messages[1], AssistantMessage)
    return to_text(messages[0]) if is_alone else None


def _candidates(prompt: str) -> list[str]:
    """Find the list of names; one whose every name has a line of its own is surest."""
    lists = [_names(found.group()) for found in _LIST.finditer(prompt)]
    sure = [names for names in lists if all(re.search(rf"^{re.escape(name)}:", prompt, re.MULTILINE) for name in names)]
    return sure[0] if sure else lists[-1] if lists else []


def _names(literal: str) -> list[str]:
    try:
        return [str(name) for name in ast.literal_eval(literal)]
    except (ValueError, SyntaxError):
        return []


def _split(prompt: str) -> tuple[list[str], str]:
    """Separate the roles, one a line, from the conversation below."""
    block = _ROLES.search(prompt)
    if block is None:
        return [], prompt
    return [line.split(":", 1)[0] for line in block.group().splitlines()], prompt[block.end() :]


def _next(candidates: Sequence[str], names: Sequence[str], history: str) -> str:
    spoken = _spoken(dict.fromkeys([*names, *candidates]), history)
    order = sorted(names, key=_rank)
    last = spoken[-1] if spoken else None
    others = [name for name in sorted(candidates, key=_rank) if name != last] or list(candidates)
    silent = [name for name in others if name not in spoken[_round(spoken) :]]
    if silent:
        return silent[0]
    following = order[order.index(last) + 1 :] if last and last in order else []
    return next((name for name in following if name in others), others[0])


def _spoken(names: dict[str, None], history: str) -> list[str]:
    """List who has spoken, prompts among them."""
    alternatives = "|".join(re.escape(name) for name in sorted({"user", *names}, key=len, reverse=True))
    return re.findall(_ENTRY.format(names=alternatives), history)


def _round(spoken: Sequence[str]) -> int:
    """Where the last prompt's round begins."""
    return max((place for place, name in enumerate(spoken) if name == "user"), default=-1) + 1


def _rank(name: str) -> int:
    return next((rank for rank, words in enumerate(_ORDER) if words and re.search(words, name, re.IGNORECASE)), _ORDER.index(""))
