"""Who may come in, and as whom: the gate by itself, with requests no browser and no proxy would send."""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from itsdangerous import BadData
from starlette.datastructures import Headers
from starlette.types import Message, Receive, Scope, Send

from agents.application import application, close_application
from pages.web import browsers, crowding, seals, sign_outs, tickets
from pages.web.gate import MOST_BYTES, NO_SIGN_OUT, Gate, _with_bound
from pages.web.hosts import ELSEWHERE, WRONG_HOST, WRONG_ORIGIN
from pages.web.visitors import NO_NAME, NOT_BELIEVED
from state.users import User

HOST = ("host", "127.0.0.1:8501")
SECRET = "s" * 16
PROVEN = ("x-roundtable-secret", SECRET)
PAGE = ("accept", "text/html,*/*")


@dataclass
class Answer:
    """What came of a request: who was let in, if anybody."""

    scope: Scope | None = None
    sent: list[Message] = field(default_factory=list)

    @property
    def user(self) -> User | None:
        assert self.scope is not None, self.text
        return seals.unsealed(application().folder.secret, Headers(scope=self.scope).get(seals.HEADER))

    @property
    def text(self) -> str:
        return b"".join(message.get("body", b"") for message in self.sent).decode()

    @property
    def cookies(self) -> list[str]:
        return Headers(raw=self.sent[0]["headers"]).getlist("set-cookie")


Ask = Callable[..., Answer]


@pytest.fixture
def ask(process_application: None) -> Ask:
    def asking(
        *headers: tuple[str, str], client: str = "127.0.0.1", type: str = "http", path: str = "/", scheme: str = "", method: str = "GET"
    ) -> Answer:
        answer = Answer()

        async def inside(scope: Scope, _receive: Receive, send: Send) -> None:
            answer.scope = scope
            if scope["type"] == "http":
                await send({"type": "http.response.start", "status": 200, "headers": [(b"set-cookie", b"other=1")]})

        async def receive() -> Message:
            return {"type": "http.request"}

        async def send(message: Message) -> None:
            answer.sent.append(message)

        raw = [(name.lower().encode(), value.encode()) for name, value in headers]
        scope = {"type": type, "path": path, "method": method, "headers": raw, "client": (client, 1), "scheme": scheme or "http"}
        asyncio.run(Gate(inside)(scope, receive, send))
        return answer

    return asking


