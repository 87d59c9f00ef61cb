"""What a person does in a page takes effect whole, however soon they do the next thing.

Streamlit ends a rerun at the next thing it draws or remembers once the browser asks for another one, even before or in the middle of
the callbacks of what was clicked. What they had not done yet is never done, as the next rerun takes the click for an old one. A prompt
was lost that way, and so was “ask me first” for a tool.
"""

from typing import Any

from streamlit.runtime.scriptrunner import script_runner
from streamlit.runtime.state.safe_session_state import SafeSessionState


class WholeCallbacks(SafeSessionState):
    """A tab's session state, in which a rerun's callbacks run to their end. What is drawn after them may be ended as before."""

    def on_script_will_rerun(self, *args: Any, **kwargs: Any) -> None:
        runner = self._yield_callback.__self__  # type: ignore[attr-defined]  # it is given as the runner's method
        runner._execing = False  # noqa: SLF001
        try:
            super().on_script_will_rerun(*args, **kwargs)
        finally:
            runner._execing = True  # noqa: SLF001


def keep_callbacks_whole() -> None:
    """It takes `runner.fastReruns = false` too, or two reruns of one tab would change its state at once."""
    script_runner.SafeSessionState = WholeCallbacks  # type: ignore[attr-defined]  # Streamlit exports nothing of it
