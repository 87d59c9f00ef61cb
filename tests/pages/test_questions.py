"""Questions, steps and options in the page, by Streamlit's own test driver."""

import json
from collections.abc import Callable, Iterator

import pytest
from streamlit.testing.v1 import AppTest

from agents.application import application
from agents.assistant import ASSISTANT, PRESETS
from pages.ui.session import INSTRUCTIONS, PRESET, PROMPT
from pages.ui.steps import to_steps
from pages.ui.transcript import to_groups
from pages.web.marks import marks_of
from state.conversations import Beginning, Options
from state.events import AgentMessage, InputAnswered, InputRequested, RunEnded, SavedEvent, ToolCall, ToolResult, UserMessage, now
from state.store import Store
from state.users import LOCAL_USER
from tests.agents.images.pictures import corners, saved
from tests.conftest import BOB, wait_until
from tests.pages.opening import opened
from tests.pages.test_pages import keys, open_page, put_back, texts
from tests.provider import Call, Provider, Reply

Opening = Callable[..., AppTest]
__all__ = ["open_page"]


def mine() -> Store:
    return application().store(LOCAL_USER)


def asked(prompt: str, options: Options = Options()) -> str:
    """Send a prompt to the demo model; return the conversation once it waits or is over."""
    run = application().runner.start(mine(), ASSISTANT, UserMessage(text=prompt), None, Beginning(options=options))
    feed = application().runner.feed(mine(), run.record.conversation)
    wait_until(lambda: feed.now.status in {"waiting", None})
    return run.record.conversation


@pytest.fixture
def waiting(open_page: Opening) -> Iterator[AppTest]:
    """A page on which a sum waits to be allowed."""
    open_page()
    conversation = asked("What is 17 * 23?", Options(permissions={"calculate": "ask"}))
    yield open_page("assistant.py", conversation)
    application().runner.stop(mine(), conversation)


def over() -> bool:
    return not application().runner.live_conversations(mine())


def test_a_call_is_allowed_in_the_page(waiting: AppTest) -> None:
    assert {"approve", "deny", "approve_always", "stop"} <= keys(waiting)
    assert any("17 * 23" in code.value for code in waiting.code)
    waiting.button(key="approve").click().run()
    wait_until(over)
    waiting.run()

    assert "391" in texts(waiting)[-1]
    assert "approve" not in keys(waiting)


def test_a_conversation_that_waits_is_marked(waiting: AppTest) -> None:
    """Until it is answered; nobody else hears of it."""
    (conversation,) = mine().conversations(1)
    assert (marks_of(mine()), marks_of(application().store(BOB))) == ({conversation.id: "waiting"}, {})
    waiting.button(key="approve").click().run()
    wait_until(over)

    assert marks_of(mine()) == {}


def test_a_call_is_refused_with_a_reason(waiting: AppTest) -> None:
    waiting.text_input(key="reason").input("Not today.").run()
    waiting.button(key="deny").click().run()
    wait_until(over)
    waiting.run()

    assert "Not today." in texts(waiting)[-1]


def test_a_tool_is_allowed_for_good(waiting: AppTest) -> None:
    waiting.button(key="approve_always").click().run()
    wait_until(over)
    (conversation,) = mine().conversations(1)

    assert conversation.options.permissions == {"calculate": "always"}


@pytest.mark.usefixtures("openai_environment")
def test_an_answer_to_one_question_reaches_no_other(provider: Provider, open_page: Opening) -> None:
    """Of two calls made at once, the second keeps its buttons and an empty box for the reason when the first is answered."""
    sums = [Call("calculate", json.dumps({"expression": f"{number} * 23"})) for number in (17, 18)]
    provider.enqueue(Reply(*sums), Reply("Done."))
    open_page()
    conversation = asked("Two sums", Options(permissions={"calculate": "ask"}))
    wait_until(lambda: len([entry for entry in mine().entries(conversation) if isinstance(entry.event, InputRequested)]) == 2)
    tab = open_page("assistant.py", conversation)
    tab.text_input(key="reason").input("Not this one.").run()
    tab.button(key="deny").click().run()

    assert {"approve_1", "deny_1"} <= keys(tab)
    assert not {"approve", "deny"} & keys(tab)
    assert tab.text_input(key="reason_1").value == ""
    application().runner.stop(mine(), conversation)


def test_what_another_tab_answered_is_said(waiting: AppTest, open_page: Opening) -> None:
    """A button of a page that is behind does nothing but say so."""
    (conversation,) = mine().conversations(1)
    request = next(entry.event for entry in mine().entries(conversation.id) if isinstance(entry.event, InputRequested))
    application().runner.answer(mine(), ASSISTANT, conversation.id, InputAnswered(request_id=request.request_id, is_approved=False))
    wait_until(over)
    waiting.button(key="approve").click().run()

    assert any("answered already" in warning.value for warning in waiting.warning)


def test_a_question_is_answered_where_one_types(open_page: Opening) -> None:
    """The prompt box takes the answer as well as the card does."""
    open_page()
    conversation = asked('Please ask me a question: "Which Paris?"')
    tab = open_page("assistant.py", conversation)
    assert "answer" in keys(tab)
    tab.chat_input(key=PROMPT).set_value("Texas").run()
    wait_until(over)
    tab.run()

    assert "Texas" in texts(tab)[-1]
    assert len([entry for entry in mine().entries(conversation) if isinstance(entry.event, UserMessage)]) == 1


