"""Sign-ins with OpenID Connect that are over. Tabs that are open came with the cookie of one, and are nobody's from then on."""

import hashlib
from collections import OrderedDict
from collections.abc import Mapping

COOKIE = "_streamlit_user"
"""How the names of Streamlit's cookies of a sign-in begin; a long one is in several."""
PATH = "/auth/logout"
REMEMBERED = 10_000
"""How many there are of the latest. A tab lives no longer than its connection, so the server may forget them when it stops."""

_over: OrderedDict[str, None] = OrderedDict()


def sign_in_of(cookies: Mapping[str, str]) -> str:
    """Names one sign-in of one browser; empty without one."""
    parts = [f"{name}={value}" for name, value in sorted(cookies.items()) if name.startswith(COOKIE)]
    return hashlib.sha256("; ".join(parts).encode()).hexdigest() if parts else ""


def end(cookies: Mapping[str, str]) -> None:
    _over[sign_in_of(cookies)] = None
    while len(_over) > REMEMBERED:
        _over.popitem(last=False)


def is_signed_in(cookies: Mapping[str, str]) -> bool:
    """Whether these cookies are of a sign-in that nobody ended here. Whose it is, and whether it holds at all, Streamlit looks at."""
    sign_in = sign_in_of(cookies)
    return bool(sign_in) and sign_in not in _over
