"""What can be done with a turn, run by Streamlit's own test driver."""

import pytest
from streamlit.testing.v1 import AppTest

from agents.assistant import ASSISTANT
from agents.travel.mode import TRAVEL
from pages.ui.actions import said_in
from state.conversations import Beginning
from state.events import AgentMessage, RunEnded, UserMessage
from state.turns import Turn
from tests.pages.test_pages import Opening, address, converse, keys, live_run_ends, mine, open_page, put_back, texts
from tests.provider import Provider, Reply

__all__ = ["open_page"]  # a fixture
BROKEN = {"continue", "retry", "undo"}
WHOLE = {"copy", "good", "bad", "edit", "regenerate", "branch"}


def broken_off(said: str = "The quick bro") -> str:
    """Put a conversation on disk whose second turn was stopped; return its id."""
    conversation = converse()
    run, _ = mine().begin_run(conversation, "assistant", UserMessage(text="Tell"), "m")
    events = [AgentMessage(source="assistant", text=said, is_partial=True)] if said else []
    mine().end_run(run, events, RunEnded(status="stopped", reason="You stopped this answer."))
    return conversation


def asked_twice() -> tuple[str, list[str]]:
    """A conversation whose only prompt was edited once; its id and the two runs'."""
    first, _ = mine().begin_run(None, "assistant", UserMessage(text="A"), "m")
    mine().end_run(first, [AgentMessage(source="assistant", text="One.")], RunEnded(status="finished"))
    second, _ = mine().begin_run(first.conversation, "assistant", UserMessage(text="B"), "m", Beginning(instead_of=first.id))
    mine().end_run(second, [AgentMessage(source="assistant", text="Two.")], RunEnded(status="finished"))
    return first.conversation, [first.id, second.id]


def pressed(tab: AppTest, key: str) -> AppTest:
    """The tab when the run that a button began is over."""
    tab.button(key).click().run()
    live_run_ends(tab)
    return tab.run()


def test_each_turn_offers_what_can_be_done_with_it(open_page: Opening) -> None:
    """A whole last one can be edited, asked again and branched off; one before it can also be gone back to."""
    open_page("home.py")
    tab = open_page(conversation=converse(2))
    first = mine().runs(address(tab))[0].id

    assert keys(tab) >= WHOLE | {f"edit_{first}", f"regenerate_{first}", f"branch_{first}", f"go_back_{first}"}
    assert not keys(tab) & (BROKEN | {"go_back", "forward"})


def test_a_turn_that_was_broken_off_offers_ways_on(open_page: Opening) -> None:
    """One that said nothing cannot go on."""
    open_page("home.py")

    assert keys(open_page(conversation=broken_off())) >= BROKEN
    assert keys(open_page(conversation=broken_off(""))) & BROKEN == {"retry", "undo"}


@pytest.mark.usefixtures("openai_environment")
def test_an_answer_goes_on(provider: Provider, open_page: Opening) -> None:
    open_page("home.py")
    provider.enqueue(Reply("brown fox."))
    tab = pressed(open_page(conversation=broken_off()), "continue")

    assert texts(tab)[-2:] == ["Tell", "The quick brown fox."]
    assert not keys(tab) & BROKEN


@pytest.mark.usefixtures("openai_environment")
def test_an_answer_is_tried_again(provider: Provider, open_page: Opening) -> None:
    open_page("home.py")
    provider.enqueue(Reply("The slow fox."))
    tab = pressed(open_page(conversation=broken_off()), "retry")

    assert texts(tab)[-2:] == ["Tell", "The slow fox."]
    assert [caption.value for caption in tab.main.caption if caption.value == "2/2"] == ["2/2"]


def test_a_turn_is_undone_and_its_prompt_is_in_the_box(open_page: Opening) -> None:
    """And what was undone is within reach."""
    open_page("home.py")
    tab = open_page(conversation=broken_off())
    tab.button("undo").click().run()

    assert texts(tab) == ["Prompt 1", "Answer 1"]
    assert put_back(tab) == "Tell"
    tab.button("forward").click().run()
    assert texts(tab) == ["Prompt 1", "Answer 1", "Tell", "The quick bro"]


