"""The data folder's lock and secret."""

import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from state import paths
from state.errors import DataFolderInUse, StoreUnavailable
from state.folder import DataFolder
from tests.server import ROOT

CLAIM = """
import sys
from pathlib import Path
from state.errors import DataFolderInUse
from state.folder import DataFolder
try:
    DataFolder(Path(sys.argv[1]))
except DataFolderInUse as error:
    print(error)
else:
    print("claimed")
"""


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[DataFolder]:
    claimed = DataFolder(tmp_path / "deep" / "data")
    yield claimed
    claimed.release()


def claim_elsewhere(path: Path) -> str:
    """What another process says that tries to claim the folder."""
    ran = subprocess.run([sys.executable, "-c", CLAIM, str(path)], cwd=ROOT, capture_output=True, text=True, timeout=30, check=True)
    return ran.stdout.strip()


def test_another_process_is_refused(folder: DataFolder) -> None:
    """It is told which folder and what to do; once the first lets go, the next may have it."""
    refusal = claim_elsewhere(folder.path)

    assert f"`{folder.path}`" in refusal
    assert "ROUNDTABLE_DATA_DIR" in refusal
    folder.release()
    assert claim_elsewhere(folder.path) == "claimed"


def test_a_second_claim_in_the_same_process_is_refused(folder: DataFolder) -> None:
    with pytest.raises(DataFolderInUse):
        DataFolder(folder.path)

    folder.release()
    DataFolder(folder.path).release()


def test_the_secret_stays_and_is_the_owner_s(folder: DataFolder) -> None:
    folder.release()
    again = DataFolder(folder.path)
    again.release()
    file = paths.secret_file(folder.path)

    assert again.secret == folder.secret == file.read_bytes()
    assert len(folder.secret) == 32
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.path.stat().st_mode) == 0o700


def test_two_folders_have_two_secrets(folder: DataFolder, tmp_path: Path) -> None:
    other = DataFolder(tmp_path / "other")
    other.release()

    assert other.secret != folder.secret


def test_a_check_leaves_nothing_and_notices_a_lost_folder(folder: DataFolder) -> None:
    before = sorted(folder.path.iterdir())
    folder.check()

    assert sorted(folder.path.iterdir()) == before
    folder.path.rename(folder.path.with_name("moved"))
    with pytest.raises(StoreUnavailable):
        folder.check()


def test_a_file_in_its_place_is_said(tmp_path: Path) -> None:
    place = tmp_path / "data"
    place.write_text("a file")

    with pytest.raises(StoreUnavailable, match="ROUNDTABLE_DATA_DIR"):
        DataFolder(place)
