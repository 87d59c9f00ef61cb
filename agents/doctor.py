"""Looks whether everything is in order: `make doctor`, and a button on the page Settings."""

import asyncio
import sys
from collections.abc import Iterator
from concurrent.futures import TimeoutError as TookTooLong

from agents.application import Application
from agents.images.checking import is_picture
from agents.models.catalog import Catalog
from agents.sandbox.choice import Choice, find_sandbox
from state.access import to_access
from state.checkup import Finding, check_disk, check_users
from state.errors import LoopUnavailable, RoundtableError
from state.settings import Settings, load_listed_models, load_settings
from state.store import Store
from state.users import User

LOOP_SECONDS = 2.0
SANDBOX_SECONDS = 60.0


def examine(app: Application, store: Store) -> list[Finding]:
    """Look at the running server, for one user. It takes seconds: the model is asked, and the sandbox is measured."""
    return [*store.check(is_picture), check_disk(app.folder.path), *_at_work(app, store.user)]


def examine_offline() -> Iterator[Finding]:
    """Look at settings, disk and files without being the server. Raises SettingsError."""
    settings = load_settings()
    access = to_access(settings)
    yield Finding("Settings", True, f"They can be used. ROUNDTABLE_AUTH is {access.auth}.")
    model = Catalog(settings, load_listed_models(settings)).default
    yield Finding("Model", True, f"{model.label}. {model.why} It was not asked; the button Check on the page Settings does that.")
    if settings.data_dir.is_dir():
        yield check_disk(settings.data_dir)
        yield from check_users(settings.data_dir, is_picture)
    else:
        yield Finding("Conversations", True, f"There are none yet: no folder {settings.data_dir}.")
    yield _sandbox(settings, asyncio.run(find_sandbox(settings, has_several_users=settings.has_several_users)))


def _at_work(app: Application, user: User) -> list[Finding]:
    """What the loop has to answer for; of one that stands still, nothing else is asked, for it would never say."""
    if not app.loop.answers_within(LOOP_SECONDS):
        return [Finding("Agents", False, "The part that runs them does not answer; restart the server.")]
    return [Finding("Agents", True, "The part that runs them answers."), _asked(app, user), _measured(app)]


def _asked(app: Application, user: User) -> Finding:
    """The model that is in use where no other is picked. The question is one of the user's prompts."""
    model = app.catalog.default
    try:
        trial = app.try_model(model, user)
    except RoundtableError as error:
        return Finding("Model", False, f"{model.label}. It was not asked. {error}")
    return Finding("Model", trial.is_answered, f"{model.label}. {f'It answered. {model.why}' if trial.is_answered else trial.text}")


def _measured(app: Application) -> Finding:
    try:
        return _sandbox(app.settings, app.workrooms.look_again().result(timeout=SANDBOX_SECONDS))
    except (LoopUnavailable, TookTooLong):
        return Finding("Sandbox", False, "It could not be measured. Try again; if it stays so, look at the server’s log.")


def _sandbox(settings: Settings, choice: Choice) -> Finding:
    return Finding("Sandbox", choice.sandbox is not None or settings.code_execution == "off", choice.sentence)


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
