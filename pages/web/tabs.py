"""Whose each open page is. What Streamlit keeps for a page, it gives to whoever knows an address; here only who has the page gets it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock

from starlette.requests import HTTPConnection

from pages.web.readers import is_reader, sign_in_of
from state.users import User

Held = Callable[[str], int | None]
"""Gives the bytes of files that wait in a page, by its session; None for a page that is gone."""


@dataclass
class Tab:
    user: User
    sign_in: str
    """With OpenID Connect, the sign-in of its browser."""
    media: set[str] = field(default_factory=set)
    """The addresses of what was made for it: downloads and drawings."""

    def is_of(self, request: HTTPConnection) -> bool:
        return sign_in_of(request.cookies) == self.sign_in and is_reader(request, self.user)


_tabs: dict[str, Tab] = {}
"""By their sessions."""
_lock = Lock()


def draw(session: str, user: User, sign_in: str, held: Held) -> None:
    """A page is drawn for a user."""
    with _lock:
        tab = _tabs.get(session)
        if tab is not None and (tab.user, tab.sign_in) == (user, sign_in):
            return
        for gone in [other for other in _tabs if held(other) is None]:
            del _tabs[gone]
        _tabs[session] = Tab(user, sign_in)


def make(session: str, address: str) -> None:
    """Something was made for a page, to be fetched by that address."""
    if tab := _tabs.get(session):
        tab.media.add(address)


def find(session: str, request: HTTPConnection) -> Tab | None:
    """The page of that session, for who has it."""
    tab = _tabs.get(session)
    return tab if tab is not None and tab.is_of(request) else None


def is_made_for(address: str, request: HTTPConnection) -> bool:
    with _lock:
        makers = [tab for tab in _tabs.values() if address in tab.media]
    return any(tab.is_of(request) for tab in makers)


def sessions(user: User | None = None) -> list[str]:
    """Those of a user, or of all."""
    with _lock:
        return [session for session, tab in _tabs.items() if user in {None, tab.user}]
