"""The data folder: one process works on it at a time, and it keeps the secret that signs tickets."""

import os
import secrets
from pathlib import Path

from filelock import FileLock, Timeout

from state import paths
from state.database import said_in_words
from state.errors import DataFolderInUse


class DataFolder:
    """Makes and claims the folder. Raises DataFolderInUse or StoreUnavailable."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with said_in_words():
            path.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._lock = FileLock(paths.lock_file(path))
            try:
                self._lock.acquire(timeout=0)
            except Timeout:
                raise DataFolderInUse(
                    f"Another Roundtable already works on the data folder `{path}`. Stop it, or set ROUNDTABLE_DATA_DIR to another folder."
                ) from None
            self.secret = _load_secret(paths.secret_file(path))

    def check(self) -> None:
        """Write and remove a file. Raises StoreUnavailable where the disk refuses."""
        with said_in_words():
            probe = paths.probe_file(self.path)
            probe.write_bytes(b"healthy")
            probe.unlink()

    def release(self) -> None:
        self._lock.release()


def _load_secret(file: Path) -> bytes:
    if not file.exists():
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as new:
            new.write(secrets.token_bytes(32))
    return file.read_bytes()
