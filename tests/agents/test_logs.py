"""What the log tells of teams that are stopped or fail: AutoGen itself writes into it."""

import asyncio
import logging
from collections.abc import Iterator
from io import StringIO

import pytest
from pydantic import BaseModel, ValidationError

from agents.application import Application
from agents.logs import AUTOGEN, TOLD, is_no_stop, set_up_logs
from agents.runs import Run
from agents.travel.mode import TRAVEL
from state.events import UserMessage
from tests.conftest import ALICE, wait_until
from tests.provider import Provider, Reply
from tests.provider.script import Silence
from tests.provider.server import Request
from tests.services import Services


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    levels = {name: logging.getLogger(name).level for name in AUTOGEN}
    set_up_logs("text")
    yield caplog
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)
        logging.getLogger(name).removeFilter(is_no_stop)
    logging.setLogRecordFactory(logging.LogRecord)


def planned(app: Application) -> Run:
    return app.runner.start(app.store(ALICE), TRAVEL, UserMessage(text="Three days in Rome"))


def test_a_team_that_is_stopped_is_no_error(
    app: Application, services: Services, provider: Provider, log: pytest.LogCaptureFixture
) -> None:
    def improvise(request: Request) -> Reply:
        is_the_selector_s = "tools" not in request.body
        return Reply("Travel_Advisor") if is_the_selector_s else Reply("A beginning ", Silence())

    provider.improvise = improvise
    team = planned(app)
    wait_until(lambda: team.has_text)
    team.stop()
    wait_until(lambda: team.is_over)

    assert team.outcome == "stopped"
    assert not log.text


def test_what_a_model_s_server_says_of_an_error_is_not_told(
    app: Application, services: Services, provider: Provider, log: pytest.LogCaptureFixture
) -> None:
    """It may quote a prompt or a key. Its kind and its places are."""

    def improvise(_: Request) -> Reply:
        return Reply(status=401, error={"message": "A planted fault"})

    provider.improvise = improvise
    team = planned(app)
    wait_until(lambda: team.is_over)

    assert team.outcome == "failed"
    assert "Error processing publish message" in log.text
    assert "AuthenticationError" in log.text
    assert "handle_request" in log.text
    assert "planted" not in log.text


class Prompt(BaseModel):
    length: int


def test_no_text_is_told_whoever_logs_it(log: pytest.LogCaptureFixture) -> None:
    """A library's own handler has the traceback's places and kinds, those of what an error came of too; a lost task's has no more."""
    out = StringIO()
    handler = logging.StreamHandler(out)
    logging.getLogger("somebody.else").addHandler(handler)
    try:
        try:
            Prompt.model_validate({"length": "my planted words"})
        except ValidationError as error:
            raise ValueError("planted too") from error
    except ValueError:
        logging.getLogger("somebody.else").exception("it failed")
    logging.getLogger("somebody.else").removeHandler(handler)
    lost = {"message": "Task exception was never retrieved", "exception": ValueError("planted"), "future": "ValueError('planted')"}
    loop = asyncio.new_event_loop()
    loop.call_exception_handler(lost)
    loop.close()

    assert out.getvalue().startswith(f"it failed\n{TOLD}\n")
    assert "test_logs.py" in out.getvalue()
    assert out.getvalue().endswith("\nValueError < ValidationError\n")
    assert "never retrieved" in log.text
    assert "planted" not in out.getvalue() + log.text
