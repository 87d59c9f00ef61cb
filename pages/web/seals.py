"""The header by which the gate tells the pages who is there. It is signed, and replaces whatever a client sent under its name."""

from collections.abc import Iterable
from functools import lru_cache

from itsdangerous import BadData, URLSafeSerializer

from state.users import User

HEADER = "X-Roundtable-User"
_NAME = HEADER.lower().encode()

RawHeaders = Iterable[tuple[bytes, bytes]]


def sealed(secret: bytes, user: User) -> str:
    """The same for the same user, whenever it is made: Streamlit compares it when a browser connects again."""
    return _serializer(secret).dumps(user.name)


@lru_cache(maxsize=1000)  # a page asks a dozen times while it is drawn
def unsealed(secret: bytes, seal: str | None) -> User | None:
    """The user a seal names, or None when it is missing or was not made here."""
    try:
        name = _serializer(secret).loads(seal or "")
    except BadData:
        return None
    return User(name) if isinstance(name, str) else None


def put(headers: RawHeaders, seal: str | None) -> list[tuple[bytes, bytes]]:
    """The headers with our own in place of any other of its name."""
    others = [(name, value) for name, value in headers if name.lower() != _NAME]
    return others if seal is None else [*others, (_NAME, seal.encode())]


def _serializer(secret: bytes) -> URLSafeSerializer:
    return URLSafeSerializer(secret, salt="user")
