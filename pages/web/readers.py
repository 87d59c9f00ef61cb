"""Whether a ticket is in the hands of the user it names."""

from collections.abc import Mapping

from starlette.requests import HTTPConnection

from agents.application import application
from pages.web import seals, sign_outs
from state.users import User


def sign_in_of(cookies: Mapping[str, str]) -> str:
    """What a ticket names beside its user: with OpenID Connect a browser's sign-in, as the gate does not know whose that is."""
    return sign_outs.sign_in_of(cookies) if application().access.auth == "oidc" else ""


def is_reader(request: HTTPConnection, user: User) -> bool:
    """Whom the gate has named must be the user. It names nobody in local mode, where there is one, and with OpenID Connect, whose cookies
    Streamlit reads; there the ticket names a sign-in, which must not be over."""
    app = application()
    if app.access.auth in {"local", "oidc"}:
        return is_still_reader(request)
    return seals.unsealed(app.folder.secret, request.headers.get(seals.HEADER)) == user


def is_still_reader(request: HTTPConnection) -> bool:
    """Whether one who was a reader is one yet. Of what a request came with, only a sign-in ends while the request lasts."""
    return application().access.auth != "oidc" or sign_outs.is_signed_in(request.cookies)
