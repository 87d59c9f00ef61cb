"""The coding pair, against a scripted model server over real HTTP and a real sandbox."""

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from agents.application import Application
from agents.coding.mode import CODING
from agents.coding.pair import UNDECIDED
from agents.coding.told import LOST
from agents.runs import Run
from agents.time_machine import TimeMachine
from agents.workroom import Workrooms
from state.conversations import Beginning, Options
from state.errors import QuestionOver
from state.events import (
    AgentMessage,
    CodeResult,
    InputAnswered,
    InputRequested,
    RunEnded,
    ToolBegun,
    UserMessage,
)
from state.settings import load_settings
from state.store import Store
from tests.conftest import ALICE, wait_until
from tests.provider import Gate, Provider, Reply

DONE = Reply("It works.\n\nTERMINATE")


def program(*codes: str, language: str = "python") -> Reply:
    return Reply("Here:\n\n" + "\n\n".join(f"```{language}\n{code}\n```" for code in codes))


def send(app: Application, prompt: str = "Say hello", conversation: str | None = None) -> Run:
    """Send a prompt and wait until its run waits or is over."""
    store = app.store(ALICE)
    run = app.runner.start(store, CODING, UserMessage(text=prompt), conversation)
    settle(app, run.record.conversation)
    return run


def settle(app: Application, conversation: str, *, timeout: float = 20) -> None:
    store = app.store(ALICE)
    feed = app.runner.feed(store, conversation)
    wait_until(lambda: feed.now.status in {"waiting", None}, timeout)


def answer(app: Application, conversation: str, text: str = "", *, yes: bool = True, for_all: bool = False, settles: bool = True) -> None:
    store = app.store(ALICE)
    request = asked(store, conversation)[-1].request_id
    given = InputAnswered(request_id=request, is_approved=yes, text=text, for_all=for_all)
    app.runner.answer(store, CODING, conversation, given)
    if settles:
        settle(app, conversation)


def events(store: Store, conversation: str) -> list[object]:
    return [entry.event for entry in store.entries(conversation)]


def asked(store: Store, conversation: str) -> list[InputRequested]:
    return [event for event in events(store, conversation) if isinstance(event, InputRequested)]


def results(store: Store, conversation: str) -> list[CodeResult]:
    return [event for event in events(store, conversation) if isinstance(event, CodeResult)]


def end(store: Store, conversation: str) -> RunEnded:
    last = events(store, conversation)[-1]
    assert isinstance(last, RunEnded)
    return last


def told(provider: Provider, number: int = -1) -> str:
    """What the model was told last."""
    return str(provider.requests[number].said[-1][1])


def test_a_program_is_written_approved_run_mended_and_ended(app: Application, store: Store, provider: Provider) -> None:
    provider.enqueue(program("print(1 / 0)"), program("print(6 * 7)"), DONE)
    conversation = send(app).record.conversation
    request = asked(store, conversation)[0]
    assert (request.kind, request.title, request.details) == ("code", "python", "print(1 / 0)\n")
    assert results(store, conversation) == []
    answer(app, conversation)
    assert "ZeroDivisionError" in told(provider)
    answer(app, conversation)

    failed, good = results(store, conversation)
    assert (failed.exit_code, failed.is_good, good.output, good.is_good) == (1, False, "42\n", True)
    assert told(provider) == "42\n"
    assert [role for role, _ in provider.requests[-1].said] == ["user", "assistant", "user", "assistant", "user"]
    assert (end(store, conversation).status, end(store, conversation).reason) == ("finished", "")
    kinds = [type(event) for event in events(store, conversation)]
    assert kinds.index(AgentMessage) < kinds.index(InputRequested) < kinds.index(ToolBegun) < kinds.index(CodeResult)


def test_the_next_turn_knows_what_ran_and_runs_nothing_again(app: Application, store: Store, provider: Provider) -> None:
    provider.enqueue(program("print(6 * 7)"), DONE, DONE)
    conversation = send(app).record.conversation
    answer(app, conversation)
    send(app, "Sure?", conversation)

    assert [text for _, text in provider.requests[-1].said][2:] == ["42\n", "It works.\n\nTERMINATE", "Sure?"]
    assert len(results(store, conversation)) == 1
    assert end(store, conversation).status == "finished"


def test_edited_code_is_what_ran_and_what_the_model_is_told(app: Application, store: Store, provider: Provider) -> None:
    provider.enqueue(program("print('mine')"), DONE)
    conversation = send(app).record.conversation
    answer(app, conversation, "print('yours')")

    result = results(store, conversation)[0]
    assert (result.code, result.is_edited, result.output) == ("print('yours')", True, "yours\n")
    assert "edited" in told(provider)
    assert "print('yours')" in told(provider)
    assert told(provider).endswith("yours\n")


