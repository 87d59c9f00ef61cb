"""Behind nginx, with the configuration that `deploy/` has."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.chat import Chat
from tests.nursery import ForkedServer
from tests.planted import guarded
from tests.provider import Gate, Provider, Reply
from tests.proxy import SECRET, nginx, nginx_before
from tests.server import free_port

MEGABYTE = 1_000_000


@pytest.fixture
def address(tmp_path: Path, openai_environment: dict[str, str]) -> Iterator[str]:
    """nginx's, before a server that believes what it says of the user."""
    environment = {"ROUNDTABLE_AUTH": "header", "ROUNDTABLE_AUTH_SECRET": SECRET, "ROUNDTABLE_MODEL_TIMEOUT": "30"}
    server, port = ForkedServer(tmp_path / "data", **openai_environment | environment), free_port()
    with guarded(server), nginx_before(server, port, tmp_path / "nginx"):
        yield f"http://127.0.0.1:{port}"
    log = (tmp_path / "nginx" / "access.log").read_text()
    assert "GET /events/" in log
    assert '"PUT /_stcore/upload_file/..." 204' in log
    assert not re.search(r"ticket=|planted|upload_file/\w", log)


@pytest.mark.skipif(nginx() is None, reason="nginx is not installed here; .ci/run installs it")
def test_a_conversation_through_nginx(address: str, context: BrowserContext, provider: Provider, tmp_path: Path) -> None:
    """Websocket, live text as it comes, and a file as large as may be. nginx says who it is, whatever the browser says of itself."""
    gate = Gate()
    provider.enqueue(Reply("This much ", gate, "and the rest."))
    assert httpx2.get(address).status_code == 403
    context.add_cookies([{"name": "who", "value": "alice", "url": address}])
    context.set_extra_http_headers({"X-Forwarded-User": "bob", "X-Roundtable-Secret": SECRET, "X-Forwarded-For": "10.0.0.1"})
    chat = Chat(context.new_page(), address)
    chat.open("/assistant")
    chat.send("Tell me")
    expect(chat.live_text).to_have_text("This much")
    gate.open()
    chat.expect_said("Tell me", "This much and the rest.")

    expect(chat.page.get_by_text("Signed in as alice")).to_be_visible()
    chat.open("/conversations")
    chat.page.get_by_text("Import a conversation").click()
    large = tmp_path / "large.json"
    large.write_bytes(b"[" * (49 * MEGABYTE))
    chat.page.locator(".st-key-import_file input[type=file]").set_input_files(large)
    expect(chat.page.get_by_test_id("stAlert").first).to_contain_text("This file has more parts")
    assert httpx2.get(f"{address}/metrics").status_code == 404
    script = chat.page.locator("script[src*='/static/js/']").first.evaluate("(script) => script.src")
    assert httpx2.get(script, cookies={"who": "alice"}).headers["content-encoding"] == "gzip"
    assert httpx2.get(f"{address}/healthz").headers["server"] == "nginx"
