"""Finds a Chromium for the browser tests; `python -m tests.browser.chromium` says with its exit code whether there is one."""

import os
import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

COMMANDS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")


def system_chromium() -> str | None:
    """The path of the system's Chromium or Chrome, or of the one `ROUNDTABLE_TEST_CHROMIUM` names."""
    named = os.environ.get("ROUNDTABLE_TEST_CHROMIUM")
    found = named or next(filter(None, map(shutil.which, COMMANDS)), None)
    return found or (str(MAC) if MAC.exists() else None)


def main() -> int:
    if system_chromium():
        return 0
    with sync_playwright() as playwright:
        return 0 if Path(playwright.chromium.executable_path).exists() else 1


if __name__ == "__main__":
    sys.exit(main())
