"""A click has its whole effect, whenever the next one comes."""

from typing import Any

import pytest
from streamlit import config
from streamlit.proto.WidgetStates_pb2 import WidgetState, WidgetStates
from streamlit.runtime.scriptrunner import RerunData, ScriptRunnerEvent, script_runner
from streamlit.runtime.state.safe_session_state import SafeSessionState
from streamlit.testing.v1 import AppTest, app_test
from streamlit.testing.v1.local_script_runner import LocalScriptRunner

from pages.ui.callbacks import MOST_GONE, is_pressed_at, keep_callbacks_whole


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


def many_widgets() -> None:
    import streamlit as st  # noqa: PLC0415

    st.session_state["drawn"] = drawn = st.session_state.get("drawn", 0) + 1
    st.button("Always", key="always", on_click=lambda: st.session_state.update(pressed=True))
    for number in range(100):
        st.button("Once", key=f"once_{drawn}_{number}")


def test_widgets_that_are_long_gone_are_forgotten() -> None:
    """Not those that are drawn, nor those that were a moment ago."""
    tab = AppTest.from_function(many_widgets, default_timeout=20)
    for _ in range(12):
        tab.run()
    known = tab.session_state._state._state._new_widget_state.widget_metadata  # noqa: SLF001
    tab.button(key="always").click().run()

    assert len(known) <= MOST_GONE + 101
    assert all(any(f"once_{drawn}_99" in widget for widget in known) for drawn in (11, 12))
    assert tab.session_state["pressed"]


class Overtaken(LocalScriptRunner):
    """Whose browser sends presses when this rerun has drawn its first widgets, once."""

    presses = WidgetStates()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.on_event.connect(self._overtake, weak=False)

    def _overtake(self, _sender: object, event: ScriptRunnerEvent, **_told: object) -> None:
        if event is ScriptRunnerEvent.ENQUEUE_FORWARD_MSG and self.events.count(event) == 3:
            self.request_rerun(RerunData(widget_states=self.presses))


def long_page() -> None:
    import streamlit as st  # noqa: PLC0415

    st.session_state["runs"] = st.session_state.get("runs", 0) + 1
    pressed = st.session_state.setdefault("pressed", [])
    for number in range(600):
        st.button("Press", key=f"press_{number}", on_click=pressed.append, args=(number,))


def test_a_page_that_was_ended_early_forgets_no_widget(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many it has: presses of them are on their way."""
    tab = AppTest.from_function(long_page, default_timeout=20).run()
    presses = [WidgetState(id=button.proto.id, trigger_value=True) for button in tab.button]
    monkeypatch.setattr(Overtaken, "presses", WidgetStates(widgets=presses))
    monkeypatch.setattr(app_test, "LocalScriptRunner", Overtaken)
    tab.run()

    assert tab.session_state["runs"] == 3  # the second was ended
    assert sorted(tab.session_state["pressed"]) == list(range(600))


def test_what_a_page_asks_for_by_itself_is_no_press_at_another() -> None:
    """It comes in one rerun with the click that leads there, which it must not undo."""
    assert is_pressed_at("b", ["$$ID-0-stop"])
    assert is_pressed_at("b", ["$$ID-0-live_b"])
    assert not is_pressed_at("a", ["$$ID-0-live_b"])
    assert is_pressed_at("a", ["$$ID-0-live_b", "$$ID-0-stop"])
