"""A polite client for web services that answer in JSON: it says who asks, keeps to limits, and remembers answers."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TypeVar

import httpx
from pydantic import TypeAdapter, ValidationError

from agents.tools.cache import TimedCache
from agents.tools.tool import ToolFailed

T = TypeVar("T")

ANSWER_BYTES = 1_000_000
"""The longest answer of these services that makes sense, sixteen days of weather, has under 10,000."""
_JSON_ONLY = {"Accept": "application/json", "Accept-Encoding": "identity"}
"""Nothing compressed: a small answer could then become a gigantic one before it can be measured."""


@dataclass(frozen=True)
class Service:
    """One web service, as its address and its rules of use say."""

    name: str
    """As it wants to be named as a source."""
    url: str
    cache_seconds: float = 0.0
    """How long an answer is good for."""
    interval: float = 0.0
    """Seconds between the end of a request and the beginning of the next, of all users together."""


class ServiceRefused(ToolFailed):
    """The service was reached and did not like the request."""

    def __init__(self, service: str, status: int) -> None:
        super().__init__(f"{service} refused the request (status {status}). Check what was asked for, or go on without it.")
        self.status = status


class WebClient:
    """Asks services for JSON. One for the whole process, used on one loop, so that pauses between requests hold for everybody."""

    def __init__(self, user_agent: str, seconds: float, answer_bytes: int = ANSWER_BYTES) -> None:
        self._headers = {"User-Agent": user_agent} | _JSON_ONLY
        self._seconds = seconds
        """How long a request may take from its beginning to its last byte."""
        self._limit = answer_bytes
        self._cache = TimedCache()
        self._lanes: dict[str, _Lane] = {}
        self._http: httpx.AsyncClient | None = None

    async def get(self, service: Service, path: str, query: Mapping[str, str], answer: type[T]) -> T:
        """Ask, and read the answer as a value of the type. Raises ToolFailed with a sentence about whatever went wrong."""
        url = httpx.URL(service.url.rstrip("/") + path).copy_merge_params(query)
        data = self._cache.get(str(url))
        if data is None:
            data = await self._in_turn(service, url)
        try:
            return TypeAdapter(answer).validate_json(data)
        except ValidationError:
            raise ToolFailed(f"{service.name} answered with something that could not be understood. Go on without it.") from None

    async def close(self) -> None:
        """Let go of open connections."""
        if self._http:
            await self._http.aclose()

    async def _in_turn(self, service: Service, url: httpx.URL) -> bytes:
        if not service.interval:
            return await self._fetched(service, url)
        lane = self._lanes.setdefault(service.url, _Lane())
        async with lane.lock:
            if data := self._cache.get(str(url)):  # somebody asked the same meanwhile
                return data
            await asyncio.sleep(lane.ended + service.interval - time.monotonic())
            try:
                return await self._fetched(service, url)
            finally:
                lane.ended = time.monotonic()

    async def _fetched(self, service: Service, url: httpx.URL) -> bytes:
        try:
            async with asyncio.timeout(self._seconds):
                data = await self._read(service, url)
        except (TimeoutError, httpx.TimeoutException):
            raise ToolFailed(f"{service.name} did not answer within {self._seconds:g} seconds. Try once more, or say so.") from None
        except (httpx.HTTPError, httpx.InvalidURL):
            raise ToolFailed(f"{service.name} cannot be reached now. Go on without it, and say so.") from None
        self._cache.put(str(url), data, service.cache_seconds)
        return data

    async def _read(self, service: Service, url: httpx.URL) -> bytes:
        async with self._client().stream("GET", url) as response:
            _check(service, response.status_code)
            data = b""
            async for piece in response.aiter_raw():
                data += piece
                if len(data) > self._limit:
                    raise ToolFailed(f"{service.name} answered with more than {self._limit:,} bytes, which nobody reads. Ask for less.")
            return data

    def _client(self) -> httpx.AsyncClient:
        """Make the client when it is first needed: its TLS context takes 20 ms."""
        self._http = self._http or httpx.AsyncClient(headers=self._headers, timeout=self._seconds, follow_redirects=False)
        return self._http


@dataclass
class _Lane:
    """Where requests to one service wait for each other."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    ended: float = float("-inf")


def user_agent(version: str, contact: str | None) -> str:
    """Say which application asks, and whom to turn to about it: operations.osmfoundation.org/policies/nominatim wants both."""
    return f"Roundtable/{version} (+{contact})" if contact else f"Roundtable/{version}"


def _check(service: Service, status: int) -> None:
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        raise ToolFailed(f"{service.name} is limiting requests. Go on without it, and say that it may work again in a minute.")
    if 300 <= status < 400:  # followed, it might lead anywhere, also into the network this server stands in
        raise ToolFailed(f"{service.name} has moved: its address in Roundtable's settings needs a look. Go on without it.")
    if status >= 500:
        raise ToolFailed(f"{service.name} has trouble of its own (status {status}). Go on without it, and say so.")
    if status != HTTPStatus.OK:
        raise ServiceRefused(service.name, status)
