"""The documentation names what there is, and leads nowhere that is not."""

import re
from pathlib import Path

import pytest

from tests.browser.screens import THEMES
from tests.browser.screenshots import MOST_BYTES, PICTURES, SCENES
from tests.server import ROOT

DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[\w-]+)?\)|(?:src|srcset)=\"([^\"]+)\"")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
NAMED = re.compile(r"`((?:agents|pages|state|tests|docs)/[\w./-]*)`")


def named(file: Path) -> set[str]:
    return {match[1] for match in NAMED.finditer(file.read_text(encoding="utf-8"))}


def test_every_package_is_in_the_tree() -> None:
    """A folder of modules is said to be there, so that nobody has to guess what it is for."""
    packages = {f"{file.parent.relative_to(ROOT)}/" for top in ("agents", "pages", "state") for file in (ROOT / top).rglob("__init__.py")}

    assert packages <= named(ROOT / "docs" / "architecture.md")


def test_every_page_is_in_the_index() -> None:
    links = {match[1] for match in LINK.finditer((ROOT / "docs" / "README.md").read_text(encoding="utf-8"))}

    assert {page.name for page in (ROOT / "docs").glob("*.md")} - {"README.md"} == {link for link in links if link.endswith(".md")}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda file: str(file.relative_to(ROOT)))
def test_what_is_named_is_there(document: Path) -> None:
    """Links, pictures, and files between backticks outside examples, but for a decision's, which tells of its day."""
    text = FENCE.sub("", document.read_text(encoding="utf-8"))
    links = {match[1] or match[2] for match in LINK.finditer(text)}
    missing = {link for link in links if ":" not in link and not (document.parent / link).exists()}
    if document.parent.name != "decisions" and document.name not in {"CHANGELOG.md", "adding-a-mode.md", "adding-a-tool.md"}:
        missing |= {name for name in named(document) if not (ROOT / name).exists()}

    assert not missing


def test_the_pictures_are_all_there_and_shown_and_small() -> None:
    taken = {f"{name}-{theme}.png" for name in SCENES for theme in THEMES}
    shown = {(match[1] or match[2]).rpartition("/")[2] for file in DOCUMENTS for match in LINK.finditer(file.read_text(encoding="utf-8"))}

    assert {file.name for file in PICTURES.iterdir()} == taken
    assert taken <= shown
    assert all(file.stat().st_size <= MOST_BYTES for file in PICTURES.iterdir())
