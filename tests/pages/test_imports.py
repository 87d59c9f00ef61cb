"""Taking conversation files in and all data out, run by Streamlit's own test driver."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from agents import imports as modes
from agents.exports import export_conversation
from pages.ui.imports import LONG_BYTES
from state import imports
from state.exports import checksum
from tests.pages.opening import opened
from tests.pages.test_pages import Opening, converse, keys, mine, open_page

__all__ = ["open_page"]  # a fixture
Content = dict[str, Any]


def changed(text: str, change: Callable[[Content], object]) -> bytes:
    """A file changed by somebody who knows how its checksum is made."""
    content = json.loads(text)
    change(content)
    return json.dumps({**content, "checksum": checksum(content)}).encode()


HOSTILE: dict[str, tuple[Callable[[str], bytes], str]] = {
    "nothing": (lambda _: b"", imports.NOT_JSON),
    "no JSON": (lambda _: b"\x89PNG\r\n", imports.NOT_JSON),
    "a page": (lambda _: b"<script>alert(1)</script>", imports.NOT_JSON),
    "cut off": (lambda text: text[:-200].encode(), imports.CUT_OFF),
    "very deep": (lambda _: b"[" * 100_000, imports.TOO_DEEP),
    "another's JSON": (lambda _: b'{"provider": "os.system"}', imports.NOT_OURS),
    "a list": (lambda _: b"[1]", imports.NOT_OURS),
    "not a number": (lambda _: b'{"format": NaN}', imports.NOT_JSON),
    "another version": (lambda text: changed(text, lambda content: content.update(version=99)), "format version 99"),
    "a changed word": (lambda text: text.replace("Answer 1", "Answer 7").encode(), imports.DAMAGED),
    "a field more": (lambda text: changed(text, lambda content: content.update(provider="os.system")), "at `provider`"),
    "a field that is markup": (
        lambda text: changed(text, lambda content: content.update({"x`\n\n[y](http://evil)": 1})),
        "at `x’ [y](http://evil)`",
    ),
    "a mode that is markup": (
        lambda text: changed(text, lambda content: content["conversation"].update(mode="`[y](http://evil)")),
        "`’[y](http://evil)`",
    ),
    "a version that is markup": (lambda text: changed(text, lambda content: content.update(version="[y](http://e)")), "`[y](http://e)`"),
    "another mode": (lambda text: changed(text, lambda content: content["conversation"].update(mode="pirates")), "`pirates`"),
    "a stranger": (
        lambda text: changed(text, lambda content: content["events"][2]["event"].update(source="system")),
        modes.STRANGER.format(source="`system`"),
    ),
    "its own parent": (
        lambda text: changed(text, lambda content: content["runs"][0].update(parent=content["runs"][0]["id"])),
        "do not follow one another",
    ),
    "events lost": (lambda text: changed(text, lambda content: content["events"].pop(1)), "not numbered"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_file_is_refused_in_words(open_page: Opening, case: str) -> None:
    """Nothing is imported, there is nothing to confirm, and the page goes on."""
    open_page("home.py")
    conversation = converse(2)
    make, sentence = HOSTILE[case]
    tab = open_page("conversations.py")
    tab.file_uploader("import_file").set_value(("file.json", make(export_conversation(mine(), conversation)), "application/json")).run()

    assert [error.value for error in tab.error] == [error.value for error in tab.error if sentence in error.value] != []
    assert "import_confirm" not in keys(tab)
    assert not tab.exception
    assert mine().count() == 1


def test_a_file_is_shown_before_it_is_taken_in(open_page: Opening) -> None:
    open_page("home.py")
    conversation = converse(2)
    tab = open_page("conversations.py")
    file = export_conversation(mine(), conversation).encode()
    tab.file_uploader("import_file").set_value(("file.json", file, "application/json")).run()
    assert any("2 turns, 4 messages" in markdown.value for markdown in tab.main.markdown)
    assert mine().count() == 1
    tab.button("import_confirm").click().run()

    assert "It was imported" in tab.success[0].value
    assert mine().count() == 2
    assert not tab.exception


def test_a_long_file_is_worked_on_in_sight(open_page: Opening) -> None:
    """What is being done is said until it is done; of a short file, which is read at once, nothing."""
    open_page("home.py")
    tab, file = open_page("conversations.py"), export_conversation(mine(), converse()).encode()
    tab.file_uploader("import_file").set_value(("file.json", file, "application/json")).run()
    assert not tab.toast
    tab.file_uploader("import_file").set_value(("file.json", file + b" " * LONG_BYTES, "application/json")).run()

    assert [toast.value for toast in tab.toast] == ["Done."]


def test_what_was_imported_may_be_deleted_while_its_file_is_there(open_page: Opening) -> None:
    """The page goes on, and the same file can be taken in again."""
    open_page("home.py")
    file = export_conversation(mine(), converse()).encode()
    tab = open_page("conversations.py")
    tab.file_uploader("import_file").set_value(("file.json", file, "application/json")).run()
    assert any("1 turn, 2 messages" in markdown.value for markdown in tab.main.markdown)
    tab.button("import_confirm").click().run()
    imported = mine().conversations(1)[0].id
    opened(tab, f"menu_{imported}").button(f"delete_{imported}").click().run()
    tab.button(f"confirm_delete_{imported}").click().run()

    assert not tab.error
    assert not tab.success
    assert f"delete_{mine().conversations(1)[0].id}" in keys(opened(tab, f"menu_{mine().conversations(1)[0].id}"))
    tab.button("import_confirm").click().run()
    assert mine().count() == 2


def test_all_data_goes_when_that_is_confirmed(open_page: Opening) -> None:
    open_page("home.py")
    converse()
    converse()
    tab = open_page("settings.py")
    tab.button("delete_all").click().run()
    tab.button("keep_all").click().run()
    assert mine().count() == 2
    tab.button("delete_all").click().run()
    tab.button("confirm_delete_all").click().run()

    assert mine().count() == 0
    assert any("You have none" in markdown.value for markdown in tab.main.markdown)
    assert not tab.exception
