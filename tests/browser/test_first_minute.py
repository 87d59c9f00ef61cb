"""Someone new, from Home to a finished travel plan."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chat import Chat
from tests.nursery import ForkedServer
from tests.services import Services

TEAM_SECONDS = 60_000
MOST_CLICKS = 6
COUNT = """() => {
  window.pressed = { click: 0, keydown: 0 };
  for (const kind in pressed) addEventListener(kind, ({ isTrusted }) => (pressed[kind] += isTrusted), true);
}"""
"""What a person presses from now on; no page is loaded anew on the way."""


@pytest.mark.timeout(300)  # a team takes its time on a machine that is full
def test_a_plan_in_six_clicks(page: Page, tmp_path: Path, services: Services) -> None:
    """With the demo model: an example at Home begins it, and the plan is read to its end and taken along. No key is pressed."""
    server = ForkedServer(tmp_path / "data", **services.environment())
    server.start()
    try:
        chat = Chat(page, server.url)
        chat.open("/")
        page.evaluate(COUNT)
        chat.click("example_travel_0")
        plan = page.locator(".st-key-plan")
        expect(page.locator(".st-key-plan_files")).to_be_visible(timeout=TEAM_SECONDS)
        expect(chat.stop).to_have_count(0)
        for part in (1, 2):
            tab = plan.get_by_role("tab").nth(part)
            tab.click()
            expect(tab).to_have_attribute("aria-selected", "true")
        with page.expect_download() as download:
            chat.click("plan_ics")
        pressed = page.evaluate("window.pressed")
    finally:
        server.kill()

    assert download.value.suggested_filename == "plan.ics"
    assert 0 < pressed["click"] <= MOST_CLICKS
    assert pressed["keydown"] == 0
