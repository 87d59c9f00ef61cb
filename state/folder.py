"""The data folder: one process works on it at a time, and it keeps the secret that signs tickets."""

import os
import secrets
from pathlib import Path
from tempfile import TemporaryFile

from filelock import FileLock, Timeout

from state import paths
from state.database import said_in_words
from state.errors import DataFolderInUse, StoreUnavailable

SECRET_BYTES = 32


class DataFolder:
    """Makes and claims the folder. Raises DataFolderInUse or StoreUnavailable."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            path.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError:
            raise StoreUnavailable(
                f"The data folder `{path}` cannot be used. Make it a folder that can be written to, or set ROUNDTABLE_DATA_DIR to another."
            ) from None
        with said_in_words():
            self._lock = FileLock(paths.lock_file(path), thread_local=False)  # closed from whatever thread ends the server
            try:
                self._lock.acquire(timeout=0)
            except Timeout:
                raise DataFolderInUse(
                    f"Another Roundtable already works on the data folder `{path}`. Stop it, or set ROUNDTABLE_DATA_DIR to another folder."
                ) from None
            self.secret = _load_secret(paths.secret_file(path))

    def check(self) -> None:
        """Write and remove a file. Raises StoreUnavailable where the disk refuses."""
        with said_in_words(), TemporaryFile(dir=self.path) as probe:
            probe.write(b"healthy")
            probe.flush()

    def release(self) -> None:
        self._lock.release()


def _load_secret(file: Path) -> bytes:
    """Read the secret, or make one where there is none or half of one. It is never on disk in part under its own name."""
    if file.exists() and len(secret := file.read_bytes()) == SECRET_BYTES:
        return secret
    new = file.with_suffix(".new")
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as writing:
        writing.write(secrets.token_bytes(SECRET_BYTES))
        writing.flush()
        os.fsync(writing.fileno())
    new.replace(file)
    return file.read_bytes()
