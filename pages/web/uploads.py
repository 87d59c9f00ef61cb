"""Files that wait in memory: Streamlit keeps what is dropped into a page until it is sent, and asks neither whose it is nor how much."""

from collections import Counter
from collections.abc import Callable
from threading import Lock

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from agents.application import application
from state.users import User

PATH = "/_stcore/upload_file/"
WAITING = 10
"""How many files of the greatest size one user's pages may hold together: a prompt may take fifty photos along."""
MEGABYTE = 1_000_000
NOBODY_S = "This page is not yours to give files to; reload it."
NO_LENGTH = "Say how long the file is."
TOO_MUCH = "Your pages hold {megabytes:,} MB of files that are not sent yet, which is all they may. Send or remove some, or close a page."

Held = Callable[[str], int | None]
"""Gives the bytes that wait in a page, by its session; None for a page that is gone."""

_users: dict[str, User] = {}
"""Whom each open page was drawn for, by its session."""
_arriving: Counter[User] = Counter()
_lock = Lock()


def take_from(session: str, user: User, held: Held) -> None:
    """A page is drawn for a user, who may put files into it from then on."""
    if _users.get(session) == user:
        return
    with _lock:
        for gone in [other for other in _users if held(other) is None]:
            del _users[gone]
        _users[session] = user


class Uploads:
    """ASGI middleware before Streamlit's own way for files."""

    def __init__(self, app: ASGIApp, held: Held) -> None:
        self._app = app
        self._held = held

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "PUT" or not scope["path"].startswith(PATH):
            await self._app(scope, receive, send)
            return
        user = _users.get(scope["path"].removeprefix(PATH).partition("/")[0])
        length = _length(Headers(scope=scope))
        megabytes = WAITING * application().settings.upload_megabytes
        if user is None:
            await PlainTextResponse(NOBODY_S, status_code=403)(scope, receive, send)
        elif length is None:
            await PlainTextResponse(NO_LENGTH, status_code=411)(scope, receive, send)
        elif self._waiting(user) + length > megabytes * MEGABYTE:
            await PlainTextResponse(TOO_MUCH.format(megabytes=megabytes), status_code=413)(scope, receive, send)
        else:
            _arriving[user] += length
            try:
                await self._app(scope, receive, send)
            finally:
                _arriving[user] -= length

    def _waiting(self, user: User) -> int:
        """The bytes of all files that wait in a user's pages, or are on their way there."""
        with _lock:
            return _arriving[user] + sum(self._held(session) or 0 for session, owner in _users.items() if owner == user)


def _length(headers: Headers) -> int | None:
    """What a file says its length is; None where it says none, or is sent in chunks, which may be longer than it says."""
    length = headers.get("content-length", "")
    return int(length) if length.isdecimal() and "transfer-encoding" not in headers else None
