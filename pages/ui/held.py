"""What Streamlit holds in memory of the files that were put into a page."""

from typing import cast

from streamlit.runtime import get_instance
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager


def held_bytes(session: str) -> int | None:
    """For a page that lost its browser until two minutes later, as it may come back; None for one that is gone."""
    runtime = get_instance()
    manager = cast("MemoryUploadedFileManager", runtime.uploaded_file_mgr)
    held = sum(len(file.data) for file in tuple(manager.file_storage.get(session, {}).values()))
    return held if held or runtime.is_active_session(session) else None
