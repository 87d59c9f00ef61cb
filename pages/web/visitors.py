"""Who sends a request, by the way of signing in that the settings name."""

import hmac
import re
from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.types import Scope

from pages.web import browsers
from state.access import Access
from state.errors import AccessRefused
from state.users import User

SECRET_HEADER = "x-roundtable-secret"  # noqa: S105  # its name
NAME = re.compile(r"[^\x00-\x1f\x7f-\x9f,]{1,256}")
"""What can be a user's name: no control characters, and no comma, with which a proxy joins a header that came twice."""
NOT_BELIEVED = "This Roundtable takes requests from its sign-in proxy only. Open it by the proxy's address."
NO_NAME = "The sign-in proxy in front of this Roundtable did not say, in one plain header, who you are. Sign in there and try again."


@dataclass(frozen=True)
class Visitor:
    user: User | None
    """None where the page itself finds out: in local mode, and with OpenID Connect, whose cookie is Streamlit's."""
    set_cookie: str = ""
    """The header that gives a browser what it is known by."""


def recognised(scope: Scope, headers: Headers, access: Access, secret: bytes) -> Visitor:
    """Raises AccessRefused."""
    if access.auth == "header":
        return Visitor(_named(scope, headers, access))
    if access.auth == "browser":
        return _browser(scope, headers, secret)
    return Visitor(None)


def _named(scope: Scope, headers: Headers, access: Access) -> User:
    """Whom the proxy names. What is configured of secret and address must hold."""
    client = scope.get("client")
    if access.proxies and not (client and access.trusts(client[0])):
        raise AccessRefused(NOT_BELIEVED)
    if access.secret is not None and not _is_secret(headers.getlist(SECRET_HEADER), access.secret):
        raise AccessRefused(NOT_BELIEVED)
    names = headers.getlist(access.header)
    name = _utf8(names[0]) if len(names) == 1 else ""
    if not NAME.fullmatch(name) or name != name.strip():
        raise AccessRefused(NO_NAME)
    return User(f"header:{name}")


def _utf8(value: str) -> str:
    """A header's bytes as UTF-8, which Starlette gives as Latin-1; empty where they are not."""
    try:
        return value.encode("latin-1").decode()
    except UnicodeError:
        return ""


def _is_secret(sent: list[str], secret: str) -> bool:
    return len(sent) == 1 and hmac.compare_digest(sent[0].encode(), secret.encode())


def _browser(scope: Scope, headers: Headers, secret: bytes) -> Visitor:
    """A browser by its cookie. One without gets one with the page it opens; what it asks besides is nobody's."""
    cookie = browsers.cookie_for(scope["scheme"])
    known = browsers.known(secret, headers, cookie)
    if scope["type"] == "http" and scope["method"] == "GET" and "text/html" in headers.get("accept", ""):
        known = known or browsers.new()
        return Visitor(known, browsers.to_header(cookie, browsers.issued(secret, known)))
    return Visitor(known)