@pytest.fixture
def header_mode(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROUNDTABLE_AUTH", "header")
    monkeypatch.setenv("ROUNDTABLE_AUTH_SECRET", SECRET)


@pytest.fixture
def browser_mode(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROUNDTABLE_AUTH", "browser")
    monkeypatch.setenv("ROUNDTABLE_HOSTS", "chat.example.org, *.example.com")


def refused(answer: Answer, sentence: str) -> bool:
    return answer.scope is None and answer.sent[0]["status"] == 403 and answer.text == sentence


def test_this_machine_comes_in(ask: Ask) -> None:
    for client in ("127.0.0.1", "::1", "127.8.8.8", "::ffff:127.0.0.1"):
        for host in ("127.0.0.1:8501", "localhost:8501", "[::1]:8501", "LOCALHOST"):
            assert ask(("host", host), client=client).scope is not None


@pytest.mark.parametrize("client", ["192.168.0.7", "10.0.0.1", "::ffff:10.0.0.1", "2001:db8::1", "unknown", ""])
def test_another_machine_is_told_how_people_are_let_in(ask: Ask, client: str) -> None:
    """By HTTP and by websocket, whatever Host it names."""
    assert refused(ask(HOST, client=client), ELSEWHERE)
    assert ask(HOST, client=client, type="websocket").sent == [{"type": "websocket.close", "code": 1008, "reason": ""}]


def test_a_proxy_s_client_is_another_machine(ask: Ask) -> None:
    assert refused(ask(HOST, ("x-forwarded-for", "203.0.113.9")), ELSEWHERE)
    assert refused(ask(HOST, ("x-forwarded-for", "127.0.0.1, 203.0.113.9")), ELSEWHERE)
    assert refused(ask(HOST, ("x-forwarded-for", "127.0.0.1"), ("x-forwarded-for", "203.0.113.9")), ELSEWHERE)


@pytest.mark.parametrize(
    "forwarded",
    [
        "for=203.0.113.9",
        "proto=http; For=203.0.113.9",
        'for="[2001:db8::1]:4711"',
        "for=127.0.0.1, for=203.0.113.9",
        "for=_me",
        "proto=http",
    ],
)
def test_a_proxy_s_client_is_another_machine_however_it_is_named(ask: Ask, forwarded: str) -> None:
    """A proxy that does not say for whom it asks may ask for anybody."""
    assert refused(ask(HOST, ("forwarded", forwarded)), ELSEWHERE)


def test_a_proxy_s_client_may_be_at_this_machine(ask: Ask) -> None:
    assert refused(ask(HOST, ("x-real-ip", "203.0.113.9")), ELSEWHERE)
    for named in (("x-real-ip", "127.0.0.1"), ("forwarded", 'for="[::1]:4711";proto=http, for=127.0.0.1:80')):
        assert ask(HOST, named).scope is not None


@pytest.mark.parametrize(
    "host",
    ["evil.example", "127.0.0.1.evil.example", "evil.example:8501", "localhost@evil.example", "evil.example@localhost", "localhost/x", ""],
)
def test_a_name_that_is_not_ours_gets_nothing(ask: Ask, host: str) -> None:
    """A page elsewhere can let its own name point to this machine."""
    for kind in ("http", "websocket"):
        assert ask(("host", host), type=kind).scope is None
    assert refused(ask(("host", host)), WRONG_HOST)
    assert refused(ask(HOST, ("host", "localhost")), WRONG_HOST)
    assert refused(ask(), WRONG_HOST)


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "http://evil.example:8501",
        "http://127.0.0.1:9999",
        "https://127.0.0.1:8501.evil.example",
        "null",
        "http://[",
        "http://127.0.0.1:99999",
    ],
)
def test_another_site_s_page_gets_nothing(ask: Ask, origin: str) -> None:
    """Nor does one on this machine at another port."""
    for kind in ("http", "websocket"):
        assert ask(HOST, ("origin", origin), type=kind).scope is None
    assert refused(ask(HOST, ("origin", origin)), WRONG_ORIGIN)
    assert ask(HOST, ("origin", "http://127.0.0.1:8501")).scope is not None
    assert refused(ask(HOST, ("origin", "http://127.0.0.1:8501"), ("origin", origin)), WRONG_ORIGIN)


def test_configured_names_are_ours(ask: Ask, browser_mode: None) -> None:
    for host in ("chat.example.org", "CHAT.example.org:443", "chat.example.org.", "a.example.com", "localhost"):
        assert ask(("host", host), client="203.0.113.9").scope is not None
    for host in ("example.com", "evil-example.com", "that.example.org", "chat.example.org.evil.example"):
        assert refused(ask(("host", host), client="203.0.113.9"), WRONG_HOST)
    same = ("host", "chat.example.org"), ("origin", "https://chat.example.org")
    assert ask(*same, client="203.0.113.9", type="websocket").scope is not None


def test_over_https_the_page_that_somebody_served_without_it_gets_nothing(ask: Ask, browser_mode: None) -> None:
    host, origin = ("host", "chat.example.org"), ("origin", "http://chat.example.org")
    assert refused(ask(host, origin, client="203.0.113.9", scheme="https"), WRONG_ORIGIN)
    assert ask(host, origin, client="203.0.113.9", type="websocket", scheme="wss").scope is None
    assert ask(host, ("origin", "https://chat.example.org"), client="203.0.113.9", type="websocket", scheme="wss").scope is not None


def test_health_is_open_and_streamlit_s_own_figures_are_not(ask: Ask) -> None:
    assert ask(("host", "10.0.0.1"), client="10.0.0.9", path="/healthz").scope is not None
    assert ask(HOST, path="/_stcore/metrics").scope is None
    assert ask(HOST, path="/_stcore/agent/openapi.json").scope is None


def test_whoever_reads_figures_need_not_know_the_name(ask: Ask, browser_mode: None) -> None:
    """Prometheus asks by an address, and shows a key. It is nobody, and nothing else is open to it."""
    address = ("host", "10.0.0.5:8501")

    assert ask(address, client="10.0.0.9", path="/metrics").user is None
    assert refused(ask(address, client="10.0.0.9", path="/metrics/x"), WRONG_HOST)


