"""The tree that a conversation's runs are: the way to its tip, what lies beside it, and the states along it."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, reduce
from itertools import groupby
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Connection,
    FromClause,
    Integer,
    RowMapping,
    ScalarSelect,
    Select,
    and_,
    bindparam,
    func,
    insert,
    literal,
    select,
    true,
    union_all,
)

from state import pictures
from state.conversations import RunRecord, Versions
from state.events import Continued, LogEntry, UserMessage
from state.ids import new_id
from state.log import to_body
from state.snapshots import State, apply, diff, packed, unpacked
from state.tables import events, runs, snapshots

LONGEST_CHAIN = 50
"""How often an answer may be continued and still be shown from its beginning, in a window of a few events."""


def path(connection: Connection, run: str | None) -> list[str]:
    """The ids of the runs that lead to `run`, it being the last."""
    way = _way(run, lambda _: true())
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
    is_first_shown = parents.where(runs.c.parent.is_(None)).exists()
    same = (runs.c.parent.in_(parents), and_(runs.c.parent.is_(None), is_first_shown))  # asked as one, all runs would be looked at
    columns = select(runs.c.parent, runs.c.id, runs.c.started).where(runs.c.conversation == conversation)
    query = union_all(*(columns.where(each) for each in same)).order_by("parent", "started")
    beside = [[row.id for row in rows] for _, rows in groupby(connection.execute(query), lambda row: row.parent)]
    return {run: _place(run, ids) for ids in beside for run in ids if run in shown and len(ids) > 1}


def latest_turns(connection: Connection, run: str | None, limit: int) -> tuple[list[RowMapping], bool]:
    """The log's rows of the last turns on the way to `run`, whole turns of about `limit` events, and whether there are earlier ones."""
    shown = connection.execute(_latest(), {"run": run, "limit": limit}).all()
    return rows_of(connection, [row.id for row in shown]), bool(shown) and shown[-1].parent is not None


def run_of(connection: Connection, conversation: str, seq: int) -> str | None:
    """The run that an event belongs to; None where there is no such event."""
    query = select(events.c.run).where(events.c.conversation == conversation, events.c.seq == seq)
    return connection.execute(query).scalar()


def events_since(connection: Connection, tip: str | None, run: str) -> int:
    """How many events there are from the first of `run` on, on the way to `tip`; 0 where that does not lead over it."""
    way = _way(tip, lambda way: way.c.id != run)
    ids = list(connection.execute(select(way.c.id).order_by(way.c.distance)).scalars())
    if run not in ids:
        return 0
    return int(connection.execute(select(func.count()).where(events.c.run.in_(ids))).scalar_one())


def _events_of(run: FromClause) -> ScalarSelect[int]:
    return select(func.count()).where(events.c.run == run.c.id).scalar_subquery()


@cache  # to put it together costs more than to ask it, and each drawing of a page asks
def _latest() -> Select[tuple[str, str | None]]:
    """From the run `run` back until there are `limit` events, and on to where that turn began."""
    own, before, limit = runs.alias(), runs.alias(), bindparam("limit", type_=Integer)
    first = select(own.c.id, own.c.parent, own.c.continues, _events_of(own).label("total"), literal(1).label("length"))
    way = first.where(own.c.id == bindparam("run")).cte("way", recursive=True)
    step = select(before.c.id, before.c.parent, before.c.continues, way.c.total + _events_of(before), way.c.length + 1)
    is_to_go_on = (way.c.total < limit) | way.c.continues, way.c.length < limit + LONGEST_CHAIN
    way = way.union_all(step.join(way, before.c.id == way.c.parent).where(*is_to_go_on))
    return select(way.c.id, way.c.parent).order_by(way.c.length)


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
    patch = packed(diff(before, state), _known(connection, [run])[run])
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
    query = select(snapshots.c.run, snapshots.c.patch).join(chain, chain.c.run == snapshots.c.run).order_by(chain.c.distance.desc())
    rows = connection.execute(query).all()
    known = _known(connection, [row.run for row in rows])
    state: State | None = reduce(lambda old, row: apply(old, unpacked(row.patch, known[row.run])), rows, None)
    return state


def _known(connection: Connection, ids: Sequence[str]) -> Mapping[str, bytes]:
    """What the logs of runs say, as states are packed with it. It never changes, and a copy of a run has the same."""
    bodies = defaultdict[str, list[str]](list)
    query = select(events.c.run, events.c.body).where(events.c.run.in_(ids)).order_by(events.c.seq)
    for run, body in connection.execute(query):
        bodies[run].append(body)
    return {id: "".join(bodies[id]).encode("utf-8", "surrogatepass") for id in ids}


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
    new = {id: new_id() for id in ids}
    took = {"prompt_tokens": 0, "completion_tokens": 0, "cost": None}
    turns = connection.execute(select(runs).where(runs.c.id.in_(ids)).order_by(runs.c.started)).mappings().all()
    said = [{"seq": seq, "run": new[row["run"]], "body": row["body"]} for seq, row in enumerate(rows_of(connection, ids), start=1)]
    states = connection.execute(select(snapshots).where(snapshots.c.run.in_(ids))).mappings().all()
    for table, rows in (
        (runs, [{**row, **took, "id": new[row["id"]], "parent": new.get(row["parent"])} for row in turns]),
        (events, said),
        (snapshots, [{**row, "run": new[row["run"]], "base": new.get(row["base"])} for row in states]),
    ):
        if rows:
            connection.execute(insert(table), [{**row, "conversation": conversation} for row in rows])
    pictures.copy_uses(connection, new, conversation)
    return new[ids[-1]]


def take_in(connection: Connection, records: Sequence[RunRecord], entries: Sequence[LogEntry], conversation: str) -> Mapping[str, str]:
    """Put runs and their events, as a file holds them, into a conversation without any. Returns the runs' new ids by their old ones."""
    new = {record.id: new_id() for record in records}
    connection.execute(insert(runs), [_row(record, new, conversation) for record in records])
    rows = [{"conversation": conversation, "seq": entry.seq, "run": new[entry.run], "body": to_body(entry.event)} for entry in entries]
    connection.execute(insert(events), rows)
    for entry in entries:
        if isinstance(entry.event, UserMessage | Continued):
            pictures.note_uses(connection, conversation, new[entry.run], [image.id for image in entry.event.images])
    return new


def _row(record: RunRecord, new: Mapping[str, str], conversation: str) -> dict[str, Any]:
    """A run that had not ended is a lost one here, also one that waited: what a stranger's file asks must not be answered with a call."""
    status = record.status if record.ended else "running"
    moments = {"started": record.started.timestamp(), "ended": record.ended and record.ended.timestamp()}
    moved = {"id": new[record.id], "parent": new.get(record.parent or ""), "conversation": conversation, "status": status}
    return {**record.model_dump(), **moments, **moved}
