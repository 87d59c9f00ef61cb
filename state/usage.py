"""What answers took over time: tokens and money, by model."""

from datetime import UTC, datetime

from pydantic import AwareDatetime
from sqlalchemy import Connection, Integer, cast, func, select

from state.events import Usage
from state.tables import conversations, runs
from state.values import Value

QUARTER = 900
"""Seconds. Days begin on a quarter of an hour everywhere, so that quarters can be gathered into anybody's days."""


class Used(Value):
    """What one model's answers took that were begun in one quarter of an hour."""

    begin: AwareDatetime
    """Of the quarter."""
    model: str
    answers: int
    usage: Usage
    cost: float | None
    """As far as prices were configured."""


def used_since(connection: Connection, moment: datetime) -> list[Used]:
    """What was used from a moment on, in order. Runs that took no tokens count nothing: copies in a branch, or answers from the cache.

    A conversation was changed when its latest run began, so only those changed since are looked into: both steps have an index.
    """
    begin = moment.timestamp()
    quarter = cast(runs.c.started / QUARTER, Integer).label("quarter")
    tokens = (func.sum(runs.c.prompt_tokens), func.sum(runs.c.completion_tokens))
    query = (
        select(quarter, runs.c.model, func.count(), *tokens, func.sum(runs.c.cost))
        .join(conversations, conversations.c.id == runs.c.conversation)
        .where(conversations.c.updated >= begin, runs.c.started >= begin, runs.c.prompt_tokens + runs.c.completion_tokens > 0)
        .group_by(quarter, runs.c.model)
        .order_by(quarter, runs.c.model)
    )
    return [_to_used(*row) for row in connection.execute(query)]


def _to_used(quarter: int, model: str, answers: int, prompt_tokens: int, completion_tokens: int, cost: float | None) -> Used:
    usage = Usage(prompt_tokens=prompt_tokens, completion_tokens=completion_tokens)
    return Used(begin=datetime.fromtimestamp(quarter * QUARTER, UTC), model=model, answers=answers, usage=usage, cost=cost)
