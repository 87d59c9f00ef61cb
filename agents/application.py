"""The running application: settings, loop, model, stores and runs, one of each in a process."""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache

from autogen_core.models import ChatCompletionClient

from agents.loop import BackgroundLoop
from agents.models import choose_model
from agents.runner import Runner
from agents.runs import Surroundings
from state.errors import LoopUnavailable
from state.folder import DataFolder
from state.settings import Settings, load_settings
from state.store import Store, Stores
from state.users import User

VERSION = "0.1.0"
DISK_THREADS = 4
DRAIN_SECONDS = 10.0
"""How long a stopping server waits for live runs to put their text on disk."""

_log = logging.getLogger(__name__)


class Application:
    """Everything that lives as long as the process. Raises a RoundtableError where it cannot start."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.model = choose_model(settings)
        self.folder = DataFolder(settings.data_dir)
        self._stores = Stores(settings.data_dir)
        self._disk = ThreadPoolExecutor(DISK_THREADS, thread_name_prefix="disk")
        self.loop = BackgroundLoop()
        self._client: Callable[[], ChatCompletionClient] = cache(self.model.build)
        self.runner = Runner(Surroundings(self.loop, self._disk, self.model, self._client))

    def store(self, user: User) -> Store:
        """The user's own conversations: the one door to them."""
        return self._stores.of(user)

    def close(self) -> None:
        """End live runs, put their text on disk, and let go of everything."""
        try:
            self.loop.submit(self._drain()).result(timeout=DRAIN_SECONDS)
        except (TimeoutError, LoopUnavailable):
            _log.error("live runs could not be ended in order; they will be marked interrupted at the next start")
        self.loop.close()
        self._disk.shutdown()
        self._stores.close()
        self.folder.release()

    async def _drain(self) -> None:
        await self.runner.drain()
        await self._client().close()


_lock = threading.Lock()
_running: list[Application] = []


def application() -> Application:
    """The process's application, started by whoever asks first.

    It lives in a module and not in Streamlit's cache, which any browser can clear for everybody.
    """
    with _lock:
        if not _running:
            _running.append(Application(load_settings()))
        return _running[0]


def close_application() -> None:
    """Close the process's application if it was started; the next who asks starts a new one."""
    with _lock:
        while _running:
            _running.pop().close()
