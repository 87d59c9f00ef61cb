"""The page a browser gets first: Streamlit's own with our styles in it, so that nothing is drawn without them and then moves."""

from collections.abc import Iterable

from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

BEFORE_ANY = ":root { background: light-dark(#ffffff, #15171a); color-scheme: light dark; }"
"""Until Streamlit has its theme, the browser's: no white page flashes up in the dark. The colours are those of `.streamlit/config.toml`."""
HOME = RedirectResponse("/")
ELSEWHERE = "/media/", "/component/"
"""Where Streamlit serves what others made."""


class FirstPage:
    """ASGI middleware: answers it for every good page of HTML, which is Streamlit's own at any address that nothing else is at.

    From an address of several parts, which no page has, it leads home: Streamlit's code would look for its server beside that.
    """

    def __init__(self, app: ASGIApp, page: str) -> None:
        self._app = app
        self._page = HTMLResponse(page, headers={"Cache-Control": "no-cache"})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_answered = False

        async def send_ours(message: Message) -> None:
            nonlocal is_answered
            if _is_page(message) and not scope["path"].startswith(ELSEWHERE):
                is_answered = True
                answer = HOME if scope["path"].count("/") > 1 else self._page
                await answer(scope, receive, send)
            elif not is_answered:
                await send(message)

        await self._app(scope, receive, send_ours if scope["type"] == "http" else send)


def _is_page(message: Message) -> bool:
    is_good = message["type"] == "http.response.start" and message["status"] == 200
    return is_good and Headers(raw=message["headers"]).get("content-type", "").startswith("text/html")


def to_first_page(index: str, *, styles: Iterable[str], scripts: Iterable[str], parts: Iterable[str] = ()) -> str:
    """Put our own into Streamlit's `index.html`.

    Styles stand in the body: of two rules that weigh the same the later one holds, and Streamlit puts its own into the head.
    Scripts here have seen what a person did before anything of Streamlit's was drawn. Parts, by their addresses, are fetched with
    Streamlit's own code instead of after it.
    """
    sheet = "\n".join((BEFORE_ANY, *styles))
    modules = "".join(f'<script type="module">\n{script}</script>\n' for script in scripts)
    modules += "".join(f'<link rel="modulepreload" href="{part}">\n' for part in parts)
    ours = f"<body>\n<style>\n{sheet}</style>\n{modules}"
    return index.replace("<title>Streamlit</title>", "<title>Roundtable</title>").replace("<body>", ours, 1)
