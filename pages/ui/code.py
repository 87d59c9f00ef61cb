"""The code of agents: the card that asks about a block, and what came of one."""

import streamlit as st
from markdown_it import MarkdownIt

from agents.application import application
from agents.mode import Mode
from pages.ui.answers import Asked
from pages.ui.files import render_made
from pages.ui.markdown import escaped
from pages.ui.session import typed_in
from state.events import CodeResult, InputRequested

SHOWN_LINES = 30
SHOWN_CHARACTERS = 4_000
"""How much of an output is shown at once."""
CODE_LENGTH = 100_000
"""Characters an edited program may have."""
LONG_LINES = 24
"""Longer code is scrolled, so that the decision stays in sight."""
LINE_PIXELS = 24
LANGUAGES = {"sh": "bash", "shell": "bash", "py": "python", "python3": "python"}
"""What the highlighting calls them."""
NAMES = {"python": "Python", "bash": "Shell"}

_parser = MarkdownIt("commonmark")


def render_code_card(mode: Mode, conversation: str, request: InputRequested) -> None:
    """Ask about one block of code."""
    card, must_ask = _Card(mode, conversation, request), application().workrooms.choice.must_ask
    with st.container(border=True, key="code_card"), st.container(key=f"asked_{request.time.timestamp()}"):
        st.markdown(f"**{NAMES[_highlighting(request.title)]}** · {escaped(request.text)}")
        if must_ask:
            st.warning(application().workrooms.choice.sentence, icon=":material/lock_open:")
        _render_code(request.details, request.title)
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button("Run", key="approve", type="primary", icon=":material/play_arrow:", on_click=card.approve)
            if not must_ask:
                st.button(
                    "Run the rest of this turn without asking", key="run_rest", icon=":material/fast_forward:", on_click=card.approve_all
                )
        card.render_editor()
        card.render_refusal()


class _Card(Asked):
    """The ways to answer one question."""

    def render_editor(self) -> None:
        code = self.request.details.rstrip("\n")
        with st.expander("Edit and run", icon=":material/edit:"), st.form(f"edit_{self._place}", border=False, enter_to_submit=False):
            height = LINE_PIXELS * min(max(code.count("\n") + 2, 4), 24)
            st.text_area("Code", code, key=self._edited, height=height, label_visibility="collapsed")
            st.form_submit_button("Run the edited code", key="edit_and_run", icon=":material/play_arrow:", on_click=self.run_edited)

    def render_refusal(self) -> None:
        with (
            st.form(f"deny_{self._place}", border=False, enter_to_submit=False),
            st.container(horizontal=True, vertical_alignment="bottom"),
        ):
            st.text_input(
                "Why not",
                key=self._reason,
                max_chars=2_000,
                placeholder="Why not, if you like",
                label_visibility="collapsed",
            )
            st.form_submit_button("Deny", key="deny", icon=":material/block:", on_click=self.deny)

    def approve(self) -> None:
        self.answer()

    def approve_all(self) -> None:
        self.answer(for_all=True)

    def run_edited(self) -> None:
        self.answer(text=typed_in(self._edited), most=CODE_LENGTH)

    def deny(self) -> None:
        self.answer(is_approved=False, text=typed_in(self._reason).strip())

    @property
    def _place(self) -> str:
        return f"{self.conversation}_{self.request.request_id}_{self.request.time.timestamp()}"

    @property
    def _edited(self) -> str:
        return f"edited_code_{self._place}"

    @property
    def _reason(self) -> str:
        return f"deny_reason_{self._place}"


def render_code_result(conversation: str, result: CodeResult, key: str) -> None:
    """How a block went, what it printed, and what it made."""
    if result.is_edited:
        with st.expander("You edited the code. This is what ran.", icon=":material/edit:"):
            _render_code(result.code, result.language)
    icon, said = _said(result)
    st.caption(f"{icon} {said}")
    if not result.has_run:
        return
    if result.output.strip():
        _render_output(result.output.rstrip("\n"))
    render_made(conversation, result.files, key)


def _render_code(code: str, language: str) -> None:
    is_long = code.count("\n") > LONG_LINES
    st.code(
        code.rstrip("\n"), language=_highlighting(language), line_numbers=True, height=LINE_PIXELS * LONG_LINES if is_long else "content"
    )


def _said(result: CodeResult) -> tuple[str, str]:
    match result.ended:
        case "denied":
            reason = f": “{_line(result.output)}”" if result.output else "."
            return ":material/block:", f"You denied this code{reason}"
        case "off" | "lost":
            return ":material/block:", _line(result.output) or "The server went away while this code ran. What came of it is not known."
        case "stopped":
            return ":material/stop_circle:", f"Stopped after {result.seconds:.1f} s"
        case _:
            icon = ":material/check_circle:" if result.is_good else ":material/error:"
            return icon, f"Exit code {result.exit_code} · {result.seconds:.1f} s"


def _render_output(output: str) -> None:
    shown = "\n".join(output.split("\n")[:SHOWN_LINES])[:SHOWN_CHARACTERS]
    st.code(shown, language=None, wrap_lines=True)
    if len(shown) < len(output):
        with st.expander(f"Show all ({len(output):,} characters)"):
            st.code(output, language=None, wrap_lines=True, height=400)


def without_code(text: str, code: str) -> str:
    """Leave the last block of a message that holds this code out of it."""
    lines = text.split("\n")
    for token in reversed(_parser.parse(text)):
        if token.type == "fence" and token.map and token.content.strip() == code.strip():
            begin, end = token.map
            return "\n".join([*lines[:begin], "", *lines[end:]])
    return text


def _highlighting(language: str) -> str:
    known = LANGUAGES.get(language, language)
    return known if known in NAMES else "python"


def _line(text: str) -> str:
    return escaped(" ".join(text.split()))
