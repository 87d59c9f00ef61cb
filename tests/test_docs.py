"""What the documentation tells developers to do is done here, word for word, in a copy of the tree."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.server import ROOT

GENERAL = ("tests/agents/test_modes.py", "tests/pages/test_pages.py", "tests/test_access_matrix.py")
"""What is tested of everything there is."""
TREE = ("app.py", "pyproject.toml", "agents", "pages", "state", "tests")
SHOWN = r"^## [^\n]*`(?P<path>[\w/]+\.py)`\n(?:(?!^## ).)*?```{}\n(?P<text>.*?)```"
"""A section that names a file and shows it, or changes to it."""
FILE, CHANGE = (re.compile(SHOWN.format(language), re.MULTILINE | re.DOTALL) for language in ("python", "diff"))


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the product and its tests."""
    copy = tmp_path / "tree"
    copy.mkdir()
    for name in TREE:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, copy / name)
    return copy


def follow(page: str, tree: Path) -> list[str]:
    """Write the files a page shows, and change those it shows changes of. Returns the tests it shows."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    shown = {match["path"]: match["text"] for match in FILE.finditer(text)}
    for path, content in shown.items():
        assert not (tree / path).exists()
        (tree / path).write_text(content, encoding="utf-8")
    for match in CHANGE.finditer(text):
        change(tree / match["path"], match["text"].splitlines())
    return [path for path in shown if "test_" in path]


def change(file: Path, lines: list[str]) -> None:
    """Put imports among the others, and other added lines in place of the ones that are taken away."""
    content = file.read_text(encoding="utf-8")
    imports = "".join(f"{line[1:]}\n" for line in lines if line.startswith("+from"))
    old = "\n".join(line[1:] for line in lines if line.startswith("-"))
    new = "\n".join(line[1:] for line in lines if line.startswith("+") and not line.startswith("+from"))
    assert content.count(old) == 1
    file.write_text(content.replace(old, new).replace("\nfrom agents", f"\n{imports}from agents", 1), encoding="utf-8")


def run(tree: Path, *command: str) -> None:
    """Run one of Python's modules there, which has to end well."""
    ended = subprocess.run([sys.executable, "-m", *command], cwd=tree, env=dict(os.environ), capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr


@pytest.mark.parametrize("page", ["adding-a-mode.md", "adding-a-tool.md"])
def test_a_page_can_be_followed(page: str, tree: Path) -> None:
    (own,) = follow(page, tree)
    run(tree, "ruff", "check", "--fix", "--no-cache", "--select", "I", *TREE)
    run(tree, "ruff", "check", "--no-cache", *TREE)
    run(tree, "ruff", "format", "--no-cache", "--check", *TREE)
    subject = Path(own).stem.removeprefix("test_")
    run(tree, "pytest", own, *GENERAL, "-k", f"{subject} or everything_has_a_row", "-n", "0", f"--basetemp={tree}-tests")
