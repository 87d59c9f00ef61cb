"""A real browser in front of a real server in front of a scripted model."""

import logging
from asyncio import AbstractEventLoop, _set_running_loop, get_running_loop
from collections.abc import Generator, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, Request, sync_playwright

from tests.browser.chat import Chat
from tests.browser.chromium import system_chromium
from tests.nursery import ForkedServer
from tests.planted import PLANTED, guarded
from tests.provider import Provider
from tests.server import Server, usual_port
from tests.services import Services

_log = logging.getLogger(__name__)
KEPT = "cookies,local_storage,indexeddb,cache_storage,service_workers"
"""What a page can leave in a browser."""
LOGGED = 8_000
"""Letters of a server's log that are told at most, its last."""

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """What its server had to say is told where a test fails."""
    report = yield
    server = getattr(item, "funcargs", {}).get("server")
    if report.failed and isinstance(server, Server) and server.log.exists():
        report.sections.append(("The server's log", server.log.read_text(errors="replace")[-LOGGED:]))
    return report


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=system_chromium(), args=ARGUMENTS)
        loop = get_running_loop()
        yield chromium
        _set_running_loop(loop)
        chromium.close()


@pytest.fixture(scope="session")
def playwright_loop(browser: Browser) -> AbstractEventLoop:
    return get_running_loop()


@pytest.fixture(autouse=True)
def driven(playwright_loop: AbstractEventLoop) -> Iterator[None]:
    """Playwright leaves its loop the running one of this thread, where others begin theirs: it is that for a browser's tests only."""
    _set_running_loop(playwright_loop)
    yield
    _set_running_loop(None)


@pytest.fixture(scope="session")
def first_tab(browser: Browser, playwright_loop: AbstractEventLoop) -> Page:
    """Tabs that it opens are of its process, which compiles the scripts of an address once: each new process took two seconds for it."""
    _set_running_loop(playwright_loop)  # what is there for all tests begins before `driven`
    context = browser.new_context(viewport={"width": 1280, "height": 800}, accept_downloads=True, reduced_motion="reduce")
    page = context.new_page()
    page.route("**", lambda route: route.fulfill(body="An address of this machine, so that it is the process of those."))
    page.goto("http://127.0.0.1/")
    page.unroute_all()
    return page


@pytest.fixture
def context(first_tab: Page) -> Iterator[BrowserContext]:
    """The same one for all tests, and as new for each, but that it knows the files of the server's usual address."""
    context = first_tab.context
    yield context
    try:
        require_nothing_shown(context)
    finally:
        forget(first_tab)


def close(context: BrowserContext) -> None:
    require_nothing_shown(context)
    context.close()


def require_nothing_shown(context: BrowserContext) -> None:
    """No page of it shows a key that a test has planted."""
    assert not any(PLANTED.decode() in _content(page) for page in context.pages)


def forget(first_tab: Page) -> None:
    """All that a test has done in this tab's context: other tabs, what pages keep, and what was set."""
    context = first_tab.context
    for page in context.pages:
        if page != first_tab:
            page.close()
    context.clear_cookies()
    context.clear_permissions()
    context.set_extra_http_headers({})
    context.set_offline(False)
    devtools = context.new_cdp_session(first_tab)
    devtools.send("Storage.clearDataForOrigin", {"origin": f"http://127.0.0.1:{usual_port()}", "storageTypes": KEPT})
    devtools.detach()


def _content(page: Page) -> str:
    """What a page holds; of one that is on its way elsewhere, what it holds when it is there."""
    while True:
        page.wait_for_load_state()
        try:
            return page.content()
        except Error as error:
            if "page is navigating" not in error.message:
                raise


@pytest.fixture
def foreign_requests(context: BrowserContext) -> Iterator[list[str]]:
    """Every address outside loopback that a page asked for. The browser knows the way to none of them."""
    asked: list[str] = []

    def note(request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme != "blob" and address.hostname not in {"127.0.0.1", "localhost"}:
            asked.append(request.url)

    context.on("request", note)
    yield asked
    context.remove_listener("request", note)


@pytest.fixture
def page(first_tab: Page, context: BrowserContext) -> Page:
    """What did not arrive is in the log of a test that fails."""
    with context.expect_page() as opened:
        first_tab.evaluate("() => void open('about:blank')")
    page = opened.value
    page.on("requestfailed", lambda request: _log.warning("%s: %s", request.url, request.failure))
    return page


@pytest.fixture
def server(tmp_path: Path, openai_environment: dict[str, str], services: Services) -> Iterator[Server]:
    """A server whose model is the scripted provider, and whose tools ask local services."""
    environment = openai_environment | services.environment() | {"ROUNDTABLE_MODEL_TIMEOUT": "8"}
    with guarded(ForkedServer(tmp_path / "data", **environment)) as server:
        yield server


@pytest.fixture
def chat(page: Page, server: Server, provider: Provider) -> Chat:
    """The Assistant page, opened."""
    chat = Chat(page, server.url)
    chat.open("/assistant")
    return chat
