"""A start that fails, said in one sentence."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from agents.application import application
from state.errors import RoundtableError


class StartFailure:
    """ASGI middleware: where the application cannot start, the server's log gets the sentence instead of a traceback."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_sentence(message: Message) -> None:
            if message["type"] == "lifespan.startup.failed":
                message = {**message, "message": _sentence() or message.get("message", "")}
            await send(message)

        await self._app(scope, receive, send_sentence if scope["type"] == "lifespan" else send)


def _sentence() -> str:
    try:
        application()
    except RoundtableError as error:
        return f"Roundtable cannot start. {error}"
    return ""
