"""What answers took, in words."""

from state.events import Usage
from state.turns import Turn


def to_footnote(turn: Turn) -> str:
    """One quiet line about a turn that has ended: model, tokens, seconds, as far as they are known."""
    if turn.ended is None:
        return ""
    is_from_cache = all(ended.is_from_cache for ended in turn.endings)
    about = "about " if any(ended.is_estimated for ended in turn.endings) else ""
    taken = to_taken(turn.usage, turn.cost)
    parts = [turn.model, "from cache" if is_from_cache else taken and f"{about}{taken}"]
    took = f"{turn.seconds:.1f} s" if turn.seconds else ""  # nobody knows it of a run that was interrupted
    return " · ".join(filter(None, [*parts, took]))


def to_taken(usage: Usage, cost: float | None) -> str:
    """Say tokens, and their cost where a price is known; nothing for no tokens."""
    tokens = usage.prompt_tokens + usage.completion_tokens
    if not tokens:
        return ""
    split = f"{tokens:,} tokens ({usage.prompt_tokens:,} in, {usage.completion_tokens:,} out)"
    return split if cost is None else f"{split} · cost {cost:.4f} USD"


def to_count(number: int, noun: str) -> str:
    """Say how many there are of something."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
