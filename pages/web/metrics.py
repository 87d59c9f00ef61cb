"""`GET /metrics`: figures for Prometheus, for whoever has the key; without one, for this machine alone."""

import hmac

from prometheus_client import CONTENT_TYPE_LATEST
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from agents.application import application
from state.settings import Settings

REFUSED = "Whoever asks for figures sends `Authorization: Bearer` with the value of ROUNDTABLE_METRICS_TOKEN, which the operator sets."


async def metrics(request: Request) -> Response:
    app = application()
    if not _may_read(request, app.settings):
        return PlainTextResponse(REFUSED, status_code=403)
    return Response(app.metrics.text(), media_type=CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"})


def _may_read(request: Request, settings: Settings) -> bool:
    if settings.metrics_key is None:
        return not settings.has_several_users  # the gate lets in this machine only
    sent = request.headers.getlist("authorization")
    wanted = f"Bearer {settings.metrics_key.get_secret_value()}"
    return len(sent) == 1 and hmac.compare_digest(sent[0].encode(), wanted.encode())
