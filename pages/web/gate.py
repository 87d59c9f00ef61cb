"""The gate in front of everything the server answers: who may not come in gets one sentence, who does is named by a header of ours."""

from contextlib import nullcontext
from http import HTTPStatus

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from agents.application import application
from pages.web import browsers, crowding, seals, sign_outs
from pages.web.hosts import check_client, check_host, check_origin
from pages.web.visitors import Visitor, recognised
from state.access import Access
from state.errors import AccessRefused

HEALTH = "/healthz"
METRICS = "/metrics"
MOST_BYTES = 4_000_000
"""Of one message from a page, ten times the longest prompt. Reading one takes twice its size in memory, before anybody asks who sent it."""
NO_SIGN_OUT = "Sign out with the button in the sidebar: nothing that a page loads, and no other site's link, signs anybody out."
CLOSED_WITH = {HTTPStatus.FORBIDDEN: 1008, HTTPStatus.TOO_MANY_REQUESTS: 1013}
CLOSED = ("/_stcore/metrics", "/_stcore/script-health-check", "/_stcore/agent")
"""Streamlit's own that nobody needs here."""


class Gate:
    """ASGI middleware for HTTP and websockets alike."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"} or scope["path"] == HEALTH:
            await self._app(scope, receive, send)
            return
        app = application()
        try:
            visitor = _admitted(scope, app.access, app.folder.secret)
        except AccessRefused as error:
            await _refuse(str(error), HTTPStatus.FORBIDDEN, scope, receive, send)
            return
        person = crowding.person_of(scope, visitor.user if visitor else None, app.access)
        if crowding.opens_a_page(scope) and crowding.has_too_many(person):
            await _refuse(crowding.TOO_MANY, HTTPStatus.TOO_MANY_REQUESTS, scope, receive, send)
            return
        seal = None if visitor is None or visitor.user is None else seals.sealed(app.folder.secret, visitor.user)
        inner = {**scope, "headers": seals.put(scope["headers"], seal)}
        with crowding.counted(person) if scope["type"] == "websocket" else nullcontext():
            await self._app(inner, _with_bound(receive, send), _with_cookies(send, scope, visitor))


def _admitted(scope: Scope, access: Access, secret: bytes) -> Visitor | None:
    """Who is there; None where nobody is asked. Raises AccessRefused."""
    headers = Headers(scope=scope)
    if scope["path"].startswith(CLOSED):
        raise AccessRefused("There is nothing here.")
    if access.auth == "local":
        check_client(scope)
    elif scope["path"] == METRICS:  # it has a key of its own
        return None
    check_host(headers, access)
    check_origin(headers, scope["scheme"])
    if access.auth == "oidc" and scope["path"] == sign_outs.PATH:
        if headers.get("sec-fetch-dest", "document") != "document" or headers.get("sec-fetch-site") == "cross-site":
            raise AccessRefused(NO_SIGN_OUT)
        sign_outs.end(HTTPConnection(scope).cookies)
    return recognised(scope, headers, access, secret)


def _with_bound(receive: Receive, send: Send) -> Receive:
    """Close a websocket over which more comes at once than any page has to say."""

    async def receiving() -> Message:
        message = await receive()
        if message["type"] == "websocket.receive" and len(message.get("bytes") or message.get("text") or "") > MOST_BYTES:
            await send({"type": "websocket.close", "code": 1009, "reason": ""})
            return {"type": "websocket.disconnect", "code": 1009}
        return message

    return receiving


def _with_cookies(send: Send, scope: Scope, visitor: Visitor | None) -> Send:
    """Give a new browser its cookie, and let no cookie that came over HTTPS go over HTTP."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            if visitor is not None and visitor.set_cookie:
                headers.append("set-cookie", visitor.set_cookie)
            if scope["scheme"] == "https":
                message["headers"] = [browsers.secured(*header) for header in message["headers"]]
        await send(message)

    return sending if scope["type"] == "http" else send


async def _refuse(sentence: str, status: HTTPStatus, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": CLOSED_WITH[status], "reason": ""})
        return
    headers = {"Cache-Control": "no-store"}
    await PlainTextResponse(sentence, status_code=status, headers=headers)(scope, receive, send)