@pytest.mark.usefixtures("openai_environment")
def test_a_prompt_is_edited(provider: Provider, open_page: Opening) -> None:
    """The editor can be left; an empty prompt is not sent."""
    open_page("home.py")
    conversation = converse(2)
    first = mine().runs(conversation)[0].id
    provider.enqueue(Reply("Other."))
    tab = open_page(conversation=conversation)
    tab.button(f"edit_{first}").click().run()
    tab.button("edit_cancel").click().run()
    assert "edit_send" not in keys(tab)
    tab.button(f"edit_{first}").click().run()
    tab.text_area(f"edited_{first}").set_value(" ").run()
    tab.button("edit_send").click().run()
    assert len(mine().runs(conversation)) == 2
    tab.text_area(f"edited_{first}").set_value("Prompt one").run()
    pressed(tab, "edit_send")

    assert texts(tab) == ["Prompt one", "Other."]
    assert provider.requests[0].said == [("user", "Prompt one")]


@pytest.mark.usefixtures("openai_environment")
def test_a_whole_answer_is_asked_for_again(provider: Provider, open_page: Opening) -> None:
    open_page("home.py")
    provider.enqueue(Reply("Another answer 2"))
    tab = pressed(open_page(conversation=converse(2)), "regenerate")

    assert texts(tab) == ["Prompt 1", "Answer 1", "Prompt 2", "Another answer 2"]


def test_versions_are_switched(open_page: Opening) -> None:
    """At the first and the last there is nowhere further to go."""
    open_page("home.py")
    conversation, (first, second) = asked_twice()
    tab = open_page(conversation=conversation)
    assert texts(tab) == ["B", "Two."]
    assert tab.button(f"to_next_{second}").disabled
    tab.button(f"to_previous_{second}").click().run()

    assert texts(tab) == ["A", "One."]
    assert tab.button(f"to_previous_{first}").disabled
    tab.button(f"to_next_{first}").click().run()
    assert texts(tab) == ["B", "Two."]


def test_a_branch_opens(open_page: Opening) -> None:
    open_page("home.py")
    conversation = converse(2)
    first = mine().runs(conversation)[0].id
    tab = open_page(conversation=conversation)
    tab.button(f"branch_{first}").click().run()

    assert address(tab) != conversation
    assert texts(tab) == ["Prompt 1", "Answer 1"]
    assert mine().conversation(address(tab)).title == "Prompt 1 (branch)"


def test_one_goes_back_and_forward(open_page: Opening) -> None:
    open_page("home.py")
    conversation = converse(3)
    first = mine().runs(conversation)[0].id
    tab = open_page(conversation=conversation)
    tab.button(f"go_back_{first}").click().run()
    assert texts(tab) == ["Prompt 1", "Answer 1"]
    tab.button("forward").click().run()

    assert texts(tab)[-1] == "Answer 3"
    assert "forward" not in keys(tab)


def test_what_another_tab_took_away_is_said(open_page: Opening) -> None:
    open_page("home.py")
    conversation = broken_off()
    tab = open_page(conversation=conversation)
    mine().delete(conversation)
    tab.button("undo").click().run()

    assert "no such conversation" in tab.error[0].value
    assert not tab.exception


def test_copy_hands_the_answer_to_the_browser_once(open_page: Opening) -> None:
    """As the Markdown that the model wrote, and only in the rerun that the button asked for."""
    tab = open_page(conversation=converse())
    tab.button("copy").click().run()
    handed = tab.session_state["tab"]

    assert handed.copies == 1
    assert handed.copied is None


def test_what_a_team_said_is_copied_under_the_names_of_those_who_said_it() -> None:
    first, last = TRAVEL.speakers[0], TRAVEL.speakers[-1]
    alone = Turn(["a"], said=[AgentMessage(source="assistant", text="*Hi*")])
    team = Turn(["a"], said=[AgentMessage(source=first.name, text="Go to **Lisbon**."), AgentMessage(source=last.name, text="DONE")])

    assert said_in(ASSISTANT, alone) == "*Hi*"
    assert said_in(TRAVEL, team) == f"**{first.title}**\n\nGo to **Lisbon**.\n\n**{last.title}**\n\nDONE"


def test_an_answer_is_judged_and_the_verdict_taken_back(open_page: Opening) -> None:
    """With a comment that stays with it."""
    conversation = converse()
    tab = open_page(conversation=conversation)
    tab.button("bad").click().run()
    (given,) = mine().feedback(conversation).values()
    tab.text_area(f"comment_{given.run}").set_value(" Too short. ")
    tab.button(f"save_comment_{given.run}").click().run()
    (commented,) = mine().feedback(conversation).values()
    tab.button("bad").click().run()

    assert (commented.verdict, commented.comment) == ("bad", "Too short.")
    assert mine().feedback(conversation) == {}
    assert not tab.exception
