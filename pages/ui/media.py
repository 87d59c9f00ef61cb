"""For which page Streamlit makes what it serves beside pages: it notes that of none, and of a download not even the page that asked."""

from typing import Any

from streamlit.runtime.media_file_manager import MediaFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx

from pages.web import tabs


def note_media() -> None:
    """Have what is drawn, and what a download button makes when it is pressed, noted as its page's. Streamlit offers no hook."""
    add, execute = MediaFileManager.add, MediaFileManager.execute_deferred

    def add_noted(self: MediaFileManager, *args: Any, **kwargs: Any) -> str:
        address = add(self, *args, **kwargs)
        if context := get_script_run_ctx():
            tabs.make(context.session_id, address)
        return address

    def execute_noted(self: MediaFileManager, file_id: str) -> str:
        asked = self._deferred_callables.get(file_id)
        address = execute(self, file_id)
        if asked:
            tabs.make(asked["session_id"], address)
        return address

    MediaFileManager.add = add_noted  # type: ignore[method-assign]
    MediaFileManager.execute_deferred = execute_noted  # type: ignore[method-assign]
