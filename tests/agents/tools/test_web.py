"""The web client is polite, and every trouble with a service becomes a sentence."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from itertools import pairwise
from typing import Any, TypeVar

import pytest

from agents.tools.cache import TimedCache
from agents.tools.tool import ToolFailed
from agents.tools.web import Service, ServiceRefused, WebClient, user_agent
from tests.services import Services, Trouble

T = TypeVar("T")
Currencies = dict[str, str]


def using(work: Callable[[WebClient], Awaitable[T]]) -> T:
    """Do something with a client of its own."""

    async def working() -> T:
        web = WebClient(user_agent("1.2.3", "me@example.org"), seconds=1)
        try:
            return await work(web)
        finally:
            await web.close()

    return asyncio.run(working())


def currencies(services: Services, **rules: float) -> Service:
    return Service("The service", f"{services.address}/currency/", **rules)


def failure(service: Service, path: str = "/currencies") -> str:
    """What a request that fails is told to the model as."""

    async def failing(web: WebClient) -> str:
        with pytest.raises(ToolFailed) as caught:
            await web.get(service, path, {}, dict[str, str])
        return str(caught.value)

    return using(failing)


def test_it_says_who_asks_and_what_it_takes(services: Services) -> None:
    assert using(lambda web: web.get(currencies(services), "/currencies", {"a": "b & c"}, Currencies))["EUR"] == "Euro"
    (asked,) = services.asked

    assert asked.headers["user-agent"] == "Roundtable/1.2.3 (+me@example.org)"
    assert asked.headers["accept"] == "application/json"
    assert asked.headers["accept-encoding"] == "identity"
    assert asked.query == {"a": "b & c"}
    assert user_agent("1.2.3", None) == "Roundtable/1.2.3"


TROUBLES: list[tuple[Trouble, str]] = [
    ("down", "The service has trouble of its own (status 503)."),
    ("busy", "The service is limiting requests."),
    ("moved", "The service has moved"),
    ("silent", "The service did not answer within 1 second"),
    ("dripping", "The service did not answer within 1 second"),
    ("huge", "The service answered with more than 1,000,000 bytes"),
    ("compressed", "The service answered with something that could not be understood."),
    ("malformed", "The service answered with something that could not be understood."),
    ("another shape", "The service answered with something that could not be understood."),
    ("deep", "The service answered with something that could not be understood."),
    ("cut off", "The service cannot be reached now."),
]


@pytest.mark.parametrize(("trouble", "sentence"), TROUBLES)
def test_every_trouble_is_a_sentence(services: Services, trouble: Trouble, sentence: str) -> None:
    services.trouble["/currency/currencies"] = trouble

    assert failure(currencies(services)).startswith(sentence)
    assert len(services.asked) == 1  # a redirect above all is not followed


def test_a_server_that_is_not_there_and_one_that_refuses(services: Services) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        nobody = Service("The service", f"http://127.0.0.1:{unused.getsockname()[1]}")

        assert failure(nobody).startswith("The service cannot be reached now.")
    assert failure(currencies(services), "/nothing").startswith("The service refused the request (status 404).")
    assert ServiceRefused("The service", 404).status == 404


def test_answers_are_remembered_for_their_time_and_failures_are_not(services: Services) -> None:
    remembering, forgetting = currencies(services, cache_seconds=60), currencies(services)

    async def asking(web: WebClient) -> None:
        services.trouble["/currency/currencies"] = "down"
        with pytest.raises(ToolFailed):
            await web.get(remembering, "/currencies", {}, Currencies)
        services.trouble.clear()
        for _ in range(3):
            await web.get(forgetting, "/currencies", {"which": "forgotten"}, Currencies)
            await web.get(remembering, "/currencies", {"which": "kept"}, Currencies)

    using(asking)
    assert len(services.asked) == 1 + 3 + 1


def test_requests_to_a_service_that_wants_it_keep_their_distance(services: Services) -> None:
    slow = currencies(services, interval=0.3, cache_seconds=60)

    async def asking(web: WebClient) -> None:
        await asyncio.gather(*(web.get(slow, "/currencies", {"number": str(number)}, Currencies) for number in (1, 1, 2, 3)))

    using(asking)
    times = [asked.time for asked in services.asked]
    assert len(times) == 3  # the same question at the same time is one request
    assert all(later - sooner >= 0.3 for sooner, later in pairwise(times))


def test_a_cache_forgets_what_is_old_and_what_is_too_much() -> None:
    moment: list[float] = [0.0]
    cache = TimedCache(limit=10, clock=lambda: moment[0])
    cache.put("a", b"12345", 1)
    cache.put("b", b"12345", 5)
    assert (cache.get("a"), cache.get("c")) == (b"12345", None)

    moment[0] = 2
    assert (cache.get("a"), cache.get("b")) == (None, b"12345")
    cache.put("c", b"123456", 5)
    cache.put("d", b"12345678901", 5)
    cache.put("c", b"1", 5)
    cache.put("e", b"123456789", 5)
    assert [cache.get(key) for key in "abcde"] == [None, None, b"1", None, b"123456789"]


def test_an_ended_call_ends_its_request(services: Services) -> None:
    services.trouble["/currency/currencies"] = "silent"

    async def ending(web: WebClient) -> Any:
        asking = asyncio.create_task(web.get(currencies(services), "/currencies", {}, Currencies))
        await asyncio.sleep(0.1)
        asking.cancel()
        return (await asyncio.gather(asking, return_exceptions=True))[0]

    assert isinstance(using(ending), asyncio.CancelledError)
