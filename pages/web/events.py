"""`GET /events/{conversation}`: what happens in a conversation, as server-sent events beside Streamlit."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncGenerator, Callable
from contextlib import suppress
from math import inf

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from agents.application import application
from agents.feed import Feed, Now
from pages.web import stopping, tickets
from pages.web.blocks import tail_of
from pages.web.readers import is_reader, is_still_reader, sign_in_of
from state.errors import ConversationNotFound, StoreUnavailable
from state.users import User

PING_SECONDS = 45
"""Pings go out at multiples of this, so that the server wakes up for all pages at once. It is less than the minute after which proxies
hang up."""
PING = b": ping\n\n"
SETTLE_SECONDS = 0.1
"""At most so long a change is kept back: a message's end and its run's end are one rerun then, though the disk is between them."""

STREAMS = 100
"""How many one user may have open. A browser has one for each page in sight, and over HTTP/1.1 six at most."""

KIND = "text/event-stream"
HEADERS = {"Cache-Control": "no-store", "Connection": "keep-alive", "X-Accel-Buffering": "no"}
"""The last has nginx pass on what comes as it comes."""

_open: Counter[User] = Counter()
_opening: Counter[User] = Counter()


async def events(request: Request) -> Response:
    """Stream `draft` events with the text being written, `note` events with what is waited for, and a `changed` event whenever
    the page should be drawn again.

    The page says by `drawn` which present it shows. `Last-Event-ID`, a draft event's, resumes after that one.
    """
    app = application()
    conversation = request.path_params["conversation"]
    user = tickets.holder(app.folder.secret, request.query_params.get("ticket", ""), conversation, sign_in_of(request.cookies))
    if user is None or not is_reader(request, user):
        return PlainTextResponse("This page's ticket is no longer good; reload the page.", status_code=403)
    if _open[user] + _opening[user] >= STREAMS:
        return PlainTextResponse("You have too many pages open; close some of them.", status_code=429)
    _opening[user] += 1
    try:
        feed = await run_in_threadpool(lambda: app.runner.feed(app.store(user), conversation))
    except ConversationNotFound as error:
        return PlainTextResponse(str(error), status_code=404)
    except StoreUnavailable as error:
        return PlainTextResponse(str(error), status_code=503)
    finally:
        _opening[user] -= 1
    drawn, last_id = request.query_params.get("drawn", ""), request.headers.get("last-event-id", "")
    if request.method == "HEAD":
        return StreamingResponse(iter(()), media_type=KIND, headers=HEADERS)
    return _Open(_stream(feed, drawn, last_id, goes_on=lambda: is_still_reader(request) and not stopping.has_begun()), user)


class _Open(StreamingResponse):
    """Counts as its user's until it is over, whoever ends it."""

    def __init__(self, frames: AsyncGenerator[bytes, None], user: User) -> None:
        super().__init__(frames, media_type=KIND, headers=HEADERS)
        self._frames = frames
        self._user = user

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        _open[self._user] += 1
        try:
            await super().__call__(scope, receive, send)
        finally:
            _open[self._user] -= 1
            await self._frames.aclose()


def state_id(now: Now) -> str:
    """Names what a page shows of a conversation apart from the text being written."""
    return f"{now.head}.{now.view}.{now.status or 'idle'}"


async def _stream(feed: Feed, drawn: str, last_id: str, *, goes_on: Callable[[], bool]) -> AsyncGenerator[bytes, None]:
    note = ""
    while goes_on():
        now = feed.now
        if state_id(now) != drawn:
            now = await _settled(feed)
            drawn = state_id(now)
            yield _event("changed", drawn)
        if now.note != note:
            note = now.note
            yield _event("note", note)
        moment, pause = asyncio.get_running_loop().time(), inf
        if now.draft is not None:
            tail = tail_of(now.draft)
            if frames := tail.since(last_id):
                yield frames
            last_id, pause = tail.id, tail.pause
        try:
            async with asyncio.timeout_at(min(moment + pause, _next_ping(moment))):
                await feed.changed_from(now.version)
        except TimeoutError:
            if now.draft is not None and pause < inf:
                tail_of(now.draft).take(now.draft.pieces, after_pause=True)
            else:
                yield PING


def _next_ping(moment: float) -> float:
    return (moment // PING_SECONDS + 1) * PING_SECONDS


async def _settled(feed: Feed) -> Now:
    """The next that people can do something with: an end, a question, new text. Or what there is when that takes too long."""
    with suppress(TimeoutError):
        async with asyncio.timeout(SETTLE_SECONDS):
            while (now := feed.now).status in {"running", "stopping"} and now.draft is None:
                await feed.changed_from(now.version)
    return feed.now


def _event(kind: str, data: str) -> bytes:
    return f"event: {kind}\ndata: {json.dumps(data)}\n\n".encode()
