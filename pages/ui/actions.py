"""What can be done with a turn: go on, ask again, edit, branch, go back, and look at its other versions."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass

import streamlit as st

from agents.application import application
from agents.images.preparing import PreparedImage
from agents.mode import Mode
from agents.time_machine import TimeMachine
from pages.ui.address import ADDRESS, forget_place
from pages.ui.feedback import render_feedback
from pages.ui.identity import current_user
from pages.ui.notices import refusals_noticed
from pages.ui.session import put_back, tab, typed_in
from state.conversations import Conversation, Versions
from state.errors import AlreadySent, PromptTooLong
from state.events import AgentMessage, UserMessage
from state.feedback import Feedback
from state.turns import Turn

PROMPT_LIMIT = 100_000
"""Characters a prompt may have. The box itself takes more: given a limit, it drops a longer paste without a word."""
ELSEWHERE = "This result is in another version of this conversation: a prompt was asked again, edited or undone since."
BROKEN = ("stopped", "failed", "interrupted")


@dataclass(frozen=True)
class Actions:
    """The widgets of one conversation's turns."""

    mode: Mode
    conversation: Conversation
    versions: Mapping[str, Versions]
    feedback: Mapping[str, Feedback]
    is_live: bool

    def render(self, turn: Turn, *, is_last: bool) -> None:
        """The quiet row under a turn. The last turn's buttons have the plain keys."""
        first, last, behind = turn.runs[0], turn.runs[-1], "" if is_last else f"_{turn.runs[0]}"
        is_broken = is_last and turn.ended is not None and turn.ended.status in BROKEN
        with st.container(horizontal=True, vertical_alignment="center", key=f"actions{behind}" if behind else "actions_last"):
            for run in turn.runs:
                self._render_versions(run)
            self._render_copy(turn, behind)
            if turn.said:
                render_feedback(self.conversation.id, last, self.feedback.get(last), behind)
            if turn.prompt is not None:
                self._render_button("Edit", f"edit{behind}", ":material/edit:", tab().edit, first)
                if not is_broken:
                    self._render_button("Regenerate", f"regenerate{behind}", ":material/refresh:", self._ask_again, first, tab().next_run)
            self._render_button("Branch", f"branch{behind}", ":material/call_split:", self._branch, last)
            if not is_last:
                self._render_button("Go back here", f"go_back{behind}", ":material/history:", self._machine.go_back, last)

    def render_next_steps(self, turn: Turn) -> None:
        """What a broken-off last turn offers."""
        if self.is_live or turn.ended is None:
            return
        is_broken = turn.ended.status in BROKEN
        with st.container(horizontal=True, key="next_steps"):
            is_cut = bool(turn.ended.reason) and not turn.ended.is_complete
            if turn.said and (is_broken or is_cut or _has_failed_rows(turn)):
                self._render_step("Continue", "continue", ":material/play_arrow:", self._go_on, tab().next_run)
            if is_broken and turn.prompt is not None:
                self._render_step("Retry", "retry", ":material/refresh:", self._ask_again, turn.runs[0], tab().next_run)
                self._render_step("Undo", "undo", ":material/undo:", self._undo, turn.runs[0])

    def render_editor(self, turn: Turn) -> None:
        """The prompt, to be changed and asked in its place."""
        run = turn.runs[0]
        with st.container(border=True, key="editor"):
            st.text_area("Edit your prompt", turn.prompt.text if turn.prompt else "", key=f"edited_{run}", height=120)
            st.caption("What was answered before stays beside it: ‹ and › switch between the two.")
            with st.container(horizontal=True):
                self._render_step("Ask again", "edit_send", ":material/send:", self._send_edited, run, tab().next_run, type="primary")
                self._render_step("Cancel", "edit_cancel", None, tab().edit, "")

    def render_later(self, run: str) -> None:
        """The way forward again, after going back."""
        st.button(
            "Show what came later",
            key="forward",
            icon=":material/redo:",
            on_click=self._do,
            args=(self._machine.show, run),
            disabled=self.is_live,
        )

    def render_elsewhere(self, run: str) -> None:
        """The way to what a search found in another version of a turn."""
        st.info(ELSEWHERE, icon=":material/alt_route:")
        st.button(
            "Show that version",
            key="show_elsewhere",
            icon=":material/swap_horiz:",
            on_click=self._try,
            args=(self._machine.show, run),
            disabled=self.is_live,
        )

    @property
    def _machine(self) -> TimeMachine:
        app = application()
        return TimeMachine(app.runner, app.store(current_user()), self.conversation.id)

    def _render_versions(self, run: str) -> None:
        versions = self.versions.get(run)
        if versions is None:
            return
        with st.container(horizontal=True, gap="xxsmall", vertical_alignment="center", width="content", key=f"versions_{run}"):
            for to, symbol, name in ((versions.previous, "chevron_left", "Previous"), (versions.next, "chevron_right", "Next")):
                if name == "Next":
                    st.caption(f"{versions.number}/{versions.count}", width="content")
                self._render_button(f"{name} version", f"to_{name.lower()}_{run}", f":material/{symbol}:", self._machine.show, to)

    def _render_button(self, label: str, key: str, icon: str, call: Callable[..., object], *args: object) -> None:
        is_off = self.is_live or None in args
        st.button(label, key=key, icon=icon, type="tertiary", help=label, on_click=self._do, args=(call, *args), disabled=is_off)

    def _render_copy(self, turn: Turn, behind: str) -> None:
        """Also while another answer is written: it changes nothing."""
        if text := said_in(self.mode, turn):
            key = f"copy{behind}"
            st.button("Copy", key=key, icon=":material/content_copy:", type="tertiary", help="Copy", on_click=tab().copy, args=(key, text))

    def _render_step(
        self, label: str, key: str, icon: str | None, call: Callable[..., object], *args: object, type: str = "secondary"
    ) -> None:
        st.button(label, key=key, icon=icon, type="primary" if type == "primary" else "secondary", on_click=self._do, args=(call, *args))

    def _do(self, call: Callable[..., object], *args: object) -> None:
        """A callback: whoever does something is no longer where a search led."""
        forget_place()
        self._try(call, *args)

    def _try(self, call: Callable[..., object], *args: object) -> None:
        """What is refused is said in the page."""
        with refusals_noticed(), suppress(AlreadySent):  # a double click
            call(*args)

    def _go_on(self, run_id: str, image: str | None = None) -> None:
        self._machine.go_on(self.mode, run_id=run_id, image=image)
        tab().has_sent()

    def describe_again(self, image: str) -> None:
        """Describe one picture of the last turn's batch anew."""
        self._do(self._go_on, tab().next_run, image)

    def _ask_again(self, run: str, run_id: str) -> None:
        self._machine.ask_again(self.mode, run, run_id=run_id)
        tab().has_sent()

    def _send_edited(self, run: str, run_id: str) -> None:
        text = typed_in(f"edited_{run}")
        if not text.strip():
            return
        self._machine.ask_again(self.mode, run, UserMessage(text=checked_prompt(text)), run_id=run_id)
        tab().edit("")
        tab().has_sent()

    def _undo(self, run: str) -> None:
        store = application().store(current_user())
        prompt = store.prompt_of(self.conversation.id, run)
        put_back(self._machine.undo(run), self.conversation.id)
        tab().attach(PreparedImage(image, store.image(image.id)) for image in prompt.images)

    def _branch(self, run: str) -> None:
        st.query_params[ADDRESS] = self._machine.branch(run)


def said_in(mode: Mode, turn: Turn) -> str:
    """What agents said in a turn, as the Markdown they wrote; in a team under their names."""
    said = [event for event in turn.said if isinstance(event, AgentMessage) and event.text]
    names = (f"**{mode.speaker(event.source).title}**\n\n" if mode.is_team else "" for event in said)
    return "\n\n".join(f"{name}{event.text}" for name, event in zip(names, said, strict=True))


def _has_failed_rows(turn: Turn) -> bool:
    return any(not row.is_done for row in turn.rows)


def checked_prompt(text: str) -> str:
    """Raises PromptTooLong."""
    if len(text) > PROMPT_LIMIT:
        raise PromptTooLong(len(text), PROMPT_LIMIT)
    return text
