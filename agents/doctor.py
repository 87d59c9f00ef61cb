"""Looks whether everything is in order: `make doctor`, and a button on the page Settings."""

import asyncio
import sys
from collections.abc import Iterator
from concurrent.futures import TimeoutError as TookTooLong

from agents.application import Application
from agents.models.catalog import Catalog
from agents.sandbox.choice import find_sandbox
from state.access import to_access
from state.checkup import Finding, check_disk, check_users
from state.errors import LoopUnavailable, RoundtableError
from state.settings import Settings, load_listed_models, load_settings
from state.store import Store

LOOP_SECONDS = 2.0
SANDBOX_SECONDS = 60.0


def examine(app: Application, store: Store) -> list[Finding]:
    """Look at the running server, for one user. It takes seconds: the sandbox is measured."""
    is_turning = app.loop.answers_within(LOOP_SECONDS)
    loop = Finding(
        "Agents",
        is_turning,
        "The part that runs them answers." if is_turning else "The part that runs them does not answer; restart the server.",
    )
    return [*store.check(), check_disk(app.folder.path), loop, _model(app.catalog), _sandbox_of(app)]


def examine_offline() -> Iterator[Finding]:
    """Look at settings, disk and files without being the server. Raises SettingsError."""
    settings = load_settings()
    access = to_access(settings)
    yield Finding("Settings", True, f"They can be used. ROUNDTABLE_AUTH is {access.auth}.")
    yield _model(Catalog(settings, load_listed_models(settings)))
    if settings.data_dir.is_dir():
        yield check_disk(settings.data_dir)
        yield from check_users(settings.data_dir)
    else:
        yield Finding("Conversations", True, f"There are none yet: no folder {settings.data_dir}.")
    yield asyncio.run(_sandbox(settings))


def _model(catalog: Catalog) -> Finding:
    return Finding("Model", True, f"{catalog.default.label}. {catalog.default.why}")


def _sandbox_of(app: Application) -> Finding:
    try:
        return app.loop.submit(_sandbox(app.settings)).result(timeout=SANDBOX_SECONDS)
    except (LoopUnavailable, TookTooLong):
        return Finding("Sandbox", False, "It could not be measured.")


async def _sandbox(settings: Settings) -> Finding:
    choice = await find_sandbox(settings, has_several_users=settings.has_several_users)
    is_good = choice.sandbox is not None or settings.code_execution == "off"
    return Finding("Sandbox", is_good, choice.sentence)


def main() -> int:
    """Print what was found; the exit code is 1 where something is wrong."""
    is_good = True
    try:
        for finding in examine_offline():
            is_good = is_good and finding.is_good
            print(f"{'ok ' if finding.is_good else 'BAD'} {finding.name}: {finding.sentence}")  # noqa: T201  # what it is for
    except RoundtableError as error:
        print(f"BAD {error}")  # noqa: T201
        return 1
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
