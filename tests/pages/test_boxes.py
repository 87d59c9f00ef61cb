"""A prompt sent from a page that is on its way elsewhere goes where the person is, and so does nothing else they press there."""

from typing import Any

import pytest
from streamlit.proto.WidgetStates_pb2 import WidgetStates
from streamlit.runtime.scriptrunner import RerunData, ScriptRunnerEvent, script_runner
from streamlit.runtime.state.safe_session_state import SafeSessionState
from streamlit.testing.v1 import AppTest, app_test
from streamlit.testing.v1.local_script_runner import LocalScriptRunner

from pages.ui.address import ADDRESS
from pages.ui.boxes import UNCLEAR
from pages.ui.callbacks import keep_callbacks_whole
from pages.ui.session import PROMPT
from state.events import InputRequested, UserMessage
from tests.pages.test_pages import Opening, address, converse, live_run_ends, mine, open_page, put_back

__all__ = ["open_page"]


@pytest.fixture(autouse=True)
def whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(script_runner, "SafeSessionState", SafeSessionState)  # so that it is put back afterwards
    keep_callbacks_whole()


def quick(tab: AppTest, monkeypatch: pytest.MonkeyPatch) -> WidgetStates:
    """Have what is done in the page now come as soon as the next rerun has begun, before it draws anything."""
    done: WidgetStates = tab._tree.get_widget_states()  # noqa: SLF001  # Streamlit's driver sends nothing on the way
    where = f"{ADDRESS}={address(tab)}"

    class Quick(LocalScriptRunner):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self.on_event.connect(self._send, weak=False)

        def _send(self, _sender: object, event: ScriptRunnerEvent, **told: Any) -> None:
            if event is ScriptRunnerEvent.SCRIPT_STARTED and self.events.count(event) == 1:
                self.request_rerun(RerunData(query_string=where, widget_states=done, page_script_hash=told["page_script_hash"]))

    monkeypatch.setattr(app_test, "LocalScriptRunner", Quick)
    return WidgetStates()


def test_what_is_pressed_on_the_way_does_not_lead_back(open_page: Opening, monkeypatch: pytest.MonkeyPatch) -> None:
    """The browser's address follows the click a moment later. A prompt sent in that moment goes there too."""
    left, there = converse(), converse()
    tab = open_page(conversation=left)
    tab.chat_input(PROMPT).set_value("At once")
    nothing = quick(tab, monkeypatch)
    tab.query_params[ADDRESS] = there
    tab._run(nothing)  # noqa: SLF001
    live_run_ends(tab)

    assert prompts(left) == ["Prompt 1"]
    assert prompts(there) == ["Prompt 1", "At once"]


def prompts(conversation: str) -> list[str]:
    entries = mine().transcript(conversation, 100).entries
    return [entry.event.text for entry in entries if isinstance(entry.event, UserMessage)]


def test_a_prompt_sent_on_the_way_to_a_conversation_goes_there(open_page: Opening, monkeypatch: pytest.MonkeyPatch) -> None:
    left, there = converse(), converse()
    tab = open_page(conversation=left)
    tab.query_params[ADDRESS] = there
    tab.chat_input(PROMPT).set_value("At once")
    tab._run(quick(tab, monkeypatch))  # noqa: SLF001
    live_run_ends(tab)

    assert prompts(left) == ["Prompt 1"]
    assert prompts(there) == ["Prompt 1", "At once"]


def test_a_prompt_that_comes_together_with_the_click_away_is_put_back(open_page: Opening) -> None:
    """It may have been sent first: nobody can tell."""
    left, there = converse(), converse()
    tab = open_page(conversation=left)
    tab.query_params[ADDRESS] = there
    tab.chat_input(PROMPT).set_value("At once").run()

    assert prompts(left) == prompts(there) == ["Prompt 1"]
    assert put_back(tab) == "At once"
    assert UNCLEAR in [warning.value for warning in tab.warning]


def test_what_is_typed_on_the_way_is_no_answer_to_a_question_not_seen(open_page: Opening, monkeypatch: pytest.MonkeyPatch) -> None:
    left, there = converse(), converse()
    request = InputRequested(source="assistant", request_id="q", kind="question", title="?", text="Where?")
    run, _ = mine().begin_run(there, "assistant", UserMessage(text="Go"), "demo · built-in")
    mine().append(run, [request])
    tab = open_page(conversation=left)
    tab.query_params[ADDRESS] = there
    tab.chat_input(PROMPT).set_value("At once")
    tab._run(quick(tab, monkeypatch))  # noqa: SLF001

    assert put_back(tab) == "At once"


def test_a_button_that_is_still_seen_is_its_own_conversations(open_page: Opening) -> None:
    """Each conversation's buttons are known by it: a late press never is another's."""
    first, second = open_page(conversation=converse()), open_page(conversation=converse())

    assert first.button("regenerate").proto.id != second.button("regenerate").proto.id
    assert first.chat_input(PROMPT).proto.id == second.chat_input(PROMPT).proto.id
