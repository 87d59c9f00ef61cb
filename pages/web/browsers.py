"""The cookie by which a browser is known where each browser has a space of its own."""

import uuid

from itsdangerous import BadData, URLSafeTimedSerializer
from starlette.datastructures import Headers
from starlette.requests import cookie_parser

from state.users import User

COOKIE = "roundtable_browser"
LIFETIME = 400 * 24 * 3600
"""Seconds a browser may stay away; each page it opens counts anew."""


def new() -> User:
    return User(f"browser:{uuid.uuid4().hex}")


def issued(secret: bytes, user: User) -> str:
    return _serializer(secret).dumps(user.name)


def known(secret: bytes, headers: Headers) -> User | None:
    """The browser that a request's cookie names; None without one, and for one that was not issued here, is too old or came twice."""
    values = [line for line in headers.getlist("cookie") if f"{COOKIE}=" in line]
    if len(values) != 1 or values[0].count(f"{COOKIE}=") != 1:
        return None
    try:
        name = _serializer(secret).loads(cookie_parser(values[0]).get(COOKIE, ""), max_age=LIFETIME)
    except BadData:
        return None
    return User(name) if isinstance(name, str) else None


def to_header(cookie: str) -> str:
    """Lax: a link from elsewhere must find its reader known, or the browser would be given a new space."""
    return f"{COOKIE}={cookie}; Max-Age={LIFETIME}; Path=/; HttpOnly; SameSite=Lax"


def secured(name: bytes, value: bytes) -> tuple[bytes, bytes]:
    """A cookie of an answer over HTTPS, for HTTPS alone, whoever set it."""
    is_open = name.lower() == b"set-cookie" and b"; secure" not in value.lower()
    return (name, value + b"; Secure") if is_open else (name, value)


def _serializer(secret: bytes) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(secret, salt="browser")