def test_a_client_cannot_name_itself(ask: Ask) -> None:
    """Our header is taken off whatever its case, even one that was signed here."""
    signed = seals.sealed(application().folder.secret, User("alice"))
    for name in ("X-Roundtable-User", "x-roundtable-user", "X-ROUNDTABLE-USER"):
        assert ask(HOST, (name, signed), (name, "alice")).user is None


def test_nobody_is_named_beside_the_user(ask: Ask, header_mode: None) -> None:
    """A client's own header of our name is replaced, however a server spells headers."""
    signed = seals.sealed(application().folder.secret, User("header:bob"))
    scope = ask(HOST, PROVEN, ("X-Forwarded-User", "alice"), (seals.HEADER, signed), (seals.HEADER, signed)).scope
    spelt = [(seals.HEADER.encode(), b"1"), (seals.HEADER.upper().encode(), b"2"), (b"host", b"x")]

    assert scope is not None
    assert len(Headers(scope=scope).getlist(seals.HEADER)) == 1
    assert seals.unsealed(application().folder.secret, Headers(scope=scope)[seals.HEADER]) == User("header:alice")
    assert seals.put(spelt, None) == [(b"host", b"x")]


def test_the_proxy_s_header_names_the_user(ask: Ask, header_mode: None) -> None:
    assert ask(HOST, PROVEN, ("X-Forwarded-User", "alice@example.org"), client="10.0.0.2").user == User("header:alice@example.org")
    assert ask(HOST, PROVEN, ("x-FORWARDED-user", "alice@example.org"), type="websocket").user == User("header:alice@example.org")
    assert ask(HOST, PROVEN, ("x-forwarded-user", "Jürgen Æ")).user == User("header:Jürgen Æ")
    assert ask(HOST, PROVEN, ("x-forwarded-user", "local")).user != User("local")


@pytest.mark.parametrize("sent", [[], ["wrong"], [""], [SECRET + " "], [SECRET, SECRET], [SECRET.upper()], ["ſ" * 16]])
def test_a_header_without_the_secret_is_not_believed(ask: Ask, header_mode: None, sent: list[str]) -> None:
    secrets = [("X-Roundtable-Secret", each) for each in sent]

    assert refused(ask(HOST, *secrets, ("X-Forwarded-User", "alice")), NOT_BELIEVED)
    assert ask(HOST, *secrets, ("X-Forwarded-User", "alice"), type="websocket").scope is None


@pytest.mark.parametrize(
    "names",
    [
        [],
        [""],
        ["alice", "alice"],
        ["alice", "bob"],
        ["alice, bob"],
        ["alice\r\nX: y"],
        ["a\x00"],
        [" alice"],
        ["alice\t"],
        ["\x85"],
        ["a\x7fb"],
        ["a\x85b"],
        ["a" * 257],
    ],
)
def test_a_name_that_is_not_plain_is_nobody_s(ask: Ask, header_mode: None, names: list[str]) -> None:
    assert refused(ask(HOST, PROVEN, *[("X-Forwarded-User", name) for name in names]), NO_NAME)


@given(st.text(max_size=60))
def test_any_name_has_a_folder_of_its_own(name: str) -> None:
    """No name leaves the users' folder, and none shares another's."""
    key = User(f"header:{name}").key

    assert set(key) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert key != User("local").key
    assert key != User(f"browser:{name}").key


@pytest.mark.parametrize("name", ["../alice", "..\\alice", "/etc/passwd", "alice/../bob", "ALICE", "alice.", "con"])
def test_odd_names_are_other_people(ask: Ask, header_mode: None, name: str) -> None:
    user = ask(HOST, PROVEN, ("X-Forwarded-User", name)).user

    assert user == User(f"header:{name}")
    assert user.key != User("header:alice").key
    assert "/" not in user.key
    assert "." not in user.key


