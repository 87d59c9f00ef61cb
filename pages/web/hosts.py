"""Where a request comes from and whom it asks for: its client's address, its Host and its Origin."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import Scope

from state.access import Access, is_loopback
from state.errors import AccessRefused

DEFAULT_PORTS = {"http": 80, "https": 443}
FORWARDED_FOR = re.compile(r"(?:^|;)\s*for=\"?([^\";]*)", re.IGNORECASE)
ELSEWHERE = (
    "This Roundtable is for the person at its own machine, and you ask from another. To let people in from elsewhere, set ROUNDTABLE_AUTH "
    "to browser, header or oidc and ROUNDTABLE_HOSTS to the server's name, and start it again: docs/operating.md says how."
)
WRONG_HOST = (
    "This Roundtable is not reached by that name. If it is yours and the name is right, put the name into ROUNDTABLE_HOSTS and start it "
    "again; otherwise open it by its own address."
)
WRONG_ORIGIN = "Another site's page asked for this, so nothing was done."


def check_client(scope: Scope) -> None:
    """Raise AccessRefused for a client on another machine, one that a proxy speaks for included."""
    client = scope.get("client")
    if client is None or not all(is_loopback(address) for address in (client[0], *_forwarded_for(Headers(scope=scope)))):
        raise AccessRefused(ELSEWHERE)


def _forwarded_for(headers: Headers) -> Iterator[str]:
    """The addresses that a proxy says it speaks for, in any of the headers in which proxies do; an empty one where it does not say."""
    for line in (*headers.getlist("x-forwarded-for"), *headers.getlist("x-real-ip")):
        yield from (part.strip() for part in line.split(","))
    for line in headers.getlist("forwarded"):
        for part in line.split(","):
            yield from (_host(name)[0] for name in FORWARDED_FOR.findall(part) or [""])


def check_host(headers: Headers, access: Access) -> None:
    """Raise AccessRefused unless exactly one Host is named, and it is ours: a page elsewhere may point its name at this machine."""
    hosts = headers.getlist("host")
    if len(hosts) != 1 or not access.knows_host(_host(hosts[0])[0]):
        raise AccessRefused(WRONG_HOST)


def check_origin(headers: Headers, scheme: str) -> None:
    """Raise AccessRefused for what a page of another site asks, or over HTTPS this one's as somebody served it without.

    Programs, and a browser's plain navigation, name no origin.
    """
    origins = headers.getlist("origin")
    if not origins:
        return
    try:
        origin = urlsplit(origins[0])
        port = origin.port or DEFAULT_PORTS.get(origin.scheme, 0)
        host, host_port = _host(headers["host"])
        is_secure = origin.scheme == "https" or scheme not in {"https", "wss"}
        is_ours = len(origins) == 1 and is_secure and origin.hostname == host and port == (host_port or DEFAULT_PORTS.get(origin.scheme, 0))
    except ValueError:
        is_ours = False
    if not is_ours:
        raise AccessRefused(WRONG_ORIGIN)


def _host(header: str) -> tuple[str, int | None]:
    """The name and the port of a Host header; no name where it is not one."""
    try:
        parts = urlsplit(f"//{header}")
        port = parts.port
    except ValueError:
        return "", None
    is_plain = parts.netloc == header and "@" not in header
    return (parts.hostname or "" if is_plain else ""), port
