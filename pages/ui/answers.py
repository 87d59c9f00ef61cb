"""Answers to what a run asks, from whichever card or box they come."""

from dataclasses import dataclass

from agents.application import application
from agents.mode import Mode
from pages.ui.identity import current_user
from pages.ui.notices import refusals_noticed
from state.errors import AnswerTooLong
from state.events import InputAnswered, InputRequested

ANSWER_LENGTH = 4_000
"""Characters an answer may have."""


@dataclass(frozen=True)
class Asked:
    """What a run asks in a conversation. A double click or another tab's answer does no harm: it counts once."""

    mode: Mode
    conversation: str
    request: InputRequested

    def answer(self, *, is_approved: bool = True, text: str = "", for_all: bool = False, most: int = ANSWER_LENGTH) -> bool:
        """Returns whether it was taken; what refuses it is said in the page."""
        answered = InputAnswered(request_id=self.request.request_id, is_approved=is_approved, text=text, for_all=for_all)
        with refusals_noticed():
            if len(text) > most:
                raise AnswerTooLong(len(text), most)
            app = application()
            app.runner.answer(app.store(current_user()), self.mode, self.conversation, answered)
            return True
        return False
