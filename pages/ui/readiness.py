"""What Streamlit does with a process's first page, done before somebody waits for it."""

import importlib
import inspect


def get_ready() -> None:
    importlib.import_module("streamlit.emojis")  # for the page's symbol
    importlib.import_module("streamlit.material_icon_names")  # for those of buttons
    inspect.stack()  # for the first element it looks whether this is a console, and for that where the files of all modules are
