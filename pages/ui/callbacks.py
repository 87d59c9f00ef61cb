"""What a person does in a page takes effect whole, however soon they do the next thing.

Streamlit ends a rerun at the next thing it draws or remembers once the browser asks for another one, even before or in the middle of
the callbacks of what was clicked. What they had not done yet is never done, as the next rerun takes the click for an old one. A prompt
was lost that way, and so was “ask me first” for a tool.
"""

from collections.abc import Iterable
from typing import Any

from streamlit.proto.WidgetStates_pb2 import WidgetState, WidgetStates
from streamlit.runtime.scriptrunner import script_runner
from streamlit.runtime.state.safe_session_state import SafeSessionState

from pages.ui.address import be_at, whereabouts
from pages.ui.session import LIVE, tab

PRESSES = ("trigger_value", "string_trigger_value", "json_trigger_value", "chat_input_value")
"""The kinds of widget values that Streamlit sends once."""
MOST_GONE = 500
"""So many widgets that are no longer drawn are known still: those of five pages or so. Each holds its callback, and with that a turn."""
LISTENER = f"-{LIVE}"
"""What the widget's id holds that asks for a rerun by itself, when something new is to be drawn."""


class TabState(SafeSessionState):
    """A tab's session state, in which a rerun's callbacks run to their end. What is drawn after them may be ended as before.

    It remembers widgets that are no longer drawn, as a press of one may be on its way, but not for ever, as Streamlit's own does.
    """

    def on_script_will_rerun(self, *args: Any, **kwargs: Any) -> None:
        runner = self._yield_callback.__self__  # type: ignore[attr-defined]  # it is given as the runner's method
        runner._execing = False  # noqa: SLF001
        try:
            _go(args[0] if args else None)
            super().on_script_will_rerun(*args, **kwargs)
            tab().has_gone(whereabouts())  # the rerun that is to draw where a callback led may be overtaken before it has
        finally:
            runner._execing = True  # noqa: SLF001

    def on_script_finished(self, widget_ids_this_run: frozenset[str], **kwargs: bool) -> None:
        super().on_script_finished(widget_ids_this_run, **kwargs)
        if not kwargs.get("remove_stale_widgets"):  # a page that was not drawn to its end has more widgets than these
            return
        with self._lock:
            _forget_long_gone(self._state._new_widget_state.widget_metadata, widget_ids_this_run)  # noqa: SLF001


def _forget_long_gone(known: dict[str, Any], drawn: frozenset[str]) -> None:
    for widget in drawn & known.keys():
        known[widget] = known.pop(widget)  # so the first are those that were drawn longest ago
    for widget in list(known)[: max(0, len(known) - len(drawn) - MOST_GONE)]:
        del known[widget]


def _go(done: WidgetStates | None) -> None:
    """Remember where the person goes, before any callback has its say.

    The browser names the page it is at, which it still does for a moment after what leads elsewhere, as a click to another conversation,
    or a prompt to the end of this one: what it sends then must not lead back.
    """
    pressed, before, asked = _pressed(done), tab().place, whereabouts()
    be_at(tab().go(asked, is_pressed=is_pressed_at(asked.conversation, pressed)))
    if tab().place != before or any(LISTENER not in widget for widget in pressed):
        tab().move_on()


def is_pressed_at(conversation: str | None, pressed: Iterable[str]) -> bool:
    """Whether a page of this conversation sent any of these widgets. What another's asked for by itself came with a click on a link."""
    return any(LISTENER not in widget or f"{LISTENER}{conversation}" in widget for widget in pressed)


def _pressed(done: WidgetStates | None) -> list[str]:
    """The widgets that were pressed or sent, as none is with a link to another page."""
    return [widget.id for widget in (done.widgets if done else ()) if _is_once(widget)]


def _is_once(widget: WidgetState) -> bool:
    kind = widget.WhichOneof("value") or ""
    value = getattr(widget, kind, None)
    return kind in PRESSES and value is not False and str(value) != ""


def keep_callbacks_whole() -> None:
    """It takes `runner.fastReruns = false` too, or two reruns of one tab would change its state at once."""
    script_runner.SafeSessionState = TabState  # type: ignore[attr-defined]  # Streamlit exports nothing of it