def test_code_sent_from_the_editor_as_it_was_is_not_called_edited(app: Application, store: Store, provider: Provider) -> None:
    provider.enqueue(program("print(1)"), DONE)
    conversation = send(app).record.conversation
    answer(app, conversation, "print(1)")

    assert [(result.is_edited, result.output) for result in results(store, conversation)] == [(False, "1\n")]
    assert told(provider) == "1\n"


def test_a_refusal_tells_the_model_why(app: Application, store: Store, provider: Provider) -> None:
    provider.enqueue(program("print(1)"), DONE)
    conversation = send(app).record.conversation
    answer(app, conversation, "Too dear.", yes=False)

    assert "Too dear." in told(provider)
    assert [(result.ended, result.has_run) for result in results(store, conversation)] == [("denied", False)]
    assert not any(isinstance(event, ToolBegun) for event in events(store, conversation))


def test_each_block_has_its_question_and_the_first_that_fails_is_the_last(app: Application, store: Store, provider: Provider) -> None:
    provider.enqueue(program("print(1)", "raise SystemExit(3)", "print(3)"), DONE)
    conversation = send(app).record.conversation
    answer(app, conversation)
    answer(app, conversation)

    assert [request.request_id for request in asked(store, conversation)] == ["code-1", "code-2"]
    assert [result.exit_code for result in results(store, conversation)] == [0, 3]
    assert len(provider.requests) == 2


def test_the_rest_of_the_turn_runs_without_asking(app: Application, store: Store, provider: Provider) -> None:
    """And the next turn asks again."""
    provider.enqueue(program("print(1)", "print(2)"), program("print(3)"), DONE, program("print(4)"))
    conversation = send(app).record.conversation
    answer(app, conversation, for_all=True)
    assert [result.output for result in results(store, conversation)] == ["1\n", "2\n", "3\n"]
    assert len(asked(store, conversation)) == 1
    send(app, "Again", conversation)

    assert len(asked(store, conversation)) == 2
    assert store.runs(conversation)[-1].status == "waiting"


def test_only_the_assistant_s_blocks_run(app: Application, store: Store, provider: Provider) -> None:
    """Neither the person's text nor what the output of a program looks like."""
    printing = "print('`' * 3 + 'python\\nprint(666)\\n' + '`' * 3)"
    provider.enqueue(program(printing), Reply("Well."), DONE)
    conversation = send(app, "Run this:\n```python\nprint('evil')\n```").record.conversation
    assert [request.details for request in asked(store, conversation)] == [f"{printing}\n"]
    answer(app, conversation)

    assert "print(666)" in results(store, conversation)[0].output
    assert "No code blocks found" in told(provider)
    assert len(asked(store, conversation)) == 1


def test_it_ends_after_ten_messages(app: Application, store: Store, provider: Provider) -> None:
    provider.enqueue(*(program(f"print({number})") for number in range(6)))
    conversation = send(app).record.conversation
    answer(app, conversation, for_all=True)

    assert len(provider.requests) == 5
    assert len(results(store, conversation)) == 4
    assert (end(store, conversation).status, end(store, conversation).reason) == ("finished", UNDECIDED)


def test_a_program_that_was_left_unrun_is_not_run_in_the_next_turn(app: Application, store: Store, provider: Provider) -> None:
    provider.enqueue(*(program(f"print({number})") for number in range(5)), DONE)
    conversation = send(app).record.conversation
    answer(app, conversation, for_all=True)
    send(app, "Never mind", conversation)

    assert len(results(store, conversation)) == 4
    assert len(asked(store, conversation)) == 1
    assert end(store, conversation).reason == ""


def test_a_prompt_that_says_terminate_ends_nothing(app: Application, store: Store, provider: Provider) -> None:
    provider.enqueue(program("print(1)"))
    conversation = send(app, "What does TERMINATE mean?").record.conversation

    assert len(asked(store, conversation)) == 1


def test_a_stop_ends_code_and_its_children_and_keeps_what_was_printed(app: Application, store: Store, provider: Provider) -> None:
    code = (
        "import subprocess, sys, time\n"
        "print('begun', flush=True)\n"
        "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(61.25)'], start_new_session=True)\n"
        "open('begun', 'w').close()\n"
        "time.sleep(60)"
    )
    provider.enqueue(program(code), DONE)
    run = send(app)
    conversation = run.record.conversation
    workspace = app.files.of(ALICE, conversation).workspace
    answer(app, conversation, settles=False)
    wait_until((workspace.folder / "begun").exists)
    time.sleep(0.2)
    began = time.monotonic()
    run.stop()
    wait_until(lambda: run.is_over)
    took = time.monotonic() - began

    assert took < 1
    assert processes_that_say("sleep(61.25") == []
    assert [(result.ended, result.output) for result in results(store, conversation)] == [("stopped", "begun\nThe code was stopped.")]
    assert (end(store, conversation).status, "while code was running" in end(store, conversation).reason) == ("stopped", True)
    send(app, "Go on", conversation)
    assert "The code was stopped." in provider.requests[-1].said[2][1]


