"""The travel team in a real browser, on the demo model with nothing to ask for facts."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from icalendar import Calendar
from playwright.sync_api import Page, expect

from tests.browser.chat import Chat
from tests.nursery import ForkedServer
from tests.server import Server

TEAM_SECONDS = 60_000
SERVICES = ("WEATHER", "GEOCODING", "CURRENCY", "PLACES", "CLIMATE", "OVERPASS")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A server on the demo model whose tools reach nobody."""
    server = ForkedServer(tmp_path / "data", **{f"ROUNDTABLE_{name}_URL": "http://127.0.0.1:1" for name in SERVICES})
    server.start()
    yield server
    server.kill()


@pytest.fixture
def travel(page: Page, server: Server) -> Chat:
    """The Travel page, opened."""
    chat = Chat(page, server.url)
    chat.open("/travel")
    return chat


def download(page: Page, key: str) -> bytes:
    with page.expect_download() as downloading:
        page.locator(f".st-key-{key} button").click()
    return downloading.value.path().read_bytes()


def test_the_team_plans_a_trip(travel: Chat, foreign_requests: list[str]) -> None:
    """Each speaks under its name, the strip says who; a wish is taken up; the plan is drawn, survives a reload, and can be taken along."""
    page, strip = travel.page, travel.page.locator(".st-key-team_strip")
    travel.send("Plan a 3-day trip to Paris from London from 2027-05-03")
    expect(page.locator("[class*=st-key-member_speaking_]")).to_contain_text("Travel advisor")
    expect(travel.messages.last).to_contain_text("Travel advisor")
    expect(travel.live_text).not_to_be_empty()
    travel.send("With a hostel, please")
    expect(travel.messages.filter(has_text="With a hostel, please")).to_have_count(1)
    expect(page.locator(".st-key-plan_files")).to_be_visible(timeout=TEAM_SECONDS)
    expect(travel.stop).to_have_count(0)

    expect(strip).to_contain_text("of 12 messages")
    expect(page.get_by_text("Evaluator ended its message with DONE")).to_be_visible()
    page.get_by_text("Why now?").first.click()
    expect(page.get_by_text("The selector chose Travel advisor.")).to_be_visible()
    page.reload()
    expect(page.locator(".st-key-plan_files")).to_be_visible()
    for name in ("Travel advisor", "Hotel agent", "Flight agent", "Evaluator"):
        expect(travel.messages.filter(has_text=name).first).to_be_attached()
    page.get_by_role("tab", name="Costs").click()
    expect(page.get_by_role("cell", name="Total")).to_be_visible()
    page.get_by_role("tab", name="Map").click()
    drawing = page.locator(".st-key-plan [data-testid=stImage] img").first
    expect(drawing).to_be_visible()
    assert drawing.evaluate("image => image.complete && image.naturalWidth > 0")
    assert "# 3 days in Paris" in download(page, "plan_markdown").decode()
    assert json.loads(download(page, "plan_json"))["title"] == "3 days in Paris"
    events = Calendar.from_ical(download(page, "plan_ics")).walk("VEVENT")
    zones = {str(event["DTSTART"].params.get("TZID")) for event in events if "TZID" in event["DTSTART"].params}
    assert zones == {"Europe/Paris"}
    assert foreign_requests == []


def test_it_goes_on_after_a_stop_and_in_a_new_server(travel: Chat, server: Server) -> None:
    travel.send("Plan a 2-day trip to Rome")
    expect(travel.live_text).not_to_be_empty()
    travel.stop.click()
    expect(travel.page.get_by_text("You stopped this answer")).to_be_visible()
    server.kill()
    server.start()
    travel.page.reload()
    travel.page.locator(".st-key-continue button").click()

    expect(travel.page.locator(".st-key-plan_files")).to_be_visible(timeout=TEAM_SECONDS)
    expect(travel.messages.filter(has_text="Plan a 2-day trip to Rome")).to_have_count(1)


def test_roles_are_read_and_changed(travel: Chat) -> None:
    page = travel.page
    page.get_by_role("button", name="Team").click()
    page.get_by_role("tab", name="Hotel agent").click()
    expect(page.get_by_label("Instructions").filter(visible=True)).to_contain_text("hotel booking expert")
    page.get_by_test_id("stPopoverBody").get_by_text("Takes part").filter(visible=True).click()

    expect(page.get_by_text("Hotel agent · off")).to_be_visible()
