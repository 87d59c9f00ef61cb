"""A click has its whole effect, whenever the next one comes."""

from typing import Any

import pytest
from streamlit import config
from streamlit.runtime.scriptrunner import RerunData, ScriptRunnerEvent, script_runner
from streamlit.runtime.state.safe_session_state import SafeSessionState
from streamlit.testing.v1 import AppTest, app_test
from streamlit.testing.v1.local_script_runner import LocalScriptRunner

from pages.ui.callbacks import keep_callbacks_whole


class Hurried(LocalScriptRunner):
    """Whose browser asks for another rerun as soon as one has begun, and once more."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.on_event.connect(self._hurry, weak=False)

    def _hurry(self, _sender: object, event: ScriptRunnerEvent, **_told: object) -> None:
        if event is ScriptRunnerEvent.SCRIPT_STARTED and self.events.count(event) == 1:
            self.request_rerun(RerunData())


def page(*, is_hurried: bool) -> None:
    import streamlit as st  # noqa: PLC0415  # only a page's own text is run
    from streamlit.runtime.scriptrunner import RerunData, get_script_run_ctx  # noqa: PLC0415

    def click() -> None:
        context = get_script_run_ctx()
        if is_hurried and context and context.script_requests:
            context.script_requests.request_rerun(RerunData())  # as the browser's next message does, in this very moment
        st.query_params["address"] = "here"
        for _ in range(2):
            st.session_state["effects"] = st.session_state.get("effects", 0) + 1

    st.button("Click", on_click=click)
    st.write("drawn")


@pytest.fixture(autouse=True)
def whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(script_runner, "SafeSessionState", SafeSessionState)  # so that it is put back afterwards
    keep_callbacks_whole()


def test_the_next_click_does_not_end_a_callback() -> None:
    tab = AppTest.from_function(page, kwargs={"is_hurried": True}, default_timeout=20).run()
    tab.button[0].click().run()

    assert tab.session_state["effects"] == 2


def test_the_next_click_does_not_keep_a_callback_from_beginning(monkeypatch: pytest.MonkeyPatch) -> None:
    tab = AppTest.from_function(page, kwargs={"is_hurried": False}, default_timeout=20).run()
    monkeypatch.setattr(app_test, "LocalScriptRunner", Hurried)
    tab.button[0].click().run()

    assert tab.session_state["effects"] == 2
    assert tab.markdown[0].value == "drawn"


def test_a_tab_is_rerun_once_at_a_time() -> None:
    config.get_config_options(force_reparse=True)

    assert config.get_option("runner.fastReruns") is False
