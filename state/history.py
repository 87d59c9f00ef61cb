"""The tree that a conversation's runs are: the way to its tip, what lies beside it, and the states along it."""

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import reduce
from itertools import groupby
from typing import Any

from sqlalchemy import CTE, ColumnElement, Connection, RowMapping, and_, func, insert, literal, select, true

from state.conversations import RunRecord, Versions
from state.events import LogEntry
from state.snapshots import State, apply, diff, packed, unpacked
from state.tables import events, runs, snapshots

LONGEST_CHAIN = 50
"""How often an answer may be continued and still be shown from its beginning, in a window of a few events."""


def path(connection: Connection, run: str | None, *, limit: int | None = None) -> list[str]:
    """The ids of the runs that lead to `run`, it being the last; only the last `limit` of them, if that is given."""
    way = _way(run, lambda way: true() if limit is None else way.c.distance < limit - 1)
    return list(connection.execute(select(way.c.id).order_by(way.c.distance.desc())).scalars())


def latest_of(connection: Connection, conversation: str, run: str) -> str:
    """The newest run that follows `run`, at whatever distance; `run` itself when none does."""
    tree = select(runs.c.id, runs.c.started).where(runs.c.conversation == conversation, runs.c.id == run).cte(recursive=True)
    after = runs.alias()
    tree = tree.union_all(
        select(after.c.id, after.c.started).join(tree, and_(after.c.parent == tree.c.id, after.c.conversation == conversation))
    )
    return str(connection.execute(select(tree.c.id).order_by(tree.c.started.desc(), tree.c.id).limit(1)).scalar_one())


def next_of(connection: Connection, conversation: str, run: str | None) -> str | None:
    """The newest of the runs that follow `run` directly, or of the first ones."""
    query = select(runs.c.id).where(runs.c.conversation == conversation, runs.c.parent.is_(run) if run is None else runs.c.parent == run)
    return connection.execute(query.order_by(runs.c.started.desc()).limit(1)).scalar()


def versions(connection: Connection, conversation: str, shown: Sequence[str]) -> Mapping[str, Versions]:
    """What lies beside each of the runs shown, where anything does."""
    parents = select(runs.c.parent).where(runs.c.id.in_(shown))
    same = runs.c.parent.in_(parents) | (runs.c.parent.is_(None) & parents.where(runs.c.parent.is_(None)).exists())
    query = select(runs.c.parent, runs.c.id).where(runs.c.conversation == conversation, same).order_by(runs.c.parent, runs.c.started)
    beside = [[row.id for row in rows] for _, rows in groupby(connection.execute(query), lambda row: row.parent)]
    return {run: _place(run, ids) for ids in beside for run in ids if run in shown and len(ids) > 1}


def latest_turns(connection: Connection, run: str | None, limit: int) -> tuple[list[RowMapping], bool]:
    """The log's rows of the last turns on the way to `run`, whole turns of about `limit` events, and whether there are earlier ones."""
    way = path(connection, run, limit=limit + LONGEST_CHAIN)
    count = select(func.count()).where(events.c.run == runs.c.id).scalar_subquery()
    about = {row.id: row for row in connection.execute(select(runs.c.id, runs.c.parent, runs.c.continues, count).where(runs.c.id.in_(way)))}
    shown: list[str] = []
    total = 0
    for id in reversed(way):
        if total >= limit and not about[shown[-1]].continues:
            break
        shown.append(id)
        total += about[id][-1]
    return rows_of(connection, shown), bool(shown) and about[shown[-1]].parent is not None


def rows_of(connection: Connection, ids: Iterable[str]) -> list[RowMapping]:
    """The log's rows of some runs, in order."""
    return list(connection.execute(select(events).where(events.c.run.in_(list(ids))).order_by(events.c.seq)).mappings())


def state_at(connection: Connection, run: str | None) -> tuple[State | None, list[str]]:
    """The last state left on the way to `run`, and the runs that followed it there."""
    way = _way(run, lambda way: ~select(snapshots.c.run).where(snapshots.c.run == way.c.id).exists())
    ids = list(connection.execute(select(way.c.id).order_by(way.c.distance.desc())).scalars())
    saved = connection.execute(select(snapshots.c.run).where(snapshots.c.run.in_(ids[:1]))).scalar()
    return _state(connection, saved), ids if saved is None else ids[1:]


