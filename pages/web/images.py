"""`GET /pictures/{image}`: a picture as it was stored, or with `?size=small` a thumbnail of it."""

from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from agents.application import application
from agents.images.encoded import media_type_of_bytes
from agents.images.thumbnails import thumbnail
from pages.web import tickets
from pages.web.readers import is_reader, sign_in_of
from state.errors import ImageNotFound, StoreUnavailable
from state.events import now
from state.users import User

KEPT = "private, max-age=86400, immutable"
"""Its address names its content, so a browser that has it need not ask again."""


def address(user: User, image: str, sign_in: str = "", *, is_small: bool = False) -> str:
    """Where the user's browser finds a picture."""
    query = {"ticket": tickets.issue_for_image(application().folder.secret, user, image, now().date(), sign_in)}
    return f"/pictures/{image}?{urlencode(query | ({'size': 'small'} if is_small else {}))}"


async def images(request: Request) -> Response:
    app, id = application(), request.path_params["image"]
    ticket = request.query_params.get("ticket", "")
    user = tickets.holder_for_image(app.folder.secret, ticket, id, now().date(), sign_in_of(request.cookies))
    if user is None or not is_reader(request, user):
        return PlainTextResponse("This picture's ticket is no longer good; reload the page.", status_code=403)
    try:
        data = await run_in_threadpool(lambda: app.store(user).image(id))
    except ImageNotFound as error:
        return PlainTextResponse(str(error), status_code=404)
    except StoreUnavailable as error:
        return PlainTextResponse(str(error), status_code=503)
    if request.query_params.get("size") == "small":
        data = await run_in_threadpool(thumbnail, data)
    return Response(data, media_type=media_type_of_bytes(data), headers={"Cache-Control": KEPT})
