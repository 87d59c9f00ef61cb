"""`GET /marks`: in which of a user's conversations an answer is being written, or waits for the person."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from agents.application import application
from pages.web import tickets
from pages.web.readers import is_reader, sign_in_of
from state.errors import StoreUnavailable
from state.store import Store
from state.users import User

TICKETED = "marks"
"""What a ticket is for, in place of a conversation."""


def marks_of(store: Store) -> dict[str, str]:
    """What goes on in conversations where anything does."""
    live = dict.fromkeys(application().runner.live_conversations(store), "writing")
    return live | dict.fromkeys(store.waiting_conversations(), "waiting")


def ticket(user: User, sign_in: str) -> str:
    return tickets.issue(application().folder.secret, user, TICKETED, sign_in)


async def marks(request: Request) -> Response:
    """With a new ticket, for the next time: a page that stays open asks for as long as something is written."""
    app, sign_in = application(), sign_in_of(request.cookies)
    user = tickets.holder(app.folder.secret, request.query_params.get("ticket", ""), TICKETED, sign_in)
    if user is None or not is_reader(request, user):
        return PlainTextResponse("This page's ticket is no longer good; reload the page.", status_code=403)
    try:
        found = await run_in_threadpool(lambda: marks_of(app.store(user)))
    except StoreUnavailable as error:
        return PlainTextResponse(str(error), status_code=503)
    return JSONResponse({"marks": found, "ticket": ticket(user, sign_in)}, headers={"Cache-Control": "no-store"})