def test_the_proxy_s_address_is_believed_too(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the secret when both are configured."""
    monkeypatch.setenv("ROUNDTABLE_AUTH", "header")
    monkeypatch.setenv("ROUNDTABLE_TRUSTED_PROXIES", "10.0.0.0/24, 2001:db8::7")
    name = ("X-Forwarded-User", "alice")
    assert ask(HOST, name, client="10.0.0.9").user == User("header:alice")
    assert ask(HOST, name, client="2001:db8::7").user == User("header:alice")
    assert ask(HOST, name, client="::ffff:10.0.0.9").user == User("header:alice")
    for elsewhere in ("10.0.1.9", "::ffff:10.0.1.9", "unknown", ""):
        assert refused(ask(HOST, name, client=elsewhere), NOT_BELIEVED)
    close_application()
    monkeypatch.setenv("ROUNDTABLE_AUTH_SECRET", SECRET)
    assert refused(ask(HOST, name, client="10.0.0.9"), NOT_BELIEVED)
    assert refused(ask(HOST, name, PROVEN, client="10.0.1.9"), NOT_BELIEVED)
    assert ask(HOST, name, PROVEN, client="10.0.0.9").user == User("header:alice")


def test_each_browser_gets_a_space_with_the_page_it_opens(ask: Ask, browser_mode: None) -> None:
    first, second = ask(HOST, PAGE), ask(HOST, PAGE)
    again = ask(HOST, ("cookie", f"a=b; {first.cookies[-1].split(';')[0]}"), type="websocket")

    assert first.user == again.user != second.user
    assert "; HttpOnly; SameSite=Lax" in first.cookies[-1]
    assert "Secure" not in "".join(first.cookies)
    assert ask(HOST, path="/static/x.js").user is None
    assert ask(HOST, PAGE, method="POST").user is None
    assert ask(HOST, type="websocket").user is None


def test_over_https_every_cookie_stays_there(ask: Ask, browser_mode: None) -> None:
    assert all(cookie.endswith("; Secure") for cookie in ask(HOST, PAGE, scheme="https").cookies)
    assert len(ask(HOST, PAGE, scheme="https").cookies) == 2
    assert browsers.secured(b"content-type", b"text/html") == (b"content-type", b"text/html")


def test_over_https_a_neighbour_in_the_domain_can_lend_its_space_to_nobody(ask: Ask, browser_mode: None) -> None:
    """What a sibling host sets for the whole domain comes beside ours, or alone; it cannot have the name that only this host may set."""
    lent = ask(HOST, PAGE).cookies[-1].split(";")[0]
    first = ask(HOST, PAGE, scheme="https")
    ours = first.cookies[-1].split(";")[0]

    assert ours.startswith("__Host-")
    assert "; Path=/;" in first.cookies[-1]
    assert "Domain" not in first.cookies[-1]
    assert ask(HOST, ("cookie", lent), type="websocket", scheme="wss").user is None
    assert ask(HOST, ("cookie", f"{lent}; {ours}"), type="websocket", scheme="wss").user == first.user


def test_a_changed_cookie_is_nobody_s(ask: Ask, browser_mode: None) -> None:
    """Nor is one of another server, one that came twice, or what else is signed here."""
    name, _, value = ask(HOST, PAGE).cookies[-1].split(";")[0].partition("=")
    foreign = browsers.issued(b"t" * 32, User("browser:1"))
    ours = seals.sealed(application().folder.secret, User("header:alice"))
    for offered in (value[:-3] + "AAA", value[1:], "", foreign, ours, value + value):
        assert ask(HOST, ("cookie", f"{name}={offered}"), type="websocket").user is None
    assert ask(HOST, ("cookie", f"{name}={value}; {name}={value}"), type="websocket").user is None
    assert ask(HOST, ("cookie", f"{name}={value}"), ("cookie", f"{name}={value}"), type="websocket").user is None


def test_a_message_longer_than_any_page_sends_ends_its_connection() -> None:
    """Whoever sent it, before anybody reads it."""
    heard: list[Message] = []
    sent: list[Message] = []

    async def page(_scope: Scope, receive: Receive, _send: Send) -> None:
        heard.extend([await receive(), await receive()])

    async def converse() -> None:
        said = iter([{"type": "websocket.receive", "bytes": bytes(size)} for size in (MOST_BYTES, MOST_BYTES + 1)])

        async def receive() -> Message:
            return next(said)

        async def send(message: Message) -> None:
            sent.append(message)

        await page({}, _with_bound(receive, send), send)

    asyncio.run(converse())

    assert [message["type"] for message in heard] == ["websocket.receive", "websocket.disconnect"]
    assert [message["type"] for message in sent] == ["websocket.close"]


@pytest.fixture
def crowd(ask: Ask) -> Iterator[Callable[..., None]]:
    """Opens so many pages of somebody, as the gate knows them."""
    with ExitStack() as opened:

        def opening(count: int, user: User | None, cookies: str = "", client: str = "10.0.0.9") -> None:
            scope = {"type": "websocket", "headers": [(b"cookie", cookies.encode())], "client": (client, 1)}
            for _ in range(count):
                opened.enter_context(crowding.counted(crowding.person_of(scope, user, application().access)))

        yield opening


def test_pages_of_one_user_are_bounded(ask: Ask, header_mode: None, crowd: Callable[..., None]) -> None:
    """One more gets a sentence, and its websocket is told to try again later. Another's do not."""
    crowd(crowding.PAGES, User("header:alice"))
    alice, bob = (HOST, PROVEN, ("X-Forwarded-User", "alice")), (HOST, PROVEN, ("X-Forwarded-User", "bob"))

    assert (ask(*alice, PAGE).sent[0]["status"], ask(*alice, PAGE).text) == (429, crowding.TOO_MANY)
    assert ask(*alice, type="websocket").sent == [{"type": "websocket.close", "code": 1013, "reason": ""}]
    assert ask(*alice, path="/pictures/x").scope is not None
    assert ask(*bob, type="websocket").scope is not None


def test_a_page_that_is_closed_makes_room(ask: Ask, header_mode: None, crowd: Callable[..., None]) -> None:
    crowd(crowding.PAGES - 1, User("header:alice"))

    assert [ask(HOST, PROVEN, ("X-Forwarded-User", "alice"), type="websocket").scope is not None for _ in range(3)] == [True] * 3
    assert sum(crowding._open.values()) == crowding.PAGES - 1  # noqa: SLF001


def test_pages_of_nobody_are_bounded_by_their_address(ask: Ask, browser_mode: None, crowd: Callable[..., None]) -> None:
    """A browser without a cookie. One that comes from another address does not suffer, nor does one that is known."""
    crowd(crowding.PAGES_OF_AN_ADDRESS, None)
    crowd(crowding.PAGES_OF_AN_ADDRESS, None, client="2001:db8::1")
    cookie = ("cookie", ask(HOST, PAGE, client="10.0.0.8").cookies[-1].split(";")[0])

    assert [ask(HOST, type="websocket", client=client).scope is None for client in ("10.0.0.9", "2001:db8::2")] == [True, True]
    assert [ask(HOST, type="websocket", client=client).scope is None for client in ("10.0.0.8", "2001:db8:1::1")] == [False, False]
    assert ask(HOST, cookie, type="websocket", client="10.0.0.9").scope is not None


def test_pages_of_one_sign_in_are_bounded(ask: Ask, monkeypatch: pytest.MonkeyPatch, crowd: Callable[..., None]) -> None:
    """Cookies that somebody makes up are one address's."""
    monkeypatch.setattr(application(), "access", replace(application().access, auth="oidc"))
    sign_outs.note({sign_outs.COOKIE: "of many pages"})
    crowd(crowding.PAGES, None, f"{sign_outs.COOKIE}=of many pages")
    for number in range(crowding.PAGES_OF_AN_ADDRESS):
        crowd(1, None, f"{sign_outs.COOKIE}=invented {number}")

    assert ask(HOST, ("cookie", f"{sign_outs.COOKIE}=of many pages"), type="websocket", client="10.0.0.8").scope is None
    assert ask(HOST, ("cookie", f"{sign_outs.COOKIE}=invented"), type="websocket", client="10.0.0.9").scope is None
    assert ask(HOST, ("cookie", f"{sign_outs.COOKIE}=invented"), type="websocket", client="10.0.0.8").scope is not None


def test_no_picture_in_a_page_and_no_other_site_signs_anybody_out(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    access = replace(application().access, auth="oidc")
    monkeypatch.setattr(application(), "access", access)
    mine = {sign_outs.COOKIE: "looks at a picture"}
    sign_outs.note(mine)
    cookie = ("cookie", f"{sign_outs.COOKIE}=looks at a picture")

    foreign = ("sec-fetch-dest", "document"), ("sec-fetch-site", "cross-site")
    assert refused(ask(HOST, cookie, ("sec-fetch-dest", "image"), path=sign_outs.PATH), NO_SIGN_OUT)
    assert refused(ask(HOST, cookie, *foreign, path=sign_outs.PATH), NO_SIGN_OUT)
    assert sign_outs.is_signed_in(mine)
    ask(HOST, cookie, ("sec-fetch-dest", "document"), path=sign_outs.PATH)
    assert not sign_outs.is_signed_in(mine)


def test_whoever_signs_out_is_signed_out_in_every_tab(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tabs come with the cookie that was there when they connected. Another browser's sign-in goes on, and so does a new one."""
    monkeypatch.setenv("ROUNDTABLE_AUTH", "oidc")
    for name in ("METADATA_URL", "CLIENT_ID", "CLIENT_SECRET", "REDIRECT_URL"):
        monkeypatch.setenv(f"ROUNDTABLE_OIDC_{name}", "http://127.0.0.1/oauth2callback")
    mine, others = {"_streamlit_user": "1", "_streamlit_user_1": "2", "x": "3"}, {"_streamlit_user": "2"}
    sign_outs.note(mine)
    before = sign_outs.is_signed_in(mine)
    ask(HOST, ("cookie", "_streamlit_user_1=2; _streamlit_user=1; y=4"), path="/auth/logout")

    assert before
    assert not sign_outs.is_signed_in(mine)
    assert not sign_outs.is_signed_in(mine | {"_streamlit_user_made_up": "5"})
    assert sign_outs.is_signed_in(others)
    assert not sign_outs.is_signed_in({"x": "3"})


def test_sign_outs_that_somebody_invents_push_out_none_that_were_made() -> None:
    mine = {sign_outs.COOKIE: "of a page"}
    sign_outs.note(mine)
    sign_outs.end(mine)

    for number in range(sign_outs.REMEMBERED + 1):
        sign_outs.end({sign_outs.COOKIE: f"invented {number}"})

    assert not sign_outs.is_signed_in(mine)


def test_a_cookie_that_was_away_too_long_is_nobody_s(ask: Ask, browser_mode: None, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as then:
        then.setattr(time, "time", lambda: 0.0)
        old = browsers.issued(application().folder.secret, User("browser:1"))

    assert ask(HOST, ("cookie", f"{browsers.COOKIE}={old}"), type="websocket").user is None


def test_only_so_many_sign_outs_are_remembered() -> None:
    for number in range(sign_outs.REMEMBERED + 1):
        sign_outs.note({sign_outs.COOKIE: f"cookie {number}"})
        sign_outs.end({sign_outs.COOKIE: f"cookie {number}"})

    assert sign_outs.is_signed_in({sign_outs.COOKIE: "cookie 0"})
    assert not sign_outs.is_signed_in({sign_outs.COOKIE: f"cookie {sign_outs.REMEMBERED}"})


def test_what_is_signed_for_one_purpose_is_nothing_for_another() -> None:
    """Whatever it holds: seals, cookies and the two tickets have a salt each."""
    secret = b"s" * 32
    kinds = (browsers._serializer, seals._serializer, tickets._serializer, tickets._image_serializer)  # noqa: SLF001
    for made, read in permutations(kinds, 2):
        with pytest.raises(BadData):
            read(secret).loads(made(secret).dumps("browser:1"))


def test_another_server_s_seal_is_nobody_s() -> None:
    """Nor is one whose name was changed."""
    secret, ours, theirs = b"s" * 32, seals.sealed(b"s" * 32, User("header:alice")), seals.sealed(b"t" * 32, User("header:bob"))
    changed = ".".join([theirs.rpartition(".")[0], ours.rpartition(".")[2]])

    assert seals.unsealed(secret, ours) == User("header:alice")
    assert [seals.unsealed(secret, each) for each in (theirs, changed, None, "")] == [None] * 4


def test_what_names_no_user_is_nobody() -> None:
    secret = b"s" * 32
    for value in (["header:alice"], {"name": "header:alice"}, 1, None):
        assert seals.unsealed(secret, seals._serializer(secret).dumps(value)) is None  # noqa: SLF001
        cookie = f"{browsers.COOKIE}={browsers._serializer(secret).dumps(value)}"  # noqa: SLF001
        assert browsers.known(secret, Headers({"cookie": cookie}), browsers.COOKIE) is None


@given(st.binary(max_size=60))
def test_no_invented_seal_is_believed(seal: bytes) -> None:
    assert seals.unsealed(b"s" * 32, seal.decode("latin-1")) is None


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    close_application()
