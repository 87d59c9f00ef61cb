"""What the server answers beside pages, over real HTTP."""

import json
import logging
import re
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

import httpx2
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Route
from streamlit.runtime.scriptrunner.exec_code import modified_sys_path

from agents.application import application, close_application
from agents.assistant import ASSISTANT
from agents.images.preparing import PreparedImage, prepare
from agents.runs import Run
from app import PAGE
from pages.web import sign_outs, tickets
from pages.web.events import STREAMS, _next_ping, events, state_id
from pages.web.headers import SecurityHeaders, content_security_policy
from pages.web.health import health
from pages.web.images import address, images
from pages.web.parts import KEPT
from state import paths
from state.events import AgentMessage, RunEnded, UserMessage
from state.store import Stores
from state.users import LOCAL_USER, User
from tests.agents.images.pictures import opened, photo, saved
from tests.conftest import ALICE, BOB, wait_until
from tests.provider import Gate, Provider, Reply
from tests.server import ROOT, Server

Event = tuple[str, str, object]


@pytest.fixture
def url(process_application: None) -> Iterator[str]:
    """The server's own routes, in this process, where a test can reach the application behind them."""
    app = Starlette(
        routes=[Route("/events/{conversation}", events), Route("/pictures/{image}", images), Route("/healthz", health)],
        middleware=[Middleware(SecurityHeaders, page=PAGE)],
    )
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="off", timeout_graceful_shutdown=0))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.005)
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join(timeout=5)


def start(prompt: str, user: User = ALICE) -> Run:
    return application().runner.start(application().store(user), ASSISTANT, UserMessage(text=prompt))


def ticket(conversation: str, user: User = ALICE) -> str:
    return tickets.issue(application().folder.secret, user, conversation)


def drawn(conversation: str) -> str:
    """What a page that is drawn now shows of a conversation."""
    return state_id(application().runner.feed(application().store(ALICE), conversation).now)


def read(lines: Iterator[str]) -> Event:
    """The next server-sent event of a stream: its name, id and data."""
    fields: dict[str, str] = {}
    for line in lines:
        if line and not line.startswith(":"):
            name, _, value = line.partition(": ")
            fields[name] = value
        elif fields:
            return fields["event"], fields.get("id", ""), json.loads(fields["data"])
    pytest.fail("the stream ended")


def following(url: str, run: Run, shown: str, last_id: str = "", user: User = ALICE) -> AbstractContextManager[httpx2.Response]:
    conversation = run.record.conversation
    query = {"ticket": ticket(conversation, user), "drawn": shown}
    headers = {b"last-event-id": last_id.encode()} if last_id else {}
    return httpx2.stream("GET", f"{url}/events/{conversation}", params=query, headers=headers, timeout=10)


def test_health_is_told(url: str) -> None:
    answer = httpx2.get(f"{url}/healthz")

    assert answer.status_code == 200
    assert answer.json() == {"status": "ok", "loop": "ok", "store": "ok"}
    assert answer.headers["cache-control"] == "no-store"


