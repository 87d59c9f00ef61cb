"""What axe-core finds on every page and in every main state, light and dark, at a desk and on a phone: nothing serious."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # it has no types
from playwright.sync_api import Browser, Page, expect

from tests.browser.chat import Chat
from tests.browser.screens import NARROW, THEMES, WIDE, expect_still, opened, show
from tests.browser.states import DEMO, SCRIPTED, Tour, scripted_environment
from tests.nursery import ForkedServer
from tests.provider import Provider
from tests.services import Services

GRAVE = {"serious", "critical"}
RULES = {
    "target-size": {"enabled": True},  # of WCAG 2.2, and left out by axe unless it is asked for
    "scrollable-region-focusable": {"enabled": False},  # browsers let the keyboard into code and wide tables by themselves
}
ALL = {"resultTypes": ["violations"], "rules": RULES}
CONTRAST = {"resultTypes": ["violations"], "runOnly": {"type": "rule", "values": ["color-contrast"]}}

FIND = "([within, options]) => axe.run(within ?? document, options).then(({ violations }) => violations)"


class Looker:
    """Looks at a page in many states, and says at the end what was found in which."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._found: list[str] = []
        self.states: list[str] = []

    def look(self, state: str, within: str | None = None, widths: Sequence[int] = ()) -> None:
        """All of it at a desk, its colours in the other theme, and all of it again on a phone."""
        self.states.append(state)
        light, dark = THEMES
        if not widths:
            self._ask(f"{state}, {light}", within, ALL)
            show(self._page, dark, WIDE)
            self._ask(f"{state}, {dark}", within, CONTRAST)
        show(self._page, dark, NARROW)
        self._ask(f"{state}, on a phone", within, ALL)
        show(self._page, light, NARROW if widths else WIDE)

    def _ask(self, state: str, within: str | None, options: Mapping[str, object]) -> None:
        expect_still(self._page)
        for violation in self._violations(within, options):
            if violation["impact"] in GRAVE:
                elements = [f"{node['html']} at {node['target']}" for node in violation["nodes"]]
                self._found.append(f"{state}: {violation['id']}: {elements[:3]}")

    def _violations(self, within: str | None, options: Mapping[str, object]) -> list[dict[str, Any]]:
        """A page that has been looked at has axe-core still."""
        if not self._page.evaluate("() => 'axe' in window"):
            self._page.evaluate(Axe().axe_script)
        found: list[dict[str, Any]] = self._page.evaluate(FIND, [within, options])
        return found

    def found(self) -> str:
        return "\n".join(self._found)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    page = opened(browser)
    yield page
    page.close()


@pytest.fixture
def looker(page: Page) -> Looker:
    return Looker(page)


@pytest.mark.timeout(400)  # many looks, on a machine that may be full
@pytest.mark.parametrize("walk", [*SCRIPTED, *DEMO])
def test_nothing_serious(
    walk: Callable[[Tour], None], page: Page, looker: Looker, tmp_path: Path, provider: Provider, services: Services
) -> None:
    environment = scripted_environment(provider) if walk in SCRIPTED else services.environment()
    server = ForkedServer(tmp_path / "data", **environment, ROUNDTABLE_TITLES="prompt")
    server.start()
    try:
        walk(Tour(Chat(page, server.url), server, provider, looker.look))
    finally:
        server.kill()

    assert looker.states
    assert not looker.found(), looker.found()


def test_signing_in(page: Page, looker: Looker, tmp_path: Path) -> None:
    """Before the provider is asked for anything."""
    oidc = {f"ROUNDTABLE_OIDC_{name}": "http://127.0.0.1:1/" for name in ("METADATA_URL", "CLIENT_ID", "CLIENT_SECRET")}
    server = ForkedServer(tmp_path / "data", ROUNDTABLE_AUTH="oidc", **oidc)
    server.add(ROUNDTABLE_OIDC_REDIRECT_URL=f"{server.url}/oauth2callback")
    server.start()
    try:
        page.goto(server.url)
        expect(page.locator(".st-key-sign_in")).to_be_visible()
        looker.look("signing in")
    finally:
        server.kill()

    assert not looker.found(), looker.found()
