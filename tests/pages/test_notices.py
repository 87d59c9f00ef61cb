"""What is said about the last thing a person did stays until they can have read it."""

from typing import Any

import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.scriptrunner import RerunData, ScriptRunnerEvent
from streamlit.testing.v1 import AppTest, app_test
from streamlit.testing.v1.local_script_runner import LocalScriptRunner

from pages.ui.actions import PROMPT_LIMIT
from pages.ui.address import ADDRESS
from pages.ui.session import PROMPT
from state.errors import PromptTooLong
from state.feedback import Feedback
from tests.pages.test_boxes import whole
from tests.pages.test_pages import Opening, address, converse, mine, open_page

__all__ = ["open_page", "whole"]
LONG = "a" * (PROMPT_LIMIT + 1)
SAID = str(PromptTooLong(len(LONG), PROMPT_LIMIT))


def said(tab: AppTest) -> list[str]:
    return [warning.value for warning in tab.warning]


def test_a_sentence_is_there_until_the_person_does_something_else(open_page: Opening) -> None:
    tab = open_page(conversation=converse())
    tab.chat_input(PROMPT).set_value(LONG).run()
    assert said(tab) == [SAID]
    assert said(tab.run()) == [SAID]  # as the page asks for by itself, when something new is to be drawn

    tab.button("good").click().run()
    assert not said(tab)


def test_a_sentence_goes_with_the_page_that_it_was_about(open_page: Opening) -> None:
    tab = open_page(conversation=converse())
    tab.chat_input(PROMPT).set_value(LONG).run()
    tab.query_params[ADDRESS] = converse()

    assert not said(tab.run())


def test_a_sentence_outlives_the_rerun_that_drew_it_and_was_overtaken(open_page: Opening, monkeypatch: pytest.MonkeyPatch) -> None:
    tab = open_page(conversation=converse())
    first = address(tab)

    class Overtaken(LocalScriptRunner):
        """Whose person goes on as soon as the sentence is drawn, before the rest of the page is."""

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self.is_overtaken, self.page = False, ""
            self.on_event.connect(self._go_on, weak=False)

        def _go_on(self, _sender: object, event: ScriptRunnerEvent, forward_msg: ForwardMsg | None = None, **told: Any) -> None:
            self.page = told.get("page_script_hash", self.page)
            if event is ScriptRunnerEvent.ENQUEUE_FORWARD_MSG and SAID in str(forward_msg) and not self.is_overtaken:
                self.is_overtaken = True
                done = tab.button("good").click().root.get_widget_states()
                self.request_rerun(RerunData(query_string=f"{ADDRESS}={first}", widget_states=done, page_script_hash=self.page))

    monkeypatch.setattr(app_test, "LocalScriptRunner", Overtaken)
    tab.chat_input(PROMPT).set_value(LONG).run()

    assert said(tab) == [SAID]
    assert [feedback.verdict for feedback in mine().feedback(first).values() if isinstance(feedback, Feedback)] == ["good"]
