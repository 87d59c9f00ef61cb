"""The clients of the process: one for each model, shared by all runs, and with a cache of answers for each user."""

import asyncio
import threading
from concurrent.futures import Executor

from autogen_core.models import ChatCompletionClient

from agents.models.cached_client import CachedClient
from agents.models.model import Model
from state.answers import AnswerCache
from state.settings import Settings
from state.users import User

DAY = 86_400.0
MEGABYTE = 1_000_000


class Clients:
    """Made when first asked for: making one costs 20 ms, the first of its kind a fifth of a second, so runs share it."""

    def __init__(self, settings: Settings, disk: Executor) -> None:
        self._settings = settings
        self._disk = disk
        self._shared: dict[str, ChatCompletionClient] = {}
        self._caches: dict[str, AnswerCache] = {}
        self._lock = threading.Lock()
        self._making = asyncio.Lock()

    async def client(self, model: Model, user: User, *, use_cache: bool, is_fresh: bool = False) -> ChatCompletionClient:
        """The client of a model for a user; one that is fresh renews the cache. Ask on the background loop, to which it belongs.

        It is made on another thread, as other answers would stand still meanwhile.
        """
        async with self._making:
            if model.name not in self._shared:
                self._shared[model.name] = await asyncio.get_running_loop().run_in_executor(self._disk, model.build)
        shared = self._shared[model.name]
        if not use_cache:
            return shared
        return CachedClient(shared, self.cache(user), self._disk, namespace=f"{user.key}|{model.identity}", refresh=is_fresh)

    def cache(self, user: User) -> AnswerCache:
        """The user's cached answers, opened when first asked for."""
        with self._lock:
            if user.key not in self._caches:
                self._caches[user.key] = AnswerCache(
                    self._settings.data_dir,
                    user,
                    time_to_live=self._settings.cache_days * DAY,
                    size_limit=int(self._settings.cache_megabytes * MEGABYTE),
                )
            return self._caches[user.key]

    async def close(self) -> None:
        for client in self._shared.values():
            await client.close()

    def close_caches(self) -> None:
        with self._lock:
            for cache in self._caches.values():
                cache.close()
