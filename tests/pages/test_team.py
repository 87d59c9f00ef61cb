"""A team's page, run by Streamlit's own test driver."""

from typing import Any

import pytest

from agents.application import application
from agents.travel.mode import TRAVEL
from agents.travel.roles import ROLES
from state.events import AgentMessage, EndStatus, PlanMade, RunEnded, SpeakerSelected, ToolCall, ToolResult, Usage, UserMessage
from state.users import LOCAL_USER
from tests.agents.travel.plans import plan
from tests.pages.opening import opened
from tests.pages.test_pages import Opening, open_page, texts

__all__ = ["open_page"]  # a fixture

ADVISOR, HOTEL, FLIGHT, EVALUATOR = (role.name for role in ROLES)
COMPLETE = RunEnded(status="finished", reason="Evaluator ended its message with DONE: the plan is complete.", is_complete=True)


def selected(speaker: str, **changed: Any) -> SpeakerSelected:
    values: dict[str, Any] = {"answers": (speaker,), "attempts": 1, "is_fallback": False, "why": f"The selector chose {speaker}."}
    candidates = tuple(role.name for role in ROLES)
    return SpeakerSelected(speaker=speaker, candidates=candidates, usage=Usage(prompt_tokens=7), **(values | changed))


def converse(*events: Any, ended: RunEnded = COMPLETE, conversation: str | None = None) -> str:
    """Put a turn on disk; return its conversation's id."""
    store = application().store(LOCAL_USER)
    run, _ = store.begin_run(conversation, "travel", UserMessage(text="Plan a trip"), "demo · built-in")
    store.end_run(run, list(events), ended)
    return run.conversation


def made(**changed: Any) -> PlanMade:
    return PlanMade(plan=plan(**changed).model_dump(mode="json"), findings=("It <b>may</b> rain.",))


def test_each_speaks_under_its_name_and_the_strip_counts(open_page: Opening) -> None:
    conversation = converse(selected(ADVISOR), AgentMessage(source=ADVISOR, text="Days."), selected(EVALUATOR), made())
    tab = open_page("travel.py", conversation)
    why = next(str(box.proto.popover.id).partition("why_")[2] for box in tab.get("popover") if "why_" in box.proto.popover.id)
    drawn = [markdown.value for markdown in opened(tab, f"why_{why}").markdown]

    assert not tab.exception
    assert ":small[:blue[**Travel advisor**]]" in texts(tab)
    assert any("2 of 12 messages" in caption.value for caption in tab.caption)
    assert any("Hotel agent" in text and "not yet" in text for text in drawn)
    assert "**The selector chose Travel\\_Advisor.**" in drawn
    assert any("ended its message with DONE" in caption.value for caption in tab.caption)
    assert not [button for button in tab.button if button.key == "continue"]


def test_the_teams_tools_have_titles(open_page: Opening) -> None:
    call = ToolCall(source=HOTEL, call_id="1", name="find_hotels", arguments='{"place": "Lisbon"}')
    tab = open_page("travel.py", converse(call, ToolResult(source=HOTEL, call_id="1", name="find_hotels", text="Baixa.")))

    assert "Lodgings · Lisbon" in [expander.label for expander in tab.expander]


def test_events_of_one_moment_are_drawn_side_by_side(open_page: Opening) -> None:
    """As a file may hold them that somebody else wrote: each has widgets of its own."""
    same, drawn = selected(ADVISOR), made()
    tab = open_page("travel.py", converse(same, AgentMessage(source=ADVISOR, text="Days."), same, drawn, drawn, drawn))

    assert not tab.exception
    assert not tab.error


@pytest.mark.parametrize("status", ["failed", "stopped", "interrupted", "finished"])
def test_the_reason_of_an_end_is_plain_text_to_streamlit(open_page: Opening, status: EndStatus) -> None:
    """It may come from a file, too: no icon, no colour and no picture is made of it."""
    ended = RunEnded(status=status, reason=":red[Look] ![here](http://evil/x.png) for $5")
    tab = open_page("travel.py", converse(AgentMessage(source=ADVISOR, text="Days."), ended=ended))

    assert [said.value for said in (*tab.error, *tab.info, *tab.warning)] == ["\\:red[Look] [here](http://evil/x.png) for \\$5"]


def test_a_plan_that_ended_by_the_limit_can_go_on(open_page: Opening) -> None:
    ended = RunEnded(status="finished", reason="The team had 12 messages without agreeing that the plan is complete.")
    tab = open_page("travel.py", converse(AgentMessage(source=ADVISOR, text="Days."), ended=ended))

    assert [info.value for info in tab.info] == [ended.reason]
    assert [button for button in tab.button if button.key == "continue"]


def test_a_plan_is_drawn_with_nothing_of_it_taken_for_markup(open_page: Opening) -> None:
    """And the keys of the last plan's downloads are plain, whatever plans came before."""
    day = {"date": "2027-05-01", "title": "<script>alert(1)</script> :red[x] ![a](https://evil.example/x.png)", "activities": []}
    conversation = converse(made())
    converse(made(title="**Bold** :material/home:", days=[day]), conversation=conversation)
    tab = open_page("travel.py", conversation)
    drawn = "\n".join(markdown.value for markdown in tab.markdown)

    assert not tab.exception
    assert "<script>" not in drawn
    assert "![a](" not in drawn
    assert "| Flights | flights | 700.10 | EUR | estimate |" in drawn
    keys = {element.key for element in tab.get("download_button")} if tab.get("download_button") else set()
    assert {"plan_ics", "plan_markdown", "plan_json"} <= keys
    assert [header.value for header in tab.subheader][-1].count("\\*") == 4


@pytest.mark.parametrize("saved", [None, {"title": 5}, {"days": "none"}])
def test_what_is_no_plan_is_said_and_shown_as_text(open_page: Opening, saved: Any) -> None:
    tab = open_page("travel.py", converse(PlanMade(plan=saved, remark="The reply holds no plan.", text="Paris is lovely.")))

    assert not tab.exception
    assert tab.warning[0].value.startswith("No plan could be drawn.")
    assert "Paris is lovely." in [markdown.value for markdown in tab.markdown]


def test_the_page_welcomes_with_examples(open_page: Opening) -> None:
    tab = open_page("travel.py")

    assert [title.value for title in tab.title] == [TRAVEL.title]
    assert set(TRAVEL.examples) <= {button.label for button in tab.main.button}
