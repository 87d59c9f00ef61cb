"""Long work in a callback, which draws nothing in the page: told in its corner until it is done."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import streamlit as st

ICON = ":material/hourglass_top:"


@contextmanager
def working(sentence: str, *, is_long: bool) -> Iterator[Callable[[str], None]]:
    """Say what is being done, where that takes long. It can be said anew meanwhile."""
    if not is_long:
        yield lambda _: None
        return
    corner = st.toast(sentence, icon=ICON, duration="infinite")

    def say(sentence: str) -> None:
        corner.toast(sentence, icon=ICON, duration="infinite")

    try:
        yield say
    finally:
        corner.toast("Done.", icon=":material/check:", duration=1)
