"""`GET /healthz`: whether the loop that drives agents and the disk answer."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse

from agents.application import application
from state.errors import StoreUnavailable

LOOP_SECONDS = 2.0
"""How long the loop may take for one turn before it counts as dead."""


async def health(_request: Request) -> JSONResponse:
    """Answer 200, or 503 when the loop or the store is dead. Neither is named further, and no version is: the route is open to anyone."""
    app = application()
    loop = await run_in_threadpool(app.loop.answers_within, LOOP_SECONDS)
    store = await run_in_threadpool(_store_answers)
    body = {
        "status": "ok" if loop and store else "failing",
        "loop": "ok" if loop else "dead",
        "store": "ok" if store else "dead",
    }
    return JSONResponse(body, status_code=200 if loop and store else 503, headers={"Cache-Control": "no-store"})


def _store_answers() -> bool:
    try:
        application().folder.check()
    except StoreUnavailable:
        return False
    return True
