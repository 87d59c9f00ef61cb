"""Takes the pictures in `docs/pictures` anew, so that they stay true: `python -m tests.browser.screenshots`.

The demo model answers and local services give the facts, so no key and no network is needed.
"""

import tempfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests import services as local
from tests.browser.chat import Chat
from tests.browser.chromium import system_chromium
from tests.browser.conftest import ARGUMENTS
from tests.browser.screens import THEMES, Theme
from tests.server import ROOT, Server

PICTURES = ROOT / "docs" / "pictures"
SIZE = (1200, 800)
MOST_BYTES = 200_000
TEAM_SECONDS = 90_000
TRIP = "Plan a 3-day trip to Paris from London from 2027-05-03, for 900 EUR"


def show_home(chat: Chat) -> None:
    chat.open("/")


def show_plan(chat: Chat) -> None:
    """The plan at the end of the team's turn, with the strip of who spoke over it."""
    chat.open("/travel")
    chat.send(TRIP)
    expect(chat.page.locator(".st-key-plan_files")).to_be_visible(timeout=TEAM_SECONDS)
    expect(chat.stop).to_have_count(0)
    _bring_up(chat.page, ".st-key-plan", below=110)


def show_code(chat: Chat) -> None:
    """A program, and under it what it printed."""
    chat.open("/coding")
    chat.page.get_by_role("button", name="Which primes are below 100?").click()
    chat.click("run_rest")
    expect(chat.page.locator(".st-key-actions_last")).to_be_visible(timeout=TEAM_SECONDS)
    _bring_up(chat.page, '[data-testid="stChatMessage"] >> nth=2', below=400)


SCENES: dict[str, Callable[[Chat], None]] = {"travel": show_plan, "coding": show_code, "home": show_home}
"""Home comes last: it lists what was talked about then."""


def _bring_up(page: Page, selector: str, *, below: int) -> None:
    """Scroll until an element begins a bit below the top."""
    page.locator(selector).evaluate(
        "(element, below) => { const main = element.closest('[data-testid=stMain]');"
        " main.scrollTop += element.getBoundingClientRect().top - below; }",
        below,
    )


def take(page: Page, file: Path) -> None:
    """Without what only shows that somebody is at it. A picture of few colours would be smaller, and of other colours than the page."""
    page.mouse.move(0, 0)
    page.evaluate("() => document.activeElement.blur()")
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(500)
    Image.open(BytesIO(page.screenshot(animations="disabled"))).convert("RGB").save(file, optimize=True)
    if file.stat().st_size > MOST_BYTES:
        raise SystemExit(f"{file.name} has {file.stat().st_size:,} bytes, and {MOST_BYTES:,} is the most.")


def take_all(browser: Browser, url: str, theme: Theme) -> None:
    width, height = SIZE
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=theme, reduced_motion="reduce")
    for name, show in SCENES.items():
        chat = Chat(context.new_page(), url)
        show(chat)
        take(chat.page, PICTURES / f"{name}-{theme}.png")
        print(f"{name}-{theme}.png")  # noqa: T201
    context.close()


def main() -> None:
    """Each theme has a server of its own, which lists what was talked about there."""
    PICTURES.mkdir(exist_ok=True)
    with local.serving() as services, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=system_chromium(), args=ARGUMENTS)
        for theme in THEMES:
            with tempfile.TemporaryDirectory() as folder:
                server = Server(Path(folder) / "data", **services.environment(), ROUNDTABLE_TITLES="prompt")
                server.start()
                try:
                    take_all(browser, server.url, theme)
                finally:
                    server.kill()


if __name__ == "__main__":
    main()
