"""What the person thought of answers: good or bad, and why."""

from collections.abc import Mapping, Sequence
from typing import Literal

from pydantic import AwareDatetime, Field
from sqlalchemy import Connection, delete, insert, select

from state.tables import feedback
from state.values import Value

Verdict = Literal["good", "bad"]
LONGEST_COMMENT = 2_000


class Feedback(Value):
    """The verdict on one run's answer; the last one given counts."""

    run: str
    verdict: Verdict
    comment: str = Field(default="", max_length=LONGEST_COMMENT)
    time: AwareDatetime


def of_conversation(connection: Connection, conversation: str) -> list[Feedback]:
    """In the order it was given."""
    query = select(feedback.c.body).where(feedback.c.conversation == conversation).order_by(feedback.c.time)
    return [Feedback.model_validate_json(body) for body in connection.execute(query).scalars()]


def forget(connection: Connection, run: str) -> None:
    connection.execute(delete(feedback).where(feedback.c.run == run))


def put(connection: Connection, conversation: str, given: Feedback) -> None:
    """Keep a verdict in place of any before it."""
    forget(connection, given.run)
    row = {"run": given.run, "conversation": conversation, "time": given.time.timestamp(), "body": given.model_dump_json()}
    connection.execute(insert(feedback).values(row))


def take_in(connection: Connection, conversation: str, given: Sequence[Feedback], new: Mapping[str, str]) -> None:
    """Keep a file's verdicts; `new` are the runs' ids here by those in the file."""
    for each in given:
        put(connection, conversation, each.model_copy(update={"run": new[each.run]}))
