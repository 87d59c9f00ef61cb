"""The running application: settings, loop, models, stores and runs, one of each in a process."""

import logging
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from agents.arenas import limit_arenas
from agents.budget import Budget
from agents.exports import conversation_files
from agents.loop import BackgroundLoop
from agents.metrics import Metrics
from agents.models.catalog import Catalog
from agents.models.clients import Clients
from agents.models.model import Model
from agents.models.trial import Trial, try_model
from agents.places import Places
from agents.runner import Runner
from agents.shares import Shares, to_limits
from agents.titles import Titles
from agents.tools.toolbox import Toolbox
from agents.turn import Surroundings
from agents.watchdog import Watchdog
from agents.workroom import Workrooms
from state import timing
from state.access import to_access
from state.errors import LoopUnavailable
from state.exports import to_archive
from state.file_history import FileHistories
from state.folder import DataFolder
from state.mcp import McpServer, load_mcp_servers
from state.settings import ModelSpec, Settings, load_listed_models, load_settings
from state.store import Store, Stores
from state.users import User
from state.workspaces import Workspaces

VERSION = "0.1.0"
DISK_THREADS = 4
DRAIN_SECONDS = 10.0
"""How long a stopping server waits for live runs to put their text on disk."""

_log = logging.getLogger(__name__)


class Application:
    """Everything that lives as long as the process. Raises a RoundtableError where it cannot start."""

    def __init__(self, settings: Settings, listed: Sequence[ModelSpec] = (), servers: Sequence[McpServer] = ()) -> None:
        self.settings = settings
        self.access = to_access(settings)
        self.catalog = Catalog(settings, listed)
        self.folder = DataFolder(settings.data_dir)
        self._stores = Stores(settings.data_dir)
        self._disk = ThreadPoolExecutor(DISK_THREADS, thread_name_prefix="disk")
        self.clients = Clients(settings, self._disk)
        self.loop = BackgroundLoop()
        self.loop.start(self.catalog.look_for_ollama())
        self.toolbox = Toolbox(settings, servers, VERSION)
        self.files = FileHistories(settings.data_dir, Workspaces(settings.data_dir))
        self.workrooms = Workrooms(settings, self.loop, self.files, has_several_users=settings.has_several_users)
        budget = Budget(settings.turn_tokens, settings.turn_seconds, settings.turn_calls)
        self.shares, self.places = Shares(to_limits(settings), settings.data_dir), Places(settings.runs)
        around = Surroundings(
            self.loop,
            self._disk,
            self.clients,
            settings.model_retries,
            self.toolbox,
            budget,
            self.workrooms,
            self.shares,
            self.places,
        )
        self.metrics = Metrics()
        self._untimed = timing.listen(self.metrics.stored)
        self.runner = Runner(around, self.catalog, Titles(around, is_on=settings.titles == "model"), self.files, self.metrics)
        self.metrics.show_runs(self.runner.states)
        self._watchdog = Watchdog(self.loop, self.metrics.looped)

    def store(self, user: User) -> Store:
        """The user's own conversations: the one door to them."""
        return self._stores.of(user)

    def try_model(self, model: Model, user: User) -> Trial:
        """Ask a model one question and wait for the answer. Raises LoopUnavailable or ShareUsedUp."""
        self.shares.admit(user)

        async def asking() -> Trial:
            return await try_model(model, self.clients.client(model, user, use_cache=False))

        trial = self.loop.submit(asking()).result()
        self.shares.spend(user, trial.usage.total)
        return trial

    def export_all(self, user: User) -> bytes:
        """A ZIP archive of all a user's conversation files. Raises ShareUsedUp while one is being made, or StoreUnavailable."""
        with self.shares.exporting(user):
            return to_archive(conversation_files(self.store(user), self.files), self.folder.path)

    def ask_servers(self) -> None:
        """Connect with the MCP servers and list their tools anew. Waits some seconds at most. Raises LoopUnavailable."""
        self.loop.submit(self.toolbox.tools()).result()

    def close(self) -> None:
        """End live runs, put their text on disk, and let go of everything."""
        self._watchdog.close()
        self._untimed()
        try:
            self.loop.submit(self._drain()).result(timeout=DRAIN_SECONDS)
        except (TimeoutError, LoopUnavailable):
            _log.error("live runs could not be ended in order; they will be marked interrupted at the next start")
        finally:
            self.loop.close()
            self._disk.shutdown()
            self.clients.close_caches()
            self._stores.close()
            self.folder.release()

    async def _drain(self) -> None:
        await self.runner.drain()
        await self.toolbox.close()
        await self.clients.close()


_lock = threading.Lock()
_running: list[Application] = []


def application() -> Application:
    """The process's application, started by whoever asks first.

    It lives in a module and not in Streamlit's cache, which any browser can clear for everybody.
    """
    with _lock:
        if not _running:
            limit_arenas()
            settings = load_settings()
            _running.append(Application(settings, load_listed_models(settings), load_mcp_servers(settings)))
        return _running[0]


def close_application() -> None:
    """Close the process's application if it was started; the next who asks starts a new one."""
    with _lock:
        while _running:
            _running.pop().close()
