"""What the person thinks of an answer: good or bad, and why."""

import streamlit as st

from agents.application import application
from pages.ui.identity import current_user
from pages.ui.notices import refusals_noticed
from pages.ui.session import typed_in
from state.events import now
from state.feedback import LONGEST_COMMENT, Feedback, Verdict


def render_feedback(conversation: str, run: str, given: Feedback | None, behind: str) -> None:
    """Two symbols, of which the one pressed stays marked; pressed again it is taken back. With one there is room for a comment."""
    with st.container(horizontal=True, vertical_alignment="center", width="content", key=f"given_{given.verdict if given else 'no'}_{run}"):
        _render_verdict(conversation, run, given, "good", behind)
        _render_verdict(conversation, run, given, "bad", behind)
        if given is not None:
            with st.popover("Say why", icon=":material/add_comment:", type="tertiary", key=f"say_why{behind}"):
                _render_comment(conversation, given)


def _render_verdict(conversation: str, run: str, given: Feedback | None, verdict: Verdict, behind: str) -> None:
    is_given = given is not None and given.verdict == verdict
    label = f"Remove “{verdict}” rating" if is_given else f"{verdict.capitalize()} answer"
    symbol = ":material/thumb_up:" if verdict == "good" else ":material/thumb_down:"
    args = (conversation, run, None if is_given else verdict)
    st.button(label, key=f"{verdict}{behind}", icon=symbol, type="tertiary", help=label, on_click=_judge, args=args)


def _render_comment(conversation: str, given: Feedback) -> None:
    key = f"comment_{given.run}"
    with st.form(f"comment_form_{given.run}", border=False):
        st.text_area("What was good or bad about it", given.comment, key=key, max_chars=LONGEST_COMMENT, height=100)
        st.form_submit_button("Save", key=f"save_comment_{given.run}", on_click=_comment, args=(conversation, given, key))


def _judge(conversation: str, run: str, verdict: Verdict | None) -> None:
    _give(conversation, run, verdict and Feedback(run=run, verdict=verdict, time=now()))


def _comment(conversation: str, given: Feedback, widget: str) -> None:
    _give(conversation, given.run, given.model_copy(update={"comment": typed_in(widget).strip(), "time": now()}))


def _give(conversation: str, run: str, given: Feedback | None) -> None:
    store = application().store(current_user())
    with refusals_noticed():
        if given is None:
            store.take_back_feedback(conversation, run)
        else:
            store.give_feedback(conversation, given)
