"""What each user may take of the server, so that there is some for everybody."""

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from state import paths
from state.errors import ShareUsedUp
from state.settings import Settings
from state.sizes import bytes_used
from state.spending import Spending
from state.users import User

MINUTE = 60.0
MEGABYTE = 1_000_000
MEASURED_SECONDS = 15.0
"""How long a measured folder counts as being so large."""


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

    def admit(self, user: User, running: int) -> None:
        """Take a prompt in, of a user with `running` runs at work, this one too. Raises ShareUsedUp, which says when there is more."""
        self._check_runs(running)
        self._check_storage(user)
        with self._lock:
            self._check_tokens(user)
            self._check_prompts(user)

    def spend(self, user: User, tokens: int) -> None:
        """Count what was taken. Raises StoreUnavailable."""
        if tokens:
            with self._lock:
                self._spending_of(user).add(tokens)

    def spent_today(self, user: User) -> int:
        with self._lock:
            return self._spending_of(user).today()

    def forget_size(self, user: User) -> None:
        """Measure anew, after something was deleted."""
        with self._lock:
            self._measured.pop(user.key, None)

    def _check_runs(self, running: int) -> None:
        if self.limits.runs is not None and running > self.limits.runs:
            raise ShareUsedUp(
                f"{self.limits.runs} answers are being written for you at once, which is all there may be. "
                "When one has finished, or you stop one, the next can begin. Your text is kept."
            )

    def _check_tokens(self, user: User) -> None:
        if self.limits.tokens is not None and self._spending_of(user).today() >= self.limits.tokens:
            raise ShareUsedUp(
                f"You have used up today’s {self.limits.tokens:,} tokens. There are new ones at 00:00 UTC, {_until_midnight()}. "
                "Your text is kept."
            )

    def _check_storage(self, user: User) -> None:
        if self.limits.megabytes is None or self._size(user) < self.limits.megabytes * MEGABYTE:
            return
        raise ShareUsedUp(
            f"Your conversations and files take up the {self.limits.megabytes:,} MB there are for you. "
            "Delete some on the page Conversations, and there is room at once. Your text is kept."
        )

    def _check_prompts(self, user: User) -> None:
        if self.limits.prompts is None:
            return
        now, sent = self._clock(), self._sent.setdefault(user.key, deque())
        while sent and now - sent[0] >= MINUTE:
            sent.popleft()
        if len(sent) >= self.limits.prompts:
            wait = max(1, round(MINUTE - (now - sent[0]))) if sent else int(MINUTE)
            raise ShareUsedUp(
                f"You sent {self.limits.prompts} within a minute, which is all the prompts there may be. "
                f"The next can go in {wait} seconds. Your text is kept."
            )
        sent.append(now)

    def _spending_of(self, user: User) -> Spending:
        if user.key not in self._spending:
            self._spending[user.key] = Spending(paths.spending_file(self._data_dir, user))
        return self._spending[user.key]

    def _size(self, user: User) -> int:
        """Measured without the lock: one user's many files must not hold up all others. Measuring twice at once does no harm."""
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
