"""The demo model going on with an answer that was broken off."""

from autogen_core.models import AssistantMessage, LLMMessage, UserMessage

from agents.models.demo.client import answer
from agents.models.demo.request import Request
from agents.time_machine import to_instruction
from state.events import AgentMessage
from state.turns import Turn, resumable


def asked(text: str) -> UserMessage:
    return UserMessage(content=text, source="user")


def go_on(text: str) -> list[LLMMessage]:
    partial = AgentMessage(source="assistant", text=text, is_partial=True)
    return [AssistantMessage(content=text, source="assistant"), asked(to_instruction(Turn(["a"], said=[partial])))]


def test_what_was_there_and_the_rest_are_the_whole_answer() -> None:
    """Also after it was broken off twice, wherever."""
    prompt = asked("Show me what an answer can look like.")
    whole = answer(Request([prompt]))
    assert isinstance(whole, str)
    for cut in (10, 61, 150, 200):
        first = whole[:cut]
        rest = answer(Request([prompt, *go_on(first)]))
        assert isinstance(rest, str)
        assert resumable(first) + rest == whole
    beginning = resumable(whole[:61]) + whole[len(resumable(whole[:61])) : 150]
    again = answer(Request([prompt, *go_on(whole[:61]), *go_on(beginning)]))
    assert resumable(beginning) + str(again) == whole


def test_an_answer_of_which_nothing_is_left_is_written_anew() -> None:
    prompt = asked("Hello")

    assert answer(Request([prompt, asked(to_instruction(Turn(["a"])))])) == answer(Request([prompt]))
