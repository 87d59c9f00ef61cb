"""Signing in and out with OpenID Connect, by Streamlit's own means, and who is signed in."""

import hashlib
from pathlib import Path
from typing import Any

import streamlit as st

from agents.application import application
from pages.ui.identity import is_signed_in, shown_name
from pages.ui.markdown import escaped
from pages.web.parts import part
from pages.web.readers import sign_in_of
from state.errors import SettingsError
from state.settings import Settings, load_settings

_component = st.components.v2.component("roundtable_sign_in", js=part(Path(__file__).with_suffix(".js")))


def sign_in_secrets() -> dict[str, Any]:
    """What `st.login` reads: the provider from our settings. Settings that cannot be read are said by the start itself."""
    try:
        settings = load_settings()
    except SettingsError:
        return {}
    return {"auth": _auth(settings)} if settings.auth == "oidc" and settings.oidc_client_key else {}


def require_sign_in() -> None:
    """Show nothing but the way in to whoever is not signed in."""
    if application().access.auth != "oidc" or is_signed_in():
        return
    _render_ear("")
    st.title("Roundtable", anchor=False)
    st.write("Chat with AI agents. Sign in to see your conversations: they are yours alone.")
    st.button("Sign in", key="sign_in", type="primary", icon=":material/login:", on_click=st.login)
    st.stop()


def render_person() -> None:
    """Who is signed in, and the way out. What is running goes on, for its owner only."""
    access = application().access
    if access.auth == "oidc":
        _render_ear(sign_in_of(st.context.cookies))
    if name := shown_name(access):
        with st.container(key="person"):
            st.caption(f"Signed in as {escaped(name)}")
            if access.auth == "oidc":
                st.button("Sign out", key="sign_out", icon=":material/logout:", on_click=st.logout, width="stretch")


def _render_ear(sign_in: str) -> None:
    """Listen for the other tabs of this browser: where one signs out, all do at once."""
    with st.container(key="ear"):
        _component(key="sign_in_ear", data={"sign_in": sign_in})


def _auth(settings: Settings) -> dict[str, Any]:
    key = settings.oidc_client_key.get_secret_value() if settings.oidc_client_key else ""
    return {
        "redirect_uri": settings.oidc_redirect_url or "",
        "cookie_secret": hashlib.sha256(f"roundtable cookie {key}".encode()).hexdigest(),  # stays good over a restart
        "client_id": settings.oidc_client_id or "",
        "client_secret": key,
        "server_metadata_url": settings.oidc_metadata_url or "",
    }
