"""What a full collection has to look at in a server that has started, in a process of its own."""

import subprocess
import sys
from pathlib import Path

from tests.server import ROOT, clean_environment

PROGRAM = """
import asyncio
import gc
from app import app, lifespan

async def start():
    async with lifespan(app):
        print(gc.get_freeze_count(), len(gc.get_objects()))

asyncio.run(start())
"""


def test_what_stays_is_not_looked_at_again(tmp_path: Path) -> None:
    """Modules and classes are left out, and nothing else is there yet."""
    environment = clean_environment() | {"ROUNDTABLE_DATA_DIR": str(tmp_path / "data"), "PYTHONPATH": str(ROOT)}
    told = subprocess.run([sys.executable, "-c", PROGRAM], cwd=ROOT, env=environment, capture_output=True, text=True, check=True).stdout
    left_out, looked_at = map(int, told.splitlines()[-1].split())

    assert left_out > 100_000
    assert looked_at < 5000
