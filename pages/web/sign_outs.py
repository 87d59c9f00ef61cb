"""Sign-ins with OpenID Connect that are over. Tabs that are open came with the cookie of one, and are nobody's from then on."""

import hashlib
from collections import OrderedDict
from collections.abc import Mapping
from threading import Lock

COOKIE = "_streamlit_user"
"""Streamlit's cookie of a sign-in. A long one is in several, of which this one is signed and names the moment; others may be made up."""
PATH = "/auth/logout"
REMEMBERED = 10_000
"""How many sign-ins there are, those that a page was last drawn for. A tab lives no longer than its connection, so the server may forget
them when it stops."""

_is_over: OrderedDict[str, bool] = OrderedDict()
_lock = Lock()


def sign_in_of(cookies: Mapping[str, str]) -> str:
    """Names one sign-in of one browser; empty without one."""
    cookie = cookies.get(COOKIE)
    return hashlib.sha256(cookie.encode()).hexdigest() if cookie else ""


def note(cookies: Mapping[str, str]) -> None:
    """A page is drawn for this sign-in, which Streamlit has found to hold."""
    sign_in = sign_in_of(cookies)
    with _lock:
        _is_over.setdefault(sign_in, False)
        _is_over.move_to_end(sign_in)
        while len(_is_over) > REMEMBERED:
            _is_over.popitem(last=False)


def end(cookies: Mapping[str, str]) -> None:
    """One that no page was ever drawn for may be invented, and is not remembered."""
    sign_in = sign_in_of(cookies)
    with _lock:
        if sign_in in _is_over:
            _is_over[sign_in] = True


def is_signed_in(cookies: Mapping[str, str]) -> bool:
    """Whether these cookies are of a sign-in that nobody ended here. Whose it is, and whether it holds at all, Streamlit looks at."""
    sign_in = sign_in_of(cookies)
    return bool(sign_in) and not _is_over.get(sign_in, False)


def is_drawn_for(cookies: Mapping[str, str]) -> bool:
    """Whether a page was drawn for this sign-in, so that Streamlit has found it to hold."""
    return sign_in_of(cookies) in _is_over
