"""The pages, run by Streamlit's own test driver."""

import json
from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from agents.application import application
from agents.assistant import ASSISTANT
from agents.mode import Mode
from agents.modes import MODES
from pages.ui.address import ADDRESS
from pages.ui.session import FIRST_SHOWN, PROMPT
from state.conversations import Options
from state.errors import ConversationBusy, ConversationNotFound, ModeMissing
from state.events import AgentMessage, RunEnded, UserMessage
from state.store import Store
from state.users import LOCAL_USER, User
from tests.conftest import BOB, wait_until
from tests.pages.opening import opened
from tests.provider import Gate, Provider, Reply
from tests.server import ROOT

Opening = Callable[..., AppTest]
NOT_FOUND = str(ConversationNotFound())


@pytest.fixture
def open_page(process_application: None) -> Opening:
    """Open a page in a tab of its own, at a conversation or none."""

    def opened(page: str = "assistant.py", conversation: str | None = None, **parameters: str) -> AppTest:
        tab = AppTest.from_file(ROOT / "pages" / "main.py", default_timeout=20).run()
        tab.switch_page(page)
        if conversation is not None:
            tab.query_params[ADDRESS] = conversation
        for name, value in parameters.items():
            tab.query_params[name] = value
        return tab.run()

    return opened


def mine() -> Store:
    return application().store(LOCAL_USER)


def converse(turns: int = 1, user: User = LOCAL_USER) -> str:
    """Put a conversation on disk; return its id."""
    store, conversation = application().store(user), None
    for turn in range(1, turns + 1):
        run, _ = store.begin_run(conversation, "assistant", UserMessage(text=f"Prompt {turn}"), "demo · built-in")
        store.end_run(run, [AgentMessage(source="assistant", text=f"Answer {turn}")], RunEnded(status="finished"))
        conversation = run.conversation
    assert conversation is not None
    return conversation


def texts(tab: AppTest) -> list[str]:
    """What is said in the conversation's messages."""
    return [markdown.value for message in tab.chat_message for markdown in message.markdown]


def put_back(tab: AppTest) -> str:
    """What the browser is told to put into the prompt box."""
    told = [json.loads(component.proto.json or "{}") for component in tab.get("bidi_component")]
    return "".join(each[0]["put_back"]["text"] for each in told if isinstance(each, list) and "put_back" in each[0])


def keys(tab: AppTest) -> set[str]:
    return {str(button.key) for button in tab.button}


def address(tab: AppTest) -> str:
    """The id of the conversation the tab's address names, which Streamlit's driver gives as a list or not."""
    named = tab.query_params[ADDRESS]
    return named if isinstance(named, str) else str(named[0])


def live_run_ends(tab: AppTest) -> None:
    """Wait until nothing runs in the tab's conversation."""
    feed = application().runner.feed(mine(), address(tab))
    wait_until(lambda: feed.now.status is None)


def test_home_names_the_modes_and_the_model(open_page: Opening) -> None:
    tab = open_page("home.py")

    assert [title.value for title in tab.title] == ["Roundtable"]
    assert ASSISTANT.summary in [markdown.value for markdown in tab.main.markdown]
    assert "demo model" in tab.caption[0].value
    assert "example_assistant_0" in keys(tab)
    assert not tab.exception
    assert not tab.error


def test_an_example_on_home_begins_a_conversation(open_page: Opening) -> None:
    """And leads to it; home then lists it."""
    tab = open_page("home.py")
    tab.button(key="example_assistant_0").click().run()
    (conversation,) = mine().conversations(2)
    wait_until(lambda: not application().runner.live_conversations(mine()))

    assert tab.query_params[ADDRESS] in (conversation.id, [conversation.id])
    assert conversation.title == ASSISTANT.examples[0]
    assert texts(tab.run())[0] == ASSISTANT.examples[0]
    assert "Recent conversations" in [header.value for header in open_page("home.py").header]


@pytest.mark.parametrize("page", ["assistant.py", "home.py"])
def test_a_conversation_of_a_mode_that_is_gone_is_read_only(open_page: Opening, page: str) -> None:
    """It is drawn with its downloads, at any address; nothing in it can be changed or asked, by whatever way."""
    open_page("home.py")
    run, _ = mine().begin_run(None, "gone", UserMessage(text="Who are you?"), "demo · built-in")
    said = [AgentMessage(source="first", text="One."), AgentMessage(source="second", text="Two.")]
    mine().end_run(run, said, RunEnded(status="failed", reason="It broke."))
    tab = open_page(page, run.conversation)

    assert texts(tab) == ["Who are you?", ":small[:gray[**first**]]", "One.", ":small[:gray[**second**]]", "Two."]
    assert [info.value for info in tab.info] == [str(ModeMissing("gone"))]
    assert "Start a new conversation" in [link.proto.label for link in tab.get("page_link")]
    assert (keys(tab), len(tab.chat_input)) == ({"new_conversation", "timeline"}, 0)
    assert [box.proto.popover.label for box in tab.get("popover")] == ["Download"]
    tab.button("timeline").click().run()
    assert "second" in str(tab.table[0].value)
    with pytest.raises(ModeMissing):
        application().runner.start(mine(), ASSISTANT, UserMessage(text="Go on"), run.conversation)


