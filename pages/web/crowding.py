"""How many pages one person may have open. Each is a websocket and a session of Streamlit's, whether anything is drawn in it or not."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import IPv6Address, ip_address, ip_network

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.types import Scope

from pages.web import sign_outs
from state.access import Access
from state.users import User

PAGES = 100
"""Of one user, or of one sign-in with OpenID Connect."""
PAGES_OF_AN_ADDRESS = 500
"""Of whoever is not known yet: many people may be behind one address, but a page is drawn for each of them before long."""
SUBNET = 64
"""Whoever has one IPv6 address has all that begin with the same so many bits."""
TOO_MANY = "You have too many pages open; close some of them, then reload this one."

Person = tuple[str, str]
"""How somebody is known, and as whom."""

_open: Counter[Person] = Counter()


def person_of(scope: Scope, user: User | None, access: Access) -> Person:
    cookies = HTTPConnection(scope).cookies
    if user is not None:
        return "user", user.name
    if access.auth == "local":
        return "user", access.auth
    if access.auth == "oidc" and sign_outs.is_drawn_for(cookies):
        return "sign-in", sign_outs.sign_in_of(cookies)
    return "address", _network(scope["client"][0] if scope.get("client") else "")


def has_too_many(person: Person) -> bool:
    return _open[person] >= (PAGES_OF_AN_ADDRESS if person[0] == "address" else PAGES)


def opens_a_page(scope: Scope) -> bool:
    is_page = scope["path"].count("/") == 1  # and no download, nor the way out
    return scope["type"] == "websocket" or (is_page and scope["method"] == "GET" and "text/html" in Headers(scope=scope).get("accept", ""))


@contextmanager
def counted(person: Person) -> Iterator[None]:
    """While a page's websocket is open."""
    _open[person] += 1
    try:
        yield
    finally:
        _open[person] -= 1
        if not _open[person]:
            del _open[person]


def _network(address: str) -> str:
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    is_wide = isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is None
    return str(ip_network((parsed, SUBNET), strict=False)) if is_wide else address
