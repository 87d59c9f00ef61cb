"""Who is at the page."""

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from agents.application import application
from pages.ui.held import held_bytes
from pages.web import seals, sign_outs, tabs
from pages.web.hosts import ELSEWHERE
from pages.web.readers import sign_in_of
from state.access import Access, is_loopback
from state.errors import NotSignedIn
from state.users import LOCAL_USER, User

NO_COOKIE = "This browser sent no cookie, by which its conversations are known. Allow cookies for this site and reload the page."


def current_user() -> User:
    """Raises NotSignedIn."""
    app = application()
    if app.access.auth == "local":
        return _local()
    if app.access.auth == "oidc":
        return _signed_in()
    user = unsealed(app.folder.secret)
    if user is None:
        raise NotSignedIn(NO_COOKIE)
    return user


def take_page() -> None:
    """Have this page be the user's: it may take files, and fetch what is made for it."""
    if context := get_script_run_ctx():
        tabs.draw(context.session_id, current_user(), sign_in_of(st.context.cookies), held_bytes)


def shown_name(access: Access) -> str:
    """What the sidebar calls the person; nothing where there is only one or each is nameless."""
    if access.auth == "header":
        return current_user().name.partition(":")[2]
    if access.auth == "oidc":
        return str(st.user.get("email") or st.user.get("name") or st.user.get("sub"))
    return ""


def unsealed(secret: bytes) -> User | None:
    """Whom the gate named; None unless it did, once."""
    named = st.context.headers.get_all(seals.HEADER)
    return seals.unsealed(secret, named[0]) if len(named) == 1 else None


def _local() -> User:
    """The gate has looked at the client already; it may be that the page was started without it."""
    address = st.context.ip_address
    if isinstance(address, str) and not is_loopback(address):
        raise NotSignedIn(ELSEWHERE)
    return LOCAL_USER


def is_signed_in() -> bool:
    """Whether the tab's sign-in holds. Streamlit knows what it was when the tab connected; another tab may have ended it since."""
    if not st.user.is_logged_in:
        return False
    sign_outs.note(st.context.cookies)
    return sign_outs.is_signed_in(st.context.cookies)


def _signed_in() -> User:
    """By the provider and its own name for the person: an e-mail address may pass to another."""
    issuer, subject = st.user.get("iss"), st.user.get("sub")
    if not is_signed_in() or not issuer or not subject:
        raise NotSignedIn
    return User(f"oidc:{issuer}|{subject}")
