"""Opens boxes as a person does, by their buttons."""

from streamlit.testing.v1 import AppTest


def opened(tab: AppTest, *keys: str) -> AppTest:
    """The same page, drawn anew with these boxes open."""
    for key in keys:
        tab.session_state[key] = True
    return tab.run()
