"""What a run waits for the person to say: may a tool be called, an answer to a question, may it go on."""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from agents.mode import Mode
from pages.ui.answers import ANSWER_LENGTH, Asked
from pages.ui.code import render_code_card
from pages.ui.markdown import escaped, to_markdown
from pages.ui.options import permit
from pages.ui.session import typed_in
from pages.ui.steps import render_text
from state.conversations import Conversation
from state.events import InputAnswered, InputRequested, SavedEvent, ToolCall


def open_requests(said: Sequence[SavedEvent]) -> list[InputRequested]:
    """What was asked and has no answer."""
    answered = {event.request_id for event in said if isinstance(event, InputAnswered)}
    return [event for event in said if isinstance(event, InputRequested) and event.request_id not in answered]


def render_questions(mode: Mode, conversation: Conversation, said: Sequence[SavedEvent]) -> None:
    """Draw the card of each. The buttons of the turn's first question have the plain keys.

    A card keeps its keys when one before it is answered: a second click meant for that one, and the reason typed there, never reach it.
    """
    tools = {event.call_id: event.name for event in said if isinstance(event, ToolCall)}
    open_now = open_requests(said)
    for number, request in enumerate(event for event in said if isinstance(event, InputRequested)):
        if request not in open_now:
            continue
        if request.kind == "code":
            render_code_card(mode, conversation.id, request)
            continue
        card = Card(mode, conversation.id, request, conversation, tools.get(request.request_id, ""), f"_{number}" if number else "")
        with st.container(border=True, key=f"question{card.behind}"), st.container(key=f"asked_{request.time.timestamp()}"):
            card.render()  # the inner key tells the browser one question from another


@dataclass(frozen=True)
class Card(Asked):
    """One question."""

    about: Conversation
    tool: str
    """The one it is about, or nothing."""
    behind: str
    """What its widgets' keys end with."""

    def render(self) -> None:
        match self.request.kind:
            case "approval":
                self._render_approval()
            case "question":
                self._render_question()
            case _:
                self._render_budget()

    def _render_approval(self) -> None:
        st.markdown(f":material/front_hand: Allow **{escaped(self.request.title)}** to run with this input?")
        render_text(self.request.details)
        st.text_input("Reason, if you refuse", key=self._key("reason"), max_chars=ANSWER_LENGTH, placeholder="The agent reads it")
        with st.container(horizontal=True):
            self._button("Allow", "approve", self._approve, is_primary=True)
            if self.tool:
                self._button("Always allow in this conversation", "approve_always", self._approve_always)
            self._button("Do not allow", "deny", self._deny)

    def _render_question(self) -> None:
        st.markdown(f":material/help: {to_markdown(self.request.text)}")
        with st.container(horizontal=True):
            for number, choice in enumerate(self.request.choices):
                self._button(escaped(choice), f"choice_{number}", self._say, choice)
        with st.form(self._key("answer_form"), border=False):
            st.text_input("Your answer", key=self._key("reply"), max_chars=ANSWER_LENGTH)
            st.form_submit_button("Answer", key=self._key("answer"), type="primary", on_click=self._say_typed)
        self._button("Skip this question", "deny", self._deny)

    def _render_budget(self) -> None:
        st.markdown(f":material/hourglass_top: {escaped(self.request.text)}")
        with st.container(horizontal=True):
            self._button("Continue", "approve", self._approve, is_primary=True)
            self._button("Stop here", "deny", self._deny)

    def _button(self, label: str, key: str, call: object, *args: object, is_primary: bool = False) -> None:
        st.button(label, key=self._key(key), type="primary" if is_primary else "secondary", on_click=call, args=args)  # type: ignore[arg-type]  # methods below

    def _key(self, name: str) -> str:
        return f"{name}{self.behind}"

    def _approve(self) -> None:
        self.answer()

    def _approve_always(self) -> None:
        if permit(self.about, self.tool, "always"):
            self.answer()

    def _deny(self) -> None:
        self.answer(is_approved=False, text=typed_in(self._key("reason")))

    def _say(self, text: str) -> None:
        self.answer(text=text)

    def _say_typed(self) -> None:
        if text := typed_in(self._key("reply")).strip():
            self._say(text)
