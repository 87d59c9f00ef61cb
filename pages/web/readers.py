"""Whether a ticket is in the hands of the user it names."""

from starlette.requests import Request

from agents.application import application
from pages.web import seals, sign_outs
from state.users import User


def is_reader(request: Request, user: User) -> bool:
    """Whom the gate has named must be the user. It names nobody in local mode, where there is one, and with OpenID Connect, whose cookies
    Streamlit reads; there a browser whose sign-in is over has nobody's hands."""
    app = application()
    if app.access.auth == "local":
        return True
    if app.access.auth == "oidc":
        return sign_outs.is_signed_in(request.cookies)
    return seals.unsealed(app.folder.secret, request.headers.get(seals.HEADER)) == user