def save_state(connection: Connection, conversation: str, run: str, state: State) -> None:
    """Keep what is new in the state a run leaves."""
    before, after = state_at(connection, run)
    base = _parent(connection, after[0])
    patch = packed(diff(before, state))
    connection.execute(insert(snapshots).values(run=run, conversation=conversation, base=base if before is not None else None, patch=patch))


def _way(run: str | None, is_to_go_on: Callable[[CTE], ColumnElement[bool]]) -> CTE:
    """From a run to its parent, and from there on as long as that is wanted of the step before."""
    way = select(runs.c.id, runs.c.parent, literal(0).label("distance")).where(runs.c.id == run).cte("way", recursive=True)
    before = runs.alias()
    step = select(before.c.id, before.c.parent, way.c.distance + 1).join(way, before.c.id == way.c.parent)
    return way.union_all(step.where(is_to_go_on(way)))


def _state(connection: Connection, run: str | None) -> State | None:
    chain = select(snapshots.c.run, snapshots.c.base, literal(0).label("distance")).where(snapshots.c.run == run).cte(recursive=True)
    before = snapshots.alias()
    chain = chain.union_all(select(before.c.run, before.c.base, chain.c.distance + 1).join(chain, before.c.run == chain.c.base))
    query = select(snapshots.c.patch).join(chain, chain.c.run == snapshots.c.run).order_by(chain.c.distance.desc())
    state: State | None = reduce(lambda old, row: apply(old, unpacked(row.patch)), connection.execute(query), None)
    return state


def _parent(connection: Connection, run: str) -> str | None:
    parent: str | None = connection.execute(select(runs.c.parent).where(runs.c.id == run)).scalar_one()
    return parent


def _place(run: str, ids: Sequence[str]) -> Versions:
    at = ids.index(run)
    return Versions(number=at + 1, count=len(ids), previous=ids[at - 1] if at else None, next=ids[at + 1] if at + 1 < len(ids) else None)


def copy(connection: Connection, ids: Sequence[str], conversation: str) -> str:
    """Copy runs that follow one another, with their events and states, to a conversation without any. Returns the last one's new id.

    The copies count no tokens: these were paid for once.
    """
    new = {id: uuid.uuid4().hex for id in ids}
    for row in connection.execute(select(runs).where(runs.c.id.in_(ids)).order_by(runs.c.started)).mappings().all():
        took = {"prompt_tokens": 0, "completion_tokens": 0, "cost": None}
        moved = {"id": new[row["id"]], "conversation": conversation, "parent": new.get(row["parent"])}
        connection.execute(insert(runs).values({**row, **took, **moved}))
    for seq, row in enumerate(rows_of(connection, ids), start=1):
        connection.execute(insert(events).values(conversation=conversation, seq=seq, run=new[row["run"]], body=row["body"]))
    for row in connection.execute(select(snapshots).where(snapshots.c.run.in_(ids))).mappings().all():
        moved = {"run": new[row["run"]], "conversation": conversation, "base": new.get(row["base"])}
        connection.execute(insert(snapshots).values({**row, **moved}))
    return new[ids[-1]]


def take_in(connection: Connection, records: Sequence[RunRecord], entries: Sequence[LogEntry], conversation: str) -> Mapping[str, str]:
    """Put runs and their events, as a file holds them, into a conversation without any. Returns the runs' new ids by their old ones."""
    new = {record.id: uuid.uuid4().hex for record in records}
    connection.execute(insert(runs), [_row(record, new, conversation) for record in records])
    rows = [
        {"conversation": conversation, "seq": entry.seq, "run": new[entry.run], "body": entry.event.model_dump_json()} for entry in entries
    ]
    connection.execute(insert(events), rows)
    return new


def _row(record: RunRecord, new: Mapping[str, str], conversation: str) -> dict[str, Any]:
    status = record.status if record.ended else "running"  # whatever it waited for in the file, nobody here is asked to go on with it
    moments = {"status": status, "started": record.started.timestamp(), "ended": record.ended and record.ended.timestamp()}
    moved = {"id": new[record.id], "parent": new.get(record.parent or ""), "conversation": conversation}
    return {**record.model_dump(), **moments, **moved}
