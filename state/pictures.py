"""The pictures of a user's conversations in the database: each once, and which runs hold it."""

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, delete, insert, select

from state.tables import image_uses, images


def keep(connection: Connection, data: Mapping[str, bytes]) -> None:
    """Store pictures, by their ids, that are not there yet."""
    if data:
        rows = [{"id": id, "data": content} for id, content in data.items()]
        connection.execute(insert(images).prefix_with("OR IGNORE"), rows)


def note_uses(connection: Connection, conversation: str, run: str, ids: Iterable[str]) -> None:
    """Remember that a run holds pictures, which are stored already."""
    rows = [{"conversation": conversation, "run": run, "image": id} for id in dict.fromkeys(ids)]
    if rows:
        connection.execute(insert(image_uses).prefix_with("OR IGNORE"), rows)


def load(connection: Connection, id: str) -> bytes | None:
    data: bytes | None = connection.execute(select(images.c.data).where(images.c.id == id)).scalar()
    return data


def of_conversation(connection: Connection, conversation: str) -> dict[str, bytes]:
    """All pictures of a conversation by their ids."""
    held = select(image_uses.c.image).where(image_uses.c.conversation == conversation)
    return {row.id: row.data for row in connection.execute(select(images).where(images.c.id.in_(held)).order_by(images.c.id))}


def copy_uses(connection: Connection, runs: Mapping[str, str], conversation: str) -> None:
    """Let copies of runs, new ids by old ones, hold what the originals hold."""
    held = connection.execute(select(image_uses).where(image_uses.c.run.in_(list(runs)))).all()
    if held:
        connection.execute(insert(image_uses), [{"conversation": conversation, "run": runs[row.run], "image": row.image} for row in held])


def drop_unused(connection: Connection) -> None:
    """Delete what no run holds any more."""
    connection.execute(delete(images).where(images.c.id.not_in(select(image_uses.c.image))))
