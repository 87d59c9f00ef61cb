"""Any model client, answering from the user's cache what was answered before."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import aclosing, suppress
from typing import Any, TypeVar, Unpack

from autogen_core import CancellationToken
from autogen_core.models import ChatCompletionClient, CreateResult, LLMMessage, RequestUsage
from autogen_core.tools import Tool
from autogen_ext.models.cache import ChatCompletionCache
from pydantic import ValidationError

from agents.models.options import Options
from state.answers import AnswerCache

T = TypeVar("T")


class CachedClient(ChatCompletionCache):
    """AutoGen's caching client, with a key that tells models and users apart, and all work on the cache off the event loop.

    AutoGen's own would answer with another model's text, count tokens nobody spent, keep answers cut short, and stop the loop
    for as long as the disk is busy.
    """

    def __init__(
        self, client: ChatCompletionClient, answers: AnswerCache, executor: Executor, *, namespace: str, refresh: bool = False
    ) -> None:
        """Wrap a client. `namespace` names all that its answers depend on besides the request: endpoint, model, parameters, user.

        With `refresh` nothing is looked up, and the new answer takes the place of the old.
        """
        super().__init__(client)  # its store stays empty: only its key is used
        self._answers = answers
        self._executor = executor
        self._namespace = namespace
        self._refresh = refresh

    async def create(self, messages: Sequence[LLMMessage], **options: Unpack[Options]) -> CreateResult:
        key, result = await self._find(messages, options)
        if result is None:
            result = await self.client.create(messages, **options)
            await self._keep(key, result)
        return result

    async def create_stream(self, messages: Sequence[LLMMessage], **options: Unpack[Options]) -> AsyncGenerator[str | CreateResult, None]:
        key, result = await self._find(messages, options)
        if result is not None:
            if isinstance(result.content, str):
                yield result.content
            yield result
            return
        async with aclosing(self.client.create_stream(messages, **options)) as stream:
            async for item in stream:
                if isinstance(item, CreateResult):
                    await self._keep(key, item)
                yield item

    async def _find(self, messages: Sequence[LLMMessage], options: Mapping[str, Any]) -> tuple[str | None, CreateResult | None]:
        """The request's key, where it has one, and the answer that was kept under it."""

        def look_up() -> tuple[str | None, CreateResult | None]:
            key = self._key(messages, options)
            return key, None if key is None or self._refresh else _result(self._answers.get(key))

        return await self._off_the_loop(look_up, options.get("cancellation_token")) or (None, None)

    async def _keep(self, key: str | None, result: CreateResult) -> None:
        if key is not None and _is_whole(result):
            await self._off_the_loop(lambda: self._set(key, result))

    def _set(self, key: str, result: CreateResult) -> None:
        with suppress(ValueError):  # an infinite log probability is not JSON
            self._answers.set(key, result.model_dump(mode="json"))

    def _key(self, messages: Sequence[LLMMessage], options: Mapping[str, Any]) -> str | None:
        """Make AutoGen's key, of our additions too. An option that is not JSON makes a request without one."""
        choice = options.get("tool_choice", "auto")
        added = {
            "namespace": self._namespace,
            "tool_choice": choice.schema if isinstance(choice, Tool) else choice,
            "extra_create_args": options.get("extra_create_args", {}),
        }
        try:
            return self._check_cache(messages, options.get("tools", []), options.get("json_output"), added)[1]
        except (TypeError, ValueError):
            return None

    async def _off_the_loop(self, work: Callable[[], T], token: CancellationToken | None = None) -> T | None:
        try:
            working = asyncio.get_running_loop().run_in_executor(self._executor, work)
        except RuntimeError:  # the executor is shut down: the server is ending, and the answer still counts
            return None
        if token is not None:
            token.link_future(working)
        return await working


def _result(kept: Any) -> CreateResult | None:
    try:
        result = CreateResult.model_validate(kept)
    except ValidationError:
        return None
    return result.model_copy(update={"cached": True, "usage": RequestUsage(0, 0)}) if _is_whole(result) else None


def _is_whole(result: CreateResult) -> bool:
    """Whether the model said all it had to say."""
    return result.finish_reason in ("stop", "function_calls") and bool(result.content)