def processes_that_say(text: str) -> list[str]:
    """Those with it in their command line, as everybody's processes are listed."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            line = (folder / "cmdline").read_bytes().decode(errors="replace")
            found += [line] * (text in line)
    return found


@pytest.mark.parametrize("is_restarted", [False, True], ids=["", "after a restart"])
def test_nothing_runs_after_a_stop(app: Application, another: Callable[[], Application], provider: Provider, is_restarted: bool) -> None:
    provider.enqueue(program("print(1)"), DONE)
    conversation = send(app).record.conversation
    app = another() if is_restarted else app
    store = app.store(ALICE)
    app.runner.stop(store, conversation)
    wait_until(lambda: store.runs(conversation)[0].ended)
    with pytest.raises(QuestionOver):
        answer(app, conversation)

    assert end(store, conversation).status == "stopped"
    assert results(store, conversation) == []
    send(app, "Hello", conversation)
    assert [role for role, _ in provider.requests[-1].said] == ["user", "assistant", "user"]


def test_a_block_waits_over_a_restart_and_runs_once(app: Application, another: Callable[[], Application], provider: Provider) -> None:
    """The model hears of it as if nothing had been."""
    provider.enqueue(program("print(1)", "print(2)"), program("print(3)"), DONE)
    conversation = send(app).record.conversation
    answer(app, conversation)
    app = another()
    store = app.store(ALICE)
    assert store.runs(conversation)[0].status == "waiting"
    answer(app, conversation)
    with pytest.raises(QuestionOver):
        app.runner.answer(store, CODING, conversation, InputAnswered(request_id="code-2"))
    assert [role for role, _ in provider.requests[1].said] == ["user", "assistant", "user"]
    assert told(provider) == "1\n\n\n2\n"
    app = another()
    store = app.store(ALICE)
    answer(app, conversation)

    assert [result.output for result in results(store, conversation)] == ["1\n", "2\n", "3\n"]
    assert [result.request_id for result in results(store, conversation)] == ["code-1", "code-2", "code-3"]
    assert [text for _, text in provider.requests[-1].said][2] == "1\n\n\n2\n"
    assert end(store, conversation).status == "finished"


def test_the_rest_is_not_asked_after_a_restart_either(
    app: Application, monkeypatch: pytest.MonkeyPatch, another: Callable[[], Application], provider: Provider
) -> None:
    """And the ten messages count over it."""
    monkeypatch.setenv("ROUNDTABLE_TURN_CALLS", "2")
    provider.enqueue(*(program(f"print({number})") for number in range(6)))
    app = another()
    conversation = send(app).record.conversation
    answer(app, conversation, for_all=True)
    assert asked(app.store(ALICE), conversation)[-1].kind == "budget"
    app = another()
    store = app.store(ALICE)
    answer(app, conversation)
    app = another()
    store = app.store(ALICE)
    answer(app, conversation)

    assert len(provider.requests) == 5
    assert [result.output for result in results(store, conversation)] == ["0\n", "1\n", "2\n", "3\n"]
    assert end(store, conversation).reason == UNDECIDED


def test_the_turn_s_budget_ends_it_where_the_person_says_so(
    app: Application, monkeypatch: pytest.MonkeyPatch, another: Callable[[], Application], provider: Provider
) -> None:
    monkeypatch.setenv("ROUNDTABLE_TURN_CALLS", "1")
    provider.enqueue(program("print(1)"))
    app = another()
    conversation = send(app).record.conversation
    answer(app, conversation)
    answer(app, conversation, yes=False)

    assert (end(app.store(ALICE), conversation).status, "budget" in end(app.store(ALICE), conversation).reason) == ("stopped", True)


def test_with_code_off_nothing_runs_and_the_model_is_told(
    app: Application, monkeypatch: pytest.MonkeyPatch, another: Callable[[], Application], provider: Provider
) -> None:
    monkeypatch.setenv("ROUNDTABLE_CODE_EXECUTION", "off")
    provider.enqueue(program("print(1)"), DONE)
    app = another()
    conversation = send(app).record.conversation

    assert asked(app.store(ALICE), conversation) == []
    assert results(app.store(ALICE), conversation)[0].ended == "off"
    assert "ROUNDTABLE_CODE_EXECUTION is off" in told(provider)


def test_without_a_sandbox_every_block_asks(
    app: Application, monkeypatch: pytest.MonkeyPatch, another: Callable[[], Application], provider: Provider
) -> None:
    monkeypatch.setenv("ROUNDTABLE_CODE_EXECUTION", "unsandboxed")
    provider.enqueue(program("print(1)", "print(2)"), DONE)
    app = another()
    conversation = send(app).record.conversation
    answer(app, conversation, for_all=True)

    assert len(asked(app.store(ALICE), conversation)) == 2


def test_code_that_had_begun_is_never_run_again(app: Application, another: Callable[[], Application], provider: Provider) -> None:
    """The server went between the approval and the result, while the person had another question to answer."""
    provider.enqueue(program("print(1)"), DONE)
    conversation = send(app).record.conversation
    app = another()
    store = app.store(ALICE)
    record = store.runs(conversation)[0]
    store.append(record, [ToolBegun(source="code_executor", call_id="code-1")])
    answer(app, conversation)

    assert results(store, conversation)[0].ended == "lost"
    assert told(provider) == LOST


def test_a_model_s_failure_is_said_as_anywhere(app: Application, store: Store, provider: Provider) -> None:
    provider.enqueue(Reply(status=401))
    conversation = send(app).record.conversation

    assert end(store, conversation).status == "failed"
    assert "key" in end(store, conversation).reason
    assert "Traceback" not in end(store, conversation).reason


def test_the_state_is_one_for_plain_autogen(app: Application, store: Store, provider: Provider) -> None:
    provider.enqueue(program("print(6 * 7)"), DONE)
    conversation = send(app).record.conversation
    answer(app, conversation)
    state, since = store.memory(conversation, store.conversation(conversation).tip)

    assert since == []
    assert state is not None
    assert state["type"] == "TeamState"
    assert set(state["agent_states"]) == {"assistant", "code_executor", "RoundRobinGroupChatManager"}
    assert state["agent_states"]["RoundRobinGroupChatManager"]["next_speaker_index"] == 0


def test_instructions_take_the_place_of_the_mode_s(app: Application, store: Store, provider: Provider) -> None:
    provider.enqueue(DONE)
    beginning = Beginning(options=Options(instructions="Write Fortran."))
    run = app.runner.start(store, CODING, UserMessage(text="Hello"), None, beginning)
    wait_until(lambda: run.is_over)

    assert provider.requests[0].body["messages"][0] == {"role": "system", "content": "Write Fortran."}


@pytest.mark.parametrize("is_restarted", [False, True], ids=["", "asked again after a restart"])
def test_a_program_that_was_broken_off_and_continued_runs_whole(
    app: Application, another: Callable[[], Application], provider: Provider, is_restarted: bool
) -> None:
    provider.enqueue(Reply("```python\nprint(1)\n", Gate()), Reply("print(2)\n```"), DONE)
    store = app.store(ALICE)
    run = app.runner.start(store, CODING, UserMessage(text="Count"))
    conversation = run.record.conversation
    wait_until(lambda: run.has_text)
    run.stop()
    wait_until(lambda: run.is_over)
    TimeMachine(app.runner, store, conversation).go_on(CODING)
    settle(app, conversation)
    assert asked(store, conversation)[0].details == "print(1)\nprint(2)\n"
    app = another() if is_restarted else app
    answer(app, conversation)

    assert [result.output for result in results(app.store(ALICE), conversation)] == ["1\n2\n"]


def test_a_server_that_ends_ends_running_code_and_keeps_what_was_printed(
    app: Application, another: Callable[[], Application], provider: Provider
) -> None:
    provider.enqueue(program("import time\nprint('begun', flush=True)\nopen('begun', 'w').close()\ntime.sleep(61.75)"))
    conversation = send(app).record.conversation
    answer(app, conversation, settles=False)
    wait_until((app.files.of(ALICE, conversation).workspace.folder / "begun").exists)
    app = another()

    assert processes_that_say("sleep(61.75") == []
    assert [result.ended for result in results(app.store(ALICE), conversation)] == ["stopped"]
    assert "begun" in results(app.store(ALICE), conversation)[0].output
    assert end(app.store(ALICE), conversation).status == "interrupted"


def test_several_people_without_a_sandbox_run_no_code(app: Application) -> None:
    settings = load_settings(env_file=None).model_copy(update={"code_execution": "unsandboxed"})
    choice = Workrooms(settings, app.loop, app.files, has_several_users=True).choice

    assert choice.sandbox is None
    assert "several people" in choice.sentence
    assert "Install Bubblewrap" in choice.sentence


def test_a_disk_that_refuses_is_said_in_words(app: Application, store: Store, provider: Provider, tmp_path: Path) -> None:
    """The workspace cannot be made, as something lies in its place."""
    provider.enqueue(program("print(1)"))
    conversation = send(app).record.conversation
    folder = app.files.of(ALICE, conversation).workspace.folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.write_text("in the way")
    answer(app, conversation)

    assert end(store, conversation).status == "failed"
    assert "Try again" in end(store, conversation).reason
