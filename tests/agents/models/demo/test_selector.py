"""The demo model names the next speaker."""

import pytest
from autogen_core.models import AssistantMessage, LLMMessage, SystemMessage, UserMessage
from hypothesis import given
from hypothesis import strategies as st

from tests.agents.models.demo.conversation import history, said

NAMES = ["Evaluator", "Hotel_Agent", "Travel_Advisor", "Flight_Agent"]
DEFAULT = """You are in a role play game. The following roles are available:
{roles}.
Read the following conversation. Then select the next role from {participants} to play. Only return the role.

{history}

Read the above conversation. Then select the next role from {participants} to play. Only return the role.
"""
BRIEF = "{roles}\n\nConversation:\n{history}\nWho is next? Answer with the agent's name only."


def ask(*spoken: str, names: list[str] = NAMES, prompt: str = DEFAULT, said_there: str = "Well, well.") -> str:
    last = spoken[-1] if spoken else ""
    return prompt.format(
        roles="\n".join(f"{name}: does what {name} does" for name in names),
        participants=str([name for name in names if name != last]),
        history="\n".join(f"{name}: {said_there}\n\n" for name in spoken),
    )


def choose(prompt: str) -> str:
    return said([UserMessage(content=prompt, source="user")])


@pytest.mark.parametrize("prompt", [DEFAULT, BRIEF])
def test_the_travel_team_speaks_in_a_sensible_order(prompt: str) -> None:
    order = ["Travel_Advisor", "Flight_Agent", "Hotel_Agent", "Evaluator", "Travel_Advisor"]

    for place, name in enumerate(order):
        assert choose(ask("user", *order[:place], prompt=prompt)) == name


def test_other_teams_speak_in_the_order_they_are_listed() -> None:
    names = ["bob", "alice", "carol"]

    assert choose(ask("user", names=names)) == "bob"
    assert choose(ask("user", "bob", names=names)) == "alice"
    assert choose(ask("user", "bob", "alice", names=names)) == "carol"
    assert choose(ask("user", "bob", "alice", "carol", names=names)) == "bob"


def test_a_new_prompt_begins_a_new_round() -> None:
    assert choose(ask("user", *NAMES, "user")) == "Travel_Advisor"


def test_a_refused_name_is_not_given_again() -> None:
    prompt = SystemMessage(content=ask("user"))
    refused: list[LLMMessage] = [
        AssistantMessage(content="Travel_Advisor", source="selector"),
        UserMessage(content="Repeated speaker is not allowed.", source="user"),
    ]

    assert said([prompt]) == "Travel_Advisor"
    assert said([prompt, *refused]) == "Flight_Agent"


def test_a_conversation_about_roles_is_no_selection() -> None:
    assert "demo model" in said(history("Select a role for me: only return the name"))
    assert "demo model" in said(history(ask("user")))
    assert "demo model" in said(history("Hello", system=ask("user")))


@given(st.lists(st.sampled_from(["user", *NAMES]), max_size=8), st.text())
def test_a_participant_is_always_named_and_never_the_last_speaker(spoken: list[str], text: str) -> None:
    name = choose(ask("user", *spoken, said_there=text.replace(":", "")))

    assert name in NAMES
    assert name != [*spoken, ""][-1] or not spoken