def test_a_lost_data_folder_is_told(url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The answer names no path; it comes back to health by itself."""
    assert httpx2.get(f"{url}/healthz").status_code == 200
    (tmp_path / "data").rename(tmp_path / "elsewhere")
    with caplog.at_level(logging.CRITICAL):
        answer = httpx2.get(f"{url}/healthz")

    assert answer.status_code == 503
    assert answer.json() == {"status": "failing", "loop": "ok", "store": "dead"}
    (tmp_path / "elsewhere").rename(tmp_path / "data")
    assert httpx2.get(f"{url}/healthz").status_code == 200


def test_a_dead_loop_is_told(url: str) -> None:
    application().loop.close()
    answer = httpx2.get(f"{url}/healthz")

    assert answer.status_code == 503
    assert answer.json() == {"status": "failing", "loop": "dead", "store": "ok"}


def test_no_cache_keeps_a_download_or_a_refusal(url: str) -> None:
    for path in ("/events/x", "/pictures/x", "/media/x.json"):
        answer = httpx2.get(url + path)
        assert answer.status_code >= 400
        assert "no-store" in answer.headers["cache-control"]


def test_every_answer_has_security_headers(url: str) -> None:
    """Errors too."""
    headers, *others = [httpx2.get(url + path).headers for path in ("/healthz", "/events/x", "/nowhere")]

    for other in others:
        assert other["content-security-policy"] == headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    policy = dict(rule.split(" ", 1) for rule in headers["content-security-policy"].split("; "))
    assert policy["default-src"] == policy["connect-src"] == "'self'"
    assert policy["img-src"] == "'self' data: blob:"
    assert policy["frame-ancestors"] == policy["object-src"] == "'none'"
    assert "unsafe" not in policy["script-src"]


def test_no_rerun_changes_the_way_to_modules() -> None:
    """Streamlit has its script's folder in it for each rerun. Whatever another thread imports as it is taken out again may not be found:
    the first answer of one server in two hundred failed for it."""
    before = list(sys.path)
    with modified_sys_path(str(ROOT / "pages" / "main.py")):
        assert sys.path == before


def test_the_policy_allows_the_index_page_s_own_scripts_only() -> None:
    """By their hashes: the SHA-256 of `alert(1)` is known."""
    policy = content_security_policy("<script>alert(1)</script><script src='/x.js'></script>")

    assert "script-src 'self' blob: 'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI=';" in policy
    assert "script-src 'self' blob: 'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI=';" in content_security_policy(
        '<script type="module">alert(1)</script>'
    )
    assert "script-src 'self' blob:;" in content_security_policy("<p>no script</p>")


def test_events_need_a_ticket(url: str) -> None:
    """This conversation's, issued by this server."""
    conversation = start("Mine").record.conversation
    other, forged = ticket("other"), tickets.issue(b"x" * 32, ALICE, conversation)
    for offered in ({}, {"ticket": "invented"}, {"ticket": other}, {"ticket": forged}):
        answer = httpx2.get(f"{url}/events/{conversation}", params=offered)

        assert answer.status_code == 403
        assert answer.text == "This page's ticket is no longer good; reload the page."


def test_events_of_an_unknown_conversation_are_not_found(url: str) -> None:
    answer = httpx2.get(f"{url}/events/nope", params={"ticket": ticket("nope")})

    assert answer.status_code == 404
    assert answer.text.startswith("There is no such conversation among yours.")


def test_a_ticket_finds_only_its_holder_s_conversations(url: str) -> None:
    conversation = start("Mine").record.conversation
    answer = httpx2.get(f"{url}/events/{conversation}", params={"ticket": ticket(conversation, BOB)})

    assert answer.status_code == 404


@pytest.mark.usefixtures("openai_environment")
def test_a_page_hears_something_before_a_proxy_hangs_up(url: str, provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    """While nothing is said, and what is said then comes as ever."""
    monkeypatch.setattr("pages.web.events.PING_SECONDS", 0.1)
    gate, end = Gate(), Gate()
    provider.enqueue(Reply(gate, "At last.", end))
    run = start("Go on")
    with following(url, run, drawn(run.record.conversation)) as answer:
        lines = answer.iter_lines()
        pings = [next(line for line in lines if line) for _ in range(3)]
        gate.open()
        said = read(line for line in lines if not line.startswith(":"))
        end.open()

    assert pings == [": ping"] * 3
    assert said[0] == "draft"


def test_pings_go_out_together_and_in_time() -> None:
    moments = [1000.0 + each / 2 for each in range(180)]
    pings = {_next_ping(moment) for moment in moments}

    assert len(pings) == 3
    assert all(0 < _next_ping(moment) - moment <= 45 for moment in moments)


def test_a_question_for_the_headers_alone_ends(url: str) -> None:
    conversation = start("Hello").record.conversation
    answer = httpx2.head(f"{url}/events/{conversation}", params={"ticket": ticket(conversation)})

    assert (answer.status_code, answer.text) == (200, "")
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.headers["x-accel-buffering"] == "no"


@pytest.mark.usefixtures("openai_environment")
def test_text_streams_and_a_change_is_told(url: str, provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    """A drawn page hears nothing but the text being written, until the answer's end, which is one change where the disk is fast enough."""
    monkeypatch.setattr("pages.web.events.SETTLE_SECONDS", 30)
    gates = Gate(), Gate()
    provider.enqueue(Reply("So **far** ", gates[0], "and no further.", gates[1]))
    run = start("Go on")
    with following(url, run, drawn(run.record.conversation)) as answer:
        lines = answer.iter_lines()
        first = read(lines)
        gates[0].open()
        second = read(lines)
        gates[1].open()
        last = read(lines)

    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-accel-buffering"] == "no"
    assert first == ("draft", "2.1", {"at": 0, "keep": 0, "html": ["<p>So <strong>far</strong></p>\n"]})
    assert second == ("draft", "2.2", {"at": 0, "keep": 26, "html": [" and no further.</p>\n"]})
    assert last == ("changed", "", "4.0.idle")
    assert drawn(run.record.conversation) == "4.0.idle"


@pytest.mark.usefixtures("openai_environment")
def test_a_page_that_is_behind_is_told_at_once(url: str, provider: Provider) -> None:
    """And then gets the text that is being written."""
    gate = Gate()
    provider.enqueue(Reply("So far ", gate))
    run = start("Go on")
    feed = application().runner.feed(application().store(ALICE), run.record.conversation)
    wait_until(lambda: feed.now.draft is not None)
    with following(url, run, "1.idle") as answer:
        lines = answer.iter_lines()
        changed, draft = read(lines), read(lines)
    gate.open()

    assert changed == ("changed", "", "2.0.running")
    assert draft[0] == "draft"


@pytest.mark.usefixtures("openai_environment")
def test_a_dropped_connection_resumes_after_the_last_frame(url: str, provider: Provider) -> None:
    gates = Gate(), Gate()
    provider.enqueue(Reply("So far ", gates[0], "and on", gates[1]))
    run = start("Go on")
    shown = drawn(run.record.conversation)
    with following(url, run, shown) as answer:
        _, last_id, _ = read(answer.iter_lines())
    gates[0].open()
    with following(url, run, shown, last_id) as answer:
        resumed = read(answer.iter_lines())
    gates[1].open()

    assert resumed == ("draft", "2.2", {"at": 0, "keep": 9, "html": [" and on</p>\n"]})


@pytest.mark.usefixtures("openai_environment")
def test_any_number_of_readers_get_the_same(url: str, provider: Provider) -> None:
    gate = Gate()
    provider.enqueue(Reply("So far ", gate))
    run = start("Go on")
    shown = drawn(run.record.conversation)
    with following(url, run, shown) as one, following(url, run, shown) as two:
        assert read(one.iter_lines()) == read(two.iter_lines())
    gate.open()


@pytest.mark.parametrize("last_id", ["2.9", "2.", "2.-1", "2.²", "3.1", "1", "2." + "1" * 5000, "x" * 5000])
@pytest.mark.usefixtures("openai_environment")
def test_an_id_that_was_never_sent_gets_the_whole_text(url: str, provider: Provider, last_id: str) -> None:
    gate = Gate()
    provider.enqueue(Reply("So far ", gate))
    run = start("Go on")
    feed = application().runner.feed(application().store(ALICE), run.record.conversation)
    wait_until(lambda: feed.now.draft is not None)
    with following(url, run, drawn(run.record.conversation), last_id) as answer:
        _, _, data = read(answer.iter_lines())
    gate.open()

    assert data == {"at": 0, "keep": 0, "html": ["<p>So far</p>\n"]}


def test_streams_of_one_user_are_bounded(url: str) -> None:
    """Another's are not; and there is room again when one is closed."""
    mine, theirs = start("Mine"), start("Theirs", BOB)
    wait_until(lambda: mine.is_over and theirs.is_over)
    with ExitStack() as streams:
        query = {"ticket": ticket(mine.record.conversation)}
        client = streams.enter_context(httpx2.Client(limits=httpx2.Limits(max_connections=None)))
        opened = [
            streams.enter_context(client.stream("GET", f"{url}/events/{mine.record.conversation}", params=query)).iter_lines()
            for _ in range(STREAMS)
        ]
        assert [read(lines)[0] for lines in opened] == ["changed"] * STREAMS
        with following(url, mine, "") as refused, following(url, theirs, "", user=BOB) as other:
            assert refused.read().decode() == "You have too many pages open; close some of them."
            assert (refused.status_code, other.status_code) == (429, 200)

    def has_room() -> bool:
        with following(url, mine, "") as again:
            return again.status_code == 200

    wait_until(has_room)


def cookie(value: str) -> dict[str, str]:
    return {"cookie": f"{sign_outs.COOKIE}={value}"}


def signed_in(value: str) -> str:
    """As once a page was drawn for this sign-in."""
    cookies = {sign_outs.COOKIE: value}
    sign_outs.note(cookies)
    return sign_outs.sign_in_of(cookies)


@pytest.fixture
def signing_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROUNDTABLE_AUTH", "oidc")
    for name in ("METADATA_URL", "CLIENT_ID", "CLIENT_SECRET", "REDIRECT_URL"):
        monkeypatch.setenv(f"ROUNDTABLE_OIDC_{name}", "http://127.0.0.1/oauth2callback")


def test_a_ticket_is_good_in_the_sign_in_s_hands_that_it_was_made_for(signing_in: None, url: str) -> None:
    """Not in those of another person who is signed in, nor in nobody's; a picture's neither. Signing out ends both."""
    conversation, id = start("Mine").record.conversation, sent_picture().stored.id
    mine = signed_in("mine")
    live = tickets.issue(application().folder.secret, ALICE, conversation, mine)

    def statuses(headers: dict[str, str]) -> list[int]:
        with httpx2.stream("GET", f"{url}/events/{conversation}", params={"ticket": live}, headers=headers) as answer:
            return [answer.status_code, httpx2.get(url + address(ALICE, id, mine), headers=headers).status_code]

    assert statuses(cookie("mine")) == [200, 200]
    assert statuses(cookie("theirs")) == statuses({}) == [403, 403]
    sign_outs.end({sign_outs.COOKIE: "mine"})
    assert statuses(cookie("mine")) == [403, 403]


def test_cookies_of_another_application_on_this_machine_do_not_matter(url: str) -> None:
    """A browser sends what any port of it has set."""
    id = sent_picture().stored.id

    assert httpx2.get(url + address(ALICE, id), headers=cookie("another's")).status_code == 200


def test_a_ticket_that_names_no_sign_in_is_nothing_where_people_sign_in(signing_in: None, url: str) -> None:
    conversation = start("Mine").record.conversation
    answers = [
        httpx2.get(f"{url}/events/{conversation}", params={"ticket": ticket(conversation)}, headers=headers)
        for headers in ({}, cookie("theirs"))
    ]

    assert [answer.status_code for answer in answers] == [403, 403]


@pytest.mark.usefixtures("openai_environment")
def test_signing_out_ends_an_open_stream_at_its_next_event(signing_in: None, url: str, provider: Provider) -> None:
    gate = Gate()
    provider.enqueue(Reply("So far ", gate, "and on"))
    run = start("Go on")
    feed = application().runner.feed(application().store(ALICE), run.record.conversation)
    wait_until(lambda: feed.now.draft is not None)
    shown, mine = drawn(run.record.conversation), signed_in("left")
    offered = tickets.issue(application().folder.secret, ALICE, run.record.conversation, mine)
    query = {"ticket": offered, "drawn": shown}
    with httpx2.stream("GET", f"{url}/events/{run.record.conversation}", params=query, headers=cookie("left")) as answer:
        lines = answer.iter_lines()
        first = read(lines)
        sign_outs.end({sign_outs.COOKIE: "left"})
        gate.open()
        rest = [line for line in lines if line and not line.startswith(":")]

    assert first[0] == "draft"
    assert not rest


def test_a_disk_that_does_not_answer_is_said(url: str, tmp_path: Path) -> None:
    """By the routes to events and pictures, without a path."""
    conversation, id = start("Mine").record.conversation, sent_picture().stored.id
    close_application()
    (tmp_path / "data" / "users").rename(tmp_path / "elsewhere")
    (tmp_path / "data" / "users").write_text("in the way")
    query = {"ticket": ticket(conversation)}
    for answer in (httpx2.get(f"{url}/events/{conversation}", params=query), httpx2.get(url + address(ALICE, id))):
        assert answer.status_code == 503
        assert str(tmp_path) not in answer.text


def sent_picture(user: User = ALICE) -> PreparedImage:
    """A picture in a conversation of the user's."""
    picture = prepare(saved(photo(800, 600), "JPEG"), "x.jpg")
    store, message = application().store(user), UserMessage(text="Look", images=(picture.stored,))
    run, _ = store.begin_run(None, "images", message, "demo", images={picture.stored.id: picture.data})
    store.end_run(run, [], RunEnded(status="finished"))
    return picture


def test_a_picture_is_served_as_it_was_stored_and_small(url: str) -> None:
    picture = sent_picture()
    whole = httpx2.get(url + address(ALICE, picture.stored.id))
    small = httpx2.get(url + address(ALICE, picture.stored.id, is_small=True))

    assert whole.content == picture.data
    assert whole.headers["content-type"] == "image/jpeg"
    assert whole.headers["cache-control"] == "private, max-age=86400, immutable"
    assert whole.headers["x-content-type-options"] == "nosniff"
    assert max(opened(small.content).size) == 320
    assert address(ALICE, picture.stored.id) == address(ALICE, picture.stored.id)


def test_a_picture_is_its_user_s(url: str) -> None:
    """Nobody has it without a ticket, and a ticket of another's finds nothing."""
    id = sent_picture().stored.id
    bare = httpx2.get(f"{url}/pictures/{id}")
    bob = httpx2.get(url + address(BOB, id))
    other = httpx2.get(url + address(ALICE, id).replace(id, "0" * 64, 1))

    assert (bare.status_code, bob.status_code, other.status_code) == (403, 404, 403)
    assert bob.text.startswith("There is no such picture among yours.")


def test_the_whole_server_answers_and_ends_in_order(tmp_path: Path) -> None:
    """As `uvicorn app:app`: health, pages and events with their headers, and no ticket in its log. It ends what it streams, and cuts
    nothing off."""
    data = tmp_path / "data"
    stores = Stores(data)
    store = stores.of(LOCAL_USER)
    run, _ = store.begin_run(None, "assistant", UserMessage(text="Hello"), "demo · built-in")
    store.end_run(run, [AgentMessage(source="assistant", text="Hi.")], RunEnded(status="finished"))
    stores.close()
    server = Server(data)
    server.start()
    try:
        page, healthy = httpx2.get(server.url), httpx2.get(f"{server.url}/healthz")
        nowhere, far, no_part = (httpx2.get(server.url + address) for address in ("/nowhere", "/no/such/page", "/parts/live.js"))
        parts = [httpx2.get(server.url + address) for address in re.findall(r'modulepreload" href="(/parts/.+?)"', page.text)]
        good = tickets.issue(paths.secret_file(data).read_bytes(), LOCAL_USER, run.conversation)
        refused = httpx2.get(f"{server.url}/events/{run.conversation}")
        with httpx2.stream("GET", f"{server.url}/events/{run.conversation}", params={"ticket": good}, timeout=10) as answer:
            lines = answer.iter_lines()
            changed = read(lines)
            server.terminate()
            assert not any(lines)
    finally:
        server.terminate()

    assert "<title>Roundtable</title>" in page.text
    assert ".st-key-conversations" in page.text.partition("<body>")[2]
    assert nowhere.text == page.text
    assert (far.status_code, far.headers["location"]) == (307, "/")
    assert len(parts) >= 5
    assert all(part.status_code == 200 and "export default" in part.text for part in parts)
    assert {part.headers["content-type"].partition(";")[0] for part in parts} == {"text/javascript"}
    assert {part.headers["cache-control"] for part in parts} == {KEPT}
    assert no_part.status_code == 404
    assert (healthy.status_code, refused.status_code) == (200, 403)
    assert changed == ("changed", "", "4.0.idle")
    for answered in (page, healthy, refused, answer):
        assert answered.headers["content-security-policy"] == content_security_policy(PAGE)
    log = server.log.read_text()
    assert good not in log
    assert not re.search("Traceback|without completing response|timeout graceful shutdown exceeded", log)
    with pytest.raises(httpx2.TransportError):
        httpx2.get(f"{server.url}/healthz", timeout=1)


def test_a_server_that_cannot_start_says_why(tmp_path: Path) -> None:
    """In one sentence, and without the value that is wrong."""
    server = Server(tmp_path / "data", ROUNDTABLE_MODEL="sk-not-a-model")
    with pytest.raises(AssertionError):
        server.start()

    log = server.log.read_text()
    assert "Roundtable cannot start. ROUNDTABLE_MODEL has a value that cannot be used" in log
    assert "sk-not-a-model" not in log
