"""All of one's data: taken along, or deleted."""

from datetime import date

import streamlit as st

from agents.application import application
from pages.ui.identity import current_user
from pages.ui.notices import refusals_noticed, render_notice
from pages.ui.session import tab
from state.events import now


def render_data() -> None:
    st.header("Your data", anchor=False)
    render_notice()
    app, user = application(), current_user()
    count = app.store(user).count()
    st.write("Conversations lie in the data folder on the machine that runs Roundtable, and nowhere else." + _said(count))
    today: date = now().date()
    with st.container(horizontal=True):
        st.download_button(
            "Export everything",
            lambda: app.export_all(user),
            f"roundtable-{today}.zip",
            "application/zip",
            key="export_all",
            on_click="ignore",
            icon=":material/download:",
            disabled=not count,
        )
        if not tab().wants_all_deleted:
            st.button("Delete everything", key="delete_all", icon=":material/delete:", on_click=tab().want_all_deleted, args=(True,))
    if tab().wants_all_deleted:
        _render_question()


def _said(count: int) -> str:
    return {0: " You have none.", 1: " You have one."}.get(count, f" You have {count:,} of them.")


def _render_question() -> None:
    st.markdown("Delete **all your conversations** and cached answers? This cannot be undone.")
    with st.container(horizontal=True):
        st.button("Delete it all", key="confirm_delete_all", type="primary", icon=":material/delete_forever:", on_click=_delete_all)
        st.button("Keep it", key="keep_all", on_click=tab().want_all_deleted, args=(False,))


def _delete_all() -> None:
    tab().want_all_deleted(False)
    app, user = application(), current_user()
    with refusals_noticed():
        app.runner.delete_all(app.store(user))
        tab().has_deleted()
        app.clients.cache(user).clear()
