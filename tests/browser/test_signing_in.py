"""Signing in with OpenID Connect, at a real provider on loopback."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from playwright.sync_api import Page, expect

from tests.browser.chat import Chat
from tests.nursery import ForkedServer
from tests.planted import guarded
from tests.provider import Gate, Provider, Reply
from tests.server import Server, free_port


@pytest.fixture
def identity_provider() -> Iterator[str]:
    """A provider that signs in whoever says a name."""
    port = free_port()
    with subprocess.Popen(
        [sys.executable, "-m", "oidc_provider_mock", "--port", str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        url = f"http://127.0.0.1:{port}"
        metadata = f"{url}/.well-known/openid-configuration"
        deadline = time.monotonic() + 30
        while not _answers(metadata):
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.1)
        yield metadata
        process.kill()


def _answers(url: str) -> bool:
    try:
        return httpx2.get(url).status_code == 200
    except httpx2.TransportError:
        return False


@pytest.fixture
def signed(tmp_path: Path, openai_environment: dict[str, str], identity_provider: str) -> Iterator[Server]:
    """A server that asks people to sign in."""
    environment = openai_environment | {
        "ROUNDTABLE_MODEL_TIMEOUT": "30",
        "ROUNDTABLE_AUTH": "oidc",
        "ROUNDTABLE_OIDC_METADATA_URL": identity_provider,
        "ROUNDTABLE_OIDC_CLIENT_ID": "roundtable",
        "ROUNDTABLE_OIDC_CLIENT_SECRET": "sk-planted-key-of-the-client",
    }
    server = ForkedServer(tmp_path / "data", **environment)
    server.add(ROUNDTABLE_OIDC_REDIRECT_URL=f"{server.url}/oauth2callback")
    with guarded(server):
        yield server


def sign_in(page: Page, url: str, name: str) -> None:
    page.goto(url)
    page.get_by_role("button", name="Sign in").click()
    page.locator("input[name=sub]").fill(name)
    page.locator("input[name=sub]").press("Enter")
    expect(page.get_by_text(f"Signed in as {name}")).to_be_visible()


def sign_out(page: Page) -> None:
    """Here, and at the provider, which asks whether it is meant."""
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="End session").click()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()


def test_people_sign_in_and_out(signed: Server, page: Page, provider: Provider) -> None:
    """Each finds their own, and nothing of who was at this browser before. An answer goes on for its owner meanwhile."""
    gate = Gate()
    provider.enqueue(Reply("All about ", gate, "roses."))
    chat = Chat(page, signed.url)
    sign_in(page, signed.url, "alice")
    chat.open("/assistant")
    chat.send("Tell me of roses")
    expect(chat.live_text).to_have_text("All about")
    address = page.url.removeprefix(signed.url)
    sign_out(page)
    expect(page.get_by_text("roses")).to_have_count(0)

    sign_in(page, signed.url, "bob")
    chat.open(address)
    expect(page.get_by_text("There is no such conversation among yours").first).to_be_visible()
    expect(page.get_by_text("roses")).to_have_count(0)
    chat.open("/conversations")
    expect(page.get_by_text("You have no conversations yet")).to_be_visible()
    gate.open()
    sign_out(page)
    sign_in(page, signed.url, "alice")
    chat.open(address)
    chat.expect_said("Tell me of roses", "All about roses.")
    assert "Traceback" not in signed.log.read_text()


DEAF = "window.BroadcastChannel = class { postMessage() {} close() {} };"


def test_signing_out_ends_every_tab(signed: Server, page: Page, provider: Provider) -> None:
    """The others go blank by themselves. One that does not hear of it gets nothing more of the answer, and nothing that it asks for."""
    gate = Gate()
    provider.enqueue(Reply("All about ", gate, "roses."))
    sign_in(page, signed.url, "alice")
    deaf, listing = Chat(page.context.new_page(), signed.url), Chat(page.context.new_page(), signed.url)
    deaf.page.add_init_script(DEAF)
    deaf.open("/assistant")
    deaf.send("Tell me of thorns")
    expect(deaf.live_text).to_have_text("All about")
    listing.open("/conversations")
    expect(listing.page.get_by_text("Tell me of thorns").first).to_be_visible()
    sign_out(page)

    expect(listing.page.get_by_role("button", name="Sign in")).to_be_visible()
    expect(listing.page.get_by_text("thorns")).to_have_count(0)
    deaf.send("And of lilies")
    expect(deaf.page.get_by_text("You are not signed in").or_(deaf.page.get_by_role("button", name="Sign in"))).to_be_visible()
    expect(deaf.page.get_by_text("thorns")).to_have_count(0)
    gate.open()
    sign_in(page, signed.url, "alice")
    chat = Chat(page, signed.url)
    chat.open("/conversations")
    expect(page.get_by_text("Tell me of thorns").first).to_be_visible()
    assert len(provider.requests) == 1


def test_a_changed_sign_in_is_nobody_s(signed: Server, page: Page) -> None:
    """A page whose cookie was changed asks to sign in."""
    sign_in(page, signed.url, "alice")
    cookie = next(each for each in page.context.cookies() if each["name"] == "_streamlit_user")
    page.context.add_cookies([{"name": cookie["name"], "value": cookie["value"][:-4] + "AAAA", "url": signed.url}])
    page.goto(signed.url + "/assistant")

    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    expect(page.get_by_text("Signed in as")).to_have_count(0)
