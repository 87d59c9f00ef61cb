"""What each user may take of the server, so that there is some for everybody."""

import logging
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from state import paths
from state.errors import ShareUsedUp, StoreUnavailable
from state.settings import Settings
from state.sizes import bytes_used
from state.spending import Spending
from state.users import User

MINUTE = 60.0
MEGABYTE = 1_000_000
MEASURED_SECONDS = 15.0
"""How long a measured folder counts as being so large."""
WAITING_PER_RUN = 10
"""So many runs may wait for a user, for each that may be at work: they take memory, and nobody remembers more questions."""
TEXT_KEPT = "Your text is kept."

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Limits:
    """None is no limit."""

    runs: int | None = None
    prompts: int | None = None
    tokens: int | None = None
    megabytes: int | None = None


MANY = Limits(runs=5, prompts=20, tokens=2_000_000, megabytes=1_000)
"""What holds where several people share a server, unless the settings say otherwise. One alone has no limits."""


def to_limits(settings: Settings) -> Limits:
    usual = MANY if settings.has_several_users else Limits()
    return Limits(
        runs=usual.runs if settings.user_runs is None else settings.user_runs,
        prompts=usual.prompts if settings.user_prompts is None else settings.user_prompts,
        tokens=usual.tokens if settings.user_tokens is None else settings.user_tokens,
        megabytes=usual.megabytes if settings.user_megabytes is None else settings.user_megabytes,
    )


class Shares:
    """All users'. Any thread may ask."""

    def __init__(self, limits: Limits, data_dir: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self.limits = limits
        self._data_dir = data_dir
        self._clock = clock
        self._lock = threading.Lock()
        self._sent: dict[str, deque[float]] = {}
        self._spending: dict[str, Spending] = {}
        self._measured: dict[str, tuple[float, int]] = {}
        self._growing = defaultdict[str, threading.Lock](threading.Lock)
        self._exporting: set[str] = set()

    def admit(self, user: User, *, running: int = 0, waiting: int = 0) -> None:
        """Take a prompt in, of a user with `running` runs at work, this one too, and `waiting` runs that wait for them.

        Raises ShareUsedUp, which says when there is more.
        """
        self.require_place(running)
        self._check_waiting(waiting)
        with self._lock:
            self._check_tokens(user, TEXT_KEPT)
            self._check_prompts(user)

    def require_place(self, running: int) -> None:
        """For one of a user's runs to work, the last of `running`. Raises ShareUsedUp."""
        if self.limits.runs is not None and running > self.limits.runs:
            answers = "One answer is" if self.limits.runs == 1 else f"{self.limits.runs} answers are"
            raise ShareUsedUp(
                f"{answers} being written for you at once; that’s the limit here. "
                f"When one has finished, or you stop one, there is room for the next. {TEXT_KEPT}"
            )

    def require_tokens(self, user: User, kept: str) -> None:
        """For a run to take more. Raises ShareUsedUp, which ends with what is `kept`."""
        with self._lock:
            self._check_tokens(user, kept)

    @contextmanager
    def room(self, user: User, coming: int = 0) -> Iterator[None]:
        """Room on the disk for what is written meanwhile, about `coming` bytes. Raises ShareUsedUp.

        A user's data grows by one thing at a time, so that each is measured with what came before it.
        """
        if self.limits.megabytes is None:
            yield
            return
        with self._lock:
            growing = self._growing[user.key]
        with growing:
            self._check_storage(user, self.limits.megabytes, coming)
            try:
                yield
            finally:
                if coming:
                    self.forget_size(user)

    @contextmanager
    def exporting(self, user: User) -> Iterator[None]:
        """While everything of a user's is exported, which takes memory and time. Raises ShareUsedUp while it is already."""
        with self._lock:
            if user.key in self._exporting:
                raise ShareUsedUp(
                    "Your conversations are being exported already; one at a time is the limit here. Export again when it is done."
                )
            self._exporting.add(user.key)
        try:
            yield
        finally:
            with self._lock:
                self._exporting.discard(user.key)

    def spend(self, user: User, tokens: int) -> None:
        """Count what was taken."""
        if not tokens:
            return
        try:
            with self._lock:
                self._spending_of(user).add(tokens)
        except StoreUnavailable as error:
            _log.warning("tokens that were taken count only until the next start: %s", error)

    def spent_today(self, user: User) -> int:
        with self._lock:
            return self._spending_of(user).today()

    def forget_size(self, user: User) -> None:
        """Measure anew, after something was deleted or came."""
        with self._lock:
            self._measured.pop(user.key, None)

    def _check_waiting(self, waiting: int) -> None:
        if self.limits.runs is not None and waiting >= (most := WAITING_PER_RUN * self.limits.runs):
            raise ShareUsedUp(
                f"{most:,} of your conversations wait for you; that’s the limit here. "
                f"Answer or stop one, and there is room for the next at once. {TEXT_KEPT}"
            )

    def _check_tokens(self, user: User, kept: str) -> None:
        if self.limits.tokens is not None and self._spending_of(user).today() >= self.limits.tokens:
            raise ShareUsedUp(
                f"You have used up today’s {self.limits.tokens:,} tokens. There are new ones at 00:00 UTC, {_until_midnight()}. {kept}"
            )

    def _check_storage(self, user: User, megabytes: int, coming: int) -> None:
        if self._size(user) + coming >= megabytes * MEGABYTE:
            raise ShareUsedUp(
                f"Your conversations and files take up the {megabytes:,} MB there are for you, or would with this. "
                "Delete some on the page Conversations, and there is room at once."
            )

    def _check_prompts(self, user: User) -> None:
        if self.limits.prompts is None:
            return
        now, sent = self._clock(), self._sent.setdefault(user.key, deque())
        while sent and now - sent[0] >= MINUTE:
            sent.popleft()
        if len(sent) >= self.limits.prompts:
            prompts = "one prompt" if self.limits.prompts == 1 else f"{self.limits.prompts:,} prompts"
            seconds = max(1, round(MINUTE - (now - sent[0])))
            raise ShareUsedUp(
                f"You sent {prompts} within a minute; that’s the limit here. "
                f"The next can go in {seconds} second{'' if seconds == 1 else 's'}. {TEXT_KEPT}"
            )
        sent.append(now)

    def _spending_of(self, user: User) -> Spending:
        if user.key not in self._spending:
            self._spending[user.key] = Spending(paths.spending_file(self._data_dir, user))
        return self._spending[user.key]

    def _size(self, user: User) -> int:
        """Measured without the lock: one user's many files must not hold up all others."""
        measured, size = self._measured.get(user.key, (float("-inf"), 0))
        if self._clock() - measured >= MEASURED_SECONDS:
            size = bytes_used(paths.user_folder(self._data_dir, user))
            self._measured[user.key] = self._clock(), size
        return size


def _until_midnight() -> str:
    now = datetime.now(UTC)
    rest = now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1) - now
    hours, minutes = divmod(int(rest.total_seconds()) // 60, 60)
    return f"in {hours} h {minutes} min"
