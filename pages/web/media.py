"""Downloads and drawings, which Streamlit serves to whoever knows the address."""

from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from pages.web import tabs

PATH = "/media/"
NOT_YOURS = "There is no such file among yours. Open the page again and take it from there."


class Media:
    """ASGI middleware: they are for who has a page that they were made for."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_refused = (
            scope["type"] == "http" and scope["path"].startswith(PATH) and not tabs.is_made_for(scope["path"], HTTPConnection(scope))
        )
        await (PlainTextResponse(NOT_YOURS, status_code=404) if is_refused else self._app)(scope, receive, send)