def test_an_answer_that_is_too_long_is_refused_and_kept(open_page: Opening) -> None:
    """Not a word of it is dropped: it is in the box again, and the question waits on."""
    open_page()
    conversation = asked('Please ask me a question: "Which Paris?"')
    tab = open_page("assistant.py", conversation)
    tab.chat_input(key=PROMPT).set_value("Texas " * 1_000).run()

    assert "takes up to 4,000" in tab.warning[0].value
    assert put_back(tab) == "Texas " * 1_000
    assert not [entry for entry in mine().entries(conversation) if isinstance(entry.event, InputAnswered)]
    application().runner.stop(mine(), conversation)


def test_pictures_beside_an_answer_are_kept(open_page: Opening) -> None:
    """The answer is taken; the picture waits for the next prompt, and the page says so."""
    open_page()
    conversation = asked('Please ask me a question: "Which Paris?"')
    tab = open_page("assistant.py", conversation)
    tab.chat_input(key=PROMPT).upload("paris.png", saved(corners(), "PNG"), "image/png").set_value("This one").run()

    assert any("kept for your next prompt" in warning.value for warning in tab.warning)
    assert "detach" in keys(tab)
    wait_until(over)
    assert "This one" in texts(tab.run())[-1]
    other = open_page("travel.py")
    assert "detach" not in keys(other)


def test_what_is_chosen_for_one_mode_holds_for_no_other(open_page: Opening) -> None:
    """The coding pair has instructions of its own, and no box in which the assistant's could be seen there."""
    tab = open_page("assistant.py")
    tab.text_area(key=INSTRUCTIONS).input("You are a pirate.").run()
    tab.switch_page("coding.py").run()
    tab.button(key="example_0").click().run()
    (conversation,) = mine().conversations(1)
    tab.query_params.clear()
    tab.switch_page("assistant.py").run()

    assert conversation.options.instructions == ""
    assert tab.text_area(key=INSTRUCTIONS).value == "You are a pirate."
    application().runner.stop(mine(), conversation.id)


def test_instructions_and_tools_are_chosen_per_conversation(open_page: Opening) -> None:
    """A preset fills the box, the box can be changed, and the next turn says what is new."""
    tab = open_page()
    conversation = asked("Count to 3")
    tab = open_page("assistant.py", conversation)
    opened(tab, "tools").selectbox(key=PRESET).select("Brief").run()
    assert tab.text_area(key=INSTRUCTIONS).value == PRESETS["Brief"]
    opened(tab, "tools").text_area(key=INSTRUCTIONS).input("You are a pirate.").run()
    tab.segmented_control(key="tool_calculate").select("never").run()
    tab.chat_input(key=PROMPT).set_value("Count to 3").run()
    wait_until(over)
    tab.run()

    options = mine().conversation(conversation).options
    assert (options.instructions, options.permissions) == ("You are a pirate.", {"calculate": "never"})
    assert any("instructions: You are a pirate." in caption.value and "without Calculator" in caption.value for caption in tab.caption)


def call(id: str) -> ToolCall:
    return ToolCall(source="assistant", call_id=id, name="add", arguments="{}")


def result(id: str, text: str) -> ToolResult:
    return ToolResult(source="assistant", call_id=id, name="add", text=text)


def test_calls_made_at_once_are_one_part() -> None:
    """With all that belongs to them, in whatever order it came; an id that comes again is another call."""
    said: list[SavedEvent] = [call("1"), call("2"), result("2", "b"), result("1", "a"), call("1"), result("1", "c")]
    said.append(AgentMessage(source="assistant", text="Done."))
    ((source, parts),) = to_groups(said)

    assert source == "assistant"
    assert [len(part) for part in parts] == [4, 2, 1]
    assert [step.result.text for part in parts for step in to_steps(part) if step.result] == ["a", "b", "c"]


def test_waiting_is_not_counted_into_a_step() -> None:
    later = now().replace(year=2100)
    asked_at = InputRequested(source="assistant", request_id="1", kind="approval", title="Add", text="May it?")
    said: list[SavedEvent] = [
        call("1"),
        asked_at,
        InputAnswered(request_id="1", time=later),
        result("1", "a").model_copy(update={"time": later}),
    ]
    (step,) = to_steps(said)

    assert step.seconds == 0


@pytest.mark.parametrize("odd", [r'{"text": "Bravo \ud83d"}', "[" * 100_000, "9" * 5_000, '{"amount": NaN}'], ids=lambda odd: odd[:20])
def test_a_call_is_shown_whatever_the_model_wrote(open_page: Opening, odd: str) -> None:
    """Half an emoji, or lists without end, as models make them that lose their way, do not cost one the conversation."""
    open_page("home.py")
    run, _ = mine().begin_run(None, "assistant", UserMessage(text="Add"), "demo · built-in")
    said: list[SavedEvent] = [
        call("1").model_copy(update={"arguments": odd}),
        result("1", odd),
        AgentMessage(source="assistant", text="Done."),
    ]
    mine().end_run(run, said, RunEnded(status="finished"))
    tab = open_page("assistant.py", run.conversation)

    assert not tab.error
    assert not tab.exception
    assert "Done." in texts(tab)
