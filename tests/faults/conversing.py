"""A process that converses until it is killed: `python -m tests.faults.conversing`. It prints each prompt once it is accepted."""

import itertools

from agents.application import application
from agents.assistant import ASSISTANT
from state.events import UserMessage
from tests.conftest import ALICE


def main() -> None:
    app = application()
    store, conversation = app.store(ALICE), None
    for number in itertools.count():
        run = app.runner.start(store, ASSISTANT, UserMessage(text=f"Prompt {number}"), conversation)
        conversation = run.record.conversation
        print(conversation, number, flush=True)  # noqa: T201  # what the test reads
        while not run.is_over:
            run.wait(1_000_000, timeout=1)


if __name__ == "__main__":
    main()
