"""What Streamlit does with a process's first page, done before somebody waits for it."""

import importlib
import inspect
import logging

_log = logging.getLogger(__name__)


def get_ready() -> None:
    """Nothing depends on it: where another version does these things in another way, the first page takes its time."""
    try:
        importlib.import_module("streamlit.emojis")  # for the page's symbol
        importlib.import_module("streamlit.material_icon_names")  # for those of buttons
        inspect.stack()  # for the first element it looks whether this is a console, and for that where the files of all modules are
    except Exception as error:
        _log.warning("the first page will take longer: %s", type(error).__name__)
