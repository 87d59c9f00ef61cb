"""Files that wait in memory: Streamlit keeps what is dropped into a page until it is sent, and asks neither whose it is nor how much."""

from collections import Counter

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from agents.application import application
from pages.web import tabs
from pages.web.tabs import Held
from state.users import User

PATH = "/_stcore/upload_file/"
WAITING = 10
"""How many files of the greatest size one user's pages may hold together: a prompt may take fifty photos along."""
ALL_WAITING = 20
"""And all users' pages together."""
MEGABYTE = 1_000_000
NOBODY_S = "This page is not yours to give files to; reload it."
NO_LENGTH = "Say how long the file is."
TOO_MUCH = "Your pages hold {megabytes:,} MB of files that are not sent yet, which is all they may. Send or remove some, or close a page."
ALL_TAKEN = "The server holds as many files that are not sent yet as it can. Try again in a few minutes."

_arriving: Counter[User] = Counter()


class Uploads:
    """ASGI middleware before Streamlit's own way for files."""

    def __init__(self, app: ASGIApp, held: Held) -> None:
        self._app = app
        self._held = held

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] == "OPTIONS" or not scope["path"].startswith(PATH):
            await self._app(scope, receive, send)
            return
        tab = tabs.find(scope["path"].removeprefix(PATH).partition("/")[0], HTTPConnection(scope))
        if tab is None:
            await PlainTextResponse(NOBODY_S, status_code=403)(scope, receive, send)
        elif scope["method"] == "PUT":
            await self._put(tab.user, scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _put(self, user: User, scope: Scope, receive: Receive, send: Send) -> None:
        length = _length(Headers(scope=scope))
        if refusal := self._refusal(user, length):
            await refusal(scope, receive, send)
            return
        _arriving[user] += length or 0
        try:
            await self._app(scope, receive, send)
        finally:
            _arriving[user] -= length or 0
            if not _arriving[user]:
                del _arriving[user]

    def _refusal(self, user: User, length: int | None) -> PlainTextResponse | None:
        if length is None:
            return PlainTextResponse(NO_LENGTH, status_code=411)
        largest = application().settings.upload_megabytes
        if self._waiting(user) + length > WAITING * largest * MEGABYTE:
            return PlainTextResponse(TOO_MUCH.format(megabytes=WAITING * largest), status_code=413)
        if self._waiting() + length > ALL_WAITING * largest * MEGABYTE:
            return PlainTextResponse(ALL_TAKEN, status_code=503)
        return None

    def _waiting(self, user: User | None = None) -> int:
        """The bytes of all files that wait in a user's pages, or in all, or are on their way there."""
        arriving = _arriving.total() if user is None else _arriving[user]
        return arriving + sum(self._held(session) or 0 for session in tabs.sessions(user))


def _length(headers: Headers) -> int | None:
    """What a file says its length is; None where it says none, or is sent in chunks, which may be longer than it says."""
    length = headers.get("content-length", "")
    return int(length) if length.isdecimal() and "transfer-encoding" not in headers else None
