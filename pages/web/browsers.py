"""The cookie by which a browser is known where each browser has a space of its own."""

import uuid

from itsdangerous import BadData, URLSafeTimedSerializer
from starlette.datastructures import Headers
from starlette.requests import cookie_parser

from state.users import User

COOKIE = "roundtable_browser"
SECURE_COOKIE = "__Host-roundtable_browser"
"""Its name over HTTPS. Browsers take one of such a name from this very host only, so that no neighbour in the domain can lend its space."""
LIFETIME = 400 * 24 * 3600
"""Seconds a browser may stay away; each page it opens counts anew."""


def new() -> User:
    return User(f"browser:{uuid.uuid4().hex}")


def issued(secret: bytes, user: User) -> str:
    return _serializer(secret).dumps(user.name)


def cookie_for(scheme: str) -> str:
    """The name of the cookie, by the scheme of a request or websocket."""
    return SECURE_COOKIE if scheme in {"https", "wss"} else COOKIE


def known(secret: bytes, headers: Headers, cookie: str) -> User | None:
    """The browser that a request's cookie names; None without one, and for one that was not issued here, is too old or came twice."""
    values = [line for line in headers.getlist("cookie") if f"{cookie}=" in line]
    if len(values) != 1 or values[0].count(f"{cookie}=") != 1:
        return None
    try:
        name = _serializer(secret).loads(cookie_parser(values[0]).get(cookie, ""), max_age=LIFETIME)
    except BadData:
        return None
    return User(name) if isinstance(name, str) else None


def to_header(cookie: str, value: str) -> str:
    """Lax: a link from elsewhere must find its reader known, or the browser would be given a new space."""
    return f"{cookie}={value}; Max-Age={LIFETIME}; Path=/; HttpOnly; SameSite=Lax"


def secured(name: bytes, value: bytes) -> tuple[bytes, bytes]:
    """A cookie of an answer over HTTPS, for HTTPS alone, whoever set it."""
    is_open = name.lower() == b"set-cookie" and b"; secure" not in value.lower()
    return (name, value + b"; Secure") if is_open else (name, value)


def _serializer(secret: bytes) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(secret, salt="browser")
