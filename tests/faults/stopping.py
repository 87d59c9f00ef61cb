"""A server in the middle of many answers: `python -m tests.faults.stopping RUNS`. It prints a line when all have some text.

SIGTERM ends it as it ends the server: the lifespan closes the application.
"""

import signal
import sys
import threading
import time

from agents.application import application, close_application
from agents.assistant import ASSISTANT
from state.events import UserMessage
from state.users import User


def main() -> None:
    stopped = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopped.set())
    app = application()
    runs = [
        app.runner.start(app.store(User(f"user{number}")), ASSISTANT, UserMessage(text=f"Say at long user{number}x"))
        for number in range(int(sys.argv[1]))
    ]
    while not all(run.has_text for run in runs):
        time.sleep(0.02)
    print("all have text", flush=True)  # noqa: T201  # what the test reads
    stopped.wait()
    close_application()


if __name__ == "__main__":
    main()
