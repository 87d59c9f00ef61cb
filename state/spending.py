"""How many tokens a user has taken today. It is kept apart from conversations, so that deleting one brings nothing back."""

import json
from datetime import UTC, date, datetime
from pathlib import Path

from state.database import said_in_words


class Spending:
    """One user's, in a small file. Days are UTC's."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._day, self._tokens = _load(file)

    def today(self) -> int:
        """Tokens taken since midnight."""
        return self._tokens if self._day == _today() else 0

    def add(self, tokens: int) -> None:
        """Raises StoreUnavailable; the tokens count for this process all the same."""
        self._day, self._tokens = _today(), self.today() + tokens
        with said_in_words():
            self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            new = self._file.with_suffix(".new")
            new.write_text(json.dumps({"day": self._day.isoformat(), "tokens": self._tokens}), encoding="utf-8")
            new.replace(self._file)


def _load(file: Path) -> tuple[date, int]:
    """What the file says; nothing where there is none, or none that can be read."""
    try:
        saved = json.loads(file.read_text(encoding="utf-8"))
        return date.fromisoformat(saved["day"]), max(0, int(saved["tokens"]))
    except (OSError, ValueError, KeyError, TypeError):
        return _today(), 0


def _today() -> date:
    return datetime.now(UTC).date()