@pytest.mark.parametrize("mode", MODES, ids=lambda mode: mode.key)
def test_a_mode_welcomes_with_examples(open_page: Opening, mode: Mode) -> None:
    tab = open_page(f"{mode.key}.py")

    assert [title.value for title in tab.title] == [mode.title]
    assert [button.label for button in tab.main.button if "example" in str(button.key)] == list(mode.examples)
    assert "demo model" in tab.caption[0].value
    assert len(tab.chat_input) == 1


@pytest.mark.usefixtures("openai_environment")
def test_a_prompt_is_answered(provider: Provider, open_page: Opening) -> None:
    """The page shows the prompt at once, Stop while it is answered, the answer after the run's end, and has the conversation's address."""
    gate = Gate()
    provider.enqueue(Reply("So far ", gate, "and **done**."))
    tab = open_page()
    tab.chat_input(PROMPT).set_value("Tell me").run()

    assert texts(tab) == ["Tell me"]
    assert "stop" in keys(tab)
    conversation = address(tab)
    assert [each.id for each in mine().conversations(5)] == [conversation]
    gate.open()
    live_run_ends(tab)
    tab.run()
    assert texts(tab) == ["Tell me", "So far and **done**."]
    assert "stop" not in keys(tab)
    assert not tab.exception


@pytest.mark.usefixtures("openai_environment")
def test_an_example_is_sent_by_its_button(open_page: Opening) -> None:
    tab = open_page()
    tab.button("example_0").click().run()
    live_run_ends(tab)

    assert texts(tab)[0] == ASSISTANT.examples[0]


@pytest.mark.usefixtures("openai_environment")
def test_stop_ends_the_answer_and_says_so(provider: Provider, open_page: Opening) -> None:
    provider.enqueue(Reply("So far ", Gate()))
    tab = open_page()
    tab.chat_input(PROMPT).set_value("Tell me").run()
    feed = application().runner.feed(mine(), address(tab))
    wait_until(lambda: feed.now.draft is not None)
    tab.button("stop").click().run()
    live_run_ends(tab)
    tab.run()

    assert texts(tab) == ["Tell me", "So far"]
    assert "You stopped this answer" in tab.info[0].value


@pytest.mark.usefixtures("openai_environment")
def test_a_prompt_during_an_answer_is_refused_and_kept(provider: Provider, open_page: Opening) -> None:
    gate = Gate()
    provider.enqueue(Reply(gate, "Done."))
    tab = open_page()
    tab.chat_input(PROMPT).set_value("One").run()
    tab.chat_input(PROMPT).set_value("Two").run()

    assert [warning.value for warning in tab.warning] == [str(ConversationBusy())]
    assert put_back(tab) == "Two"
    assert texts(tab) == ["One"]
    assert put_back(tab) == "Two"  # the page that said it first may have been overtaken
    gate.open()
    live_run_ends(tab)


@pytest.mark.usefixtures("openai_environment")
def test_a_failure_is_said(provider: Provider, open_page: Opening) -> None:
    provider.enqueue(Reply(status=401))
    tab = open_page()
    tab.chat_input(PROMPT).set_value("Tell me").run()
    live_run_ends(tab)
    tab.run()

    assert "refused the key" in tab.error[0].value
    assert len(tab.chat_input) == 1


def test_an_empty_prompt_is_not_sent(open_page: Opening) -> None:
    tab = open_page()
    tab.chat_input(PROMPT).set_value(" \n ").run()

    assert mine().conversations(5) == []
    assert not tab.warning


def test_a_conversation_comes_back_by_its_address(open_page: Opening) -> None:
    """A reload, a bookmark and another tab all show the same, and the sidebar lists it by its title."""
    conversation = converse(2)
    first, second = open_page(conversation=conversation), open_page(conversation=conversation)

    assert texts(first) == texts(second) == ["Prompt 1", "Answer 1", "Prompt 2", "Answer 2"]
    assert any(markdown.value.startswith("**Prompt 1**  \n:small[:gray[2 turns") for markdown in first.main.markdown)
    assert "Today" in [caption.value for caption in first.sidebar.caption]


def test_an_unknown_address_is_said(open_page: Opening) -> None:
    """There is nowhere to write to, and the page leads on."""
    tab = open_page(conversation="nope")

    assert [error.value for error in tab.error] == [NOT_FOUND]
    assert not tab.chat_input
    assert not tab.exception
    assert keys(tab) == {"new_conversation"}
    assert [link.proto.label for link in tab.main.get("page_link")] == ["Start a new conversation", "See all conversations"]


