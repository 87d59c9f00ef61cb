"""Pictures of the whole interface, for people to look at: `python -m tests.browser.survey FOLDER [WORD]`, which `make look` runs.

Every page and main state, on screens of 360, 768 and 1,440 px, light and dark, and a page `index.html` with all of them. With a word
only the walks of `tests/browser/states.py` that have it in their name.
"""

import sys
import tempfile
from collections.abc import Sequence
from html import escape
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests import provider as scripted
from tests import services as local
from tests.browser.chat import Chat
from tests.browser.chromium import system_chromium
from tests.browser.conftest import ARGUMENTS
from tests.browser.screens import HEIGHTS, THEMES, WIDE, opened, show
from tests.browser.states import DEMO, SCRIPTED, Tour, scripted_environment
from tests.server import Server

PLACES = """(toEnd) => { const { scrollTop, clientHeight, scrollHeight } = document.querySelector('[data-testid="stMain"]');
  const count = scrollTop || !toEnd ? 1 : Math.ceil(scrollHeight / clientHeight);
  return [...Array(count).keys()].map((number) => scrollTop + number * clientHeight); }"""
"""Where to scroll to: from a page's begin to its end, while a conversation that is at its end stays there."""
SCROLL = """(place) => { document.querySelector('[data-testid="stMain"]').scrollTop = place; }"""
STYLE = "body { font-family: sans-serif } img { border: 1px solid #999; height: 360px; margin: 0 8px 8px 0; vertical-align: top }"


class Camera:
    """Takes pictures of a state on each screen, down to the end of a page that is shown from its begin."""

    def __init__(self, page: Page, folder: Path) -> None:
        self._page = page
        self._folder = folder
        self.files: dict[str, list[str]] = {}
        """The pictures' names by their state."""

    def look(self, state: str, within: str | None = None, widths: Sequence[int] = ()) -> None:
        for theme in THEMES:
            for width in widths or HEIGHTS:
                show(self._page, theme, width)
                self._take(state, f"{state.replace(' ', '-')}-{width}-{theme}", to_end=within is None)
        show(self._page, THEMES[0], widths[0] if widths else WIDE)

    def _take(self, state: str, name: str, *, to_end: bool) -> None:
        places: list[float] = self._page.evaluate(PLACES, to_end)
        for number, place in enumerate(places, start=1):
            file = f"{name}{f'-{number}' if number > 1 else ''}.png"
            self._page.evaluate(SCROLL, place)
            self._page.screenshot(path=self._folder / file, animations="disabled")
            self.files.setdefault(state, []).append(file)
        self._page.evaluate(SCROLL, places[0])


def index(files: dict[str, list[str]]) -> str:
    parts = [f"<title>The interface</title><style>{STYLE}</style>"]
    for state, names in files.items():
        parts.append(f"<h2>{escape(state)}</h2>")
        parts += [f'<a href="{name}"><img src="{name}" alt="{name}" loading="lazy"></a>' for name in names]
    return "\n".join(parts)


def take_all(folder: Path, browser: Browser, word: str) -> dict[str, list[str]]:
    files: dict[str, list[str]] = {}
    with scripted.serving() as provider, local.serving() as services:
        for walk in (walk for walk in (*SCRIPTED, *DEMO) if word in walk.__name__):
            environment = scripted_environment(provider) if walk in SCRIPTED else services.environment()
            with tempfile.TemporaryDirectory() as data:
                server = Server(Path(data) / "data", **environment, ROUNDTABLE_TITLES="prompt")
                server.start()
                page = opened(browser)
                camera = Camera(page, folder)
                try:
                    walk(Tour(Chat(page, server.url), server, provider, camera.look))
                finally:
                    server.kill()
                page.close()
            files |= camera.files
            provider.forget()
    return files


def main(folder: str, word: str = "") -> None:
    Path(folder).mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=system_chromium(), args=ARGUMENTS)
        files = take_all(Path(folder), browser, word)
    (Path(folder) / "index.html").write_text(index(files), encoding="utf-8")
    sys.stdout.write(f"{sum(map(len, files.values()))} pictures are in {folder}; index.html shows them all.\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