def test_another_s_conversation_is_as_unknown_as_any(open_page: Opening) -> None:
    open_page("home.py")
    conversation = converse(user=BOB)
    tab = open_page(conversation=conversation)

    assert [error.value for error in tab.error] == [NOT_FOUND]
    assert not tab.chat_input
    assert texts(tab) == []
    assert "Conversations" not in [caption.value for caption in tab.sidebar.caption]


def test_a_long_conversation_shows_its_end_first(open_page: Opening) -> None:
    """The rest comes in steps, until all is there."""
    conversation = converse(FIRST_SHOWN // 4 + 5)
    tab = open_page(conversation=conversation)

    assert f"Answer {FIRST_SHOWN // 4 + 5}" in texts(tab)
    assert "Prompt 5" not in texts(tab)
    assert "show_earlier" in keys(tab)
    tab.button("show_earlier").click().run()
    assert texts(tab)[:2] == ["Prompt 1", "Answer 1"]
    assert len(texts(tab)) == 2 * (FIRST_SHOWN // 4 + 5)
    assert "show_earlier" not in keys(tab)


def test_a_short_conversation_has_nothing_earlier(open_page: Opening) -> None:
    assert "show_earlier" not in keys(open_page(conversation=converse(FIRST_SHOWN // 4)))


def test_a_new_conversation_begins_empty(open_page: Opening) -> None:
    tab = open_page(conversation=converse())
    tab.button("new_conversation").click().run()

    assert [title.value for title in tab.title] == ["Assistant"]
    assert ADDRESS not in tab.query_params
    assert texts(tab) == []


@pytest.mark.usefixtures("openai_environment")
def test_each_new_conversation_of_a_tab_has_its_own_id(open_page: Opening) -> None:
    tab = open_page()
    tab.chat_input(PROMPT).set_value("Hello").run()
    live_run_ends(tab)
    tab.button("new_conversation").click().run()
    tab.chat_input(PROMPT).set_value("Hello again").run()
    live_run_ends(tab)

    assert {each.title for each in mine().conversations(5)} == {"Hello", "Hello again"}


def test_downloads_are_offered(open_page: Opening) -> None:
    tab = open_page(conversation=converse())

    labels = [getattr(button, "label", "") for button in opened(tab, "download").get("download_button")]
    assert [label.partition(" :small")[0] for label in labels] == ["Conversation", "Transcript", "Agent state"]


def test_a_prompt_that_is_too_long_is_refused_and_kept(open_page: Opening) -> None:
    """The box itself would drop a long paste without a word."""
    tab = open_page()
    prompt = "x" * 100_001
    tab.chat_input[0].set_value(prompt).run()

    assert [warning.value for warning in tab.warning] == [
        "That is 100,001 characters; a prompt takes up to 100,000. Shorten it and send it again: your text is kept."
    ]
    assert mine().conversations(10) == []


def test_a_pick_in_one_tab_leaves_what_another_chose(monkeypatch: pytest.MonkeyPatch, open_page: Opening) -> None:
    """Each widget changes only its own of what is saved."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-another")
    conversation = converse()
    one, other = open_page(conversation=conversation), open_page(conversation=conversation)
    one.selectbox(key="model").select("gpt-4.1-mini").run()
    other.toggle(key="use_cache").set_value(True).run()

    assert mine().conversation(conversation).options == Options(model="gpt-4.1-mini", use_cache=True)
    assert open_page().toggle(key="use_cache").value is False


def test_the_self_check_says_what_it_found(open_page: Opening, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROUNDTABLE_CODE_EXECUTION", "off")
    converse()
    tab = open_page("settings.py")
    tab.button("check").click().run()

    said = " ".join(success.value for success in tab.success)
    assert not tab.error
    for name in ("Events", "Agents’ states", "Disk", "Agents", "Model", "Sandbox"):
        assert f"**{name}**" in said


def test_a_prompt_beyond_one_s_share_is_refused(open_page: Opening, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROUNDTABLE_USER_PROMPTS", "1")
    tab = open_page()
    tab.chat_input(PROMPT).set_value("First").run()
    live_run_ends(tab)
    tab.chat_input(PROMPT).set_value("Second").run()

    assert "You sent one prompt within a minute" in tab.warning[0].value


def test_no_page_takes_more_than_the_server_does(open_page: Opening, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a file that is too large is refused with a sentence before it is sent."""
    monkeypatch.setenv("ROUNDTABLE_UPLOAD_MEGABYTES", "1")
    monkeypatch.setenv("ROUNDTABLE_CODE_EXECUTION", "unsandboxed")

    assert open_page("coding.py").chat_input[0].proto.max_upload_size_mb == 1
