"""The team ends on the Evaluator's own last line, and on nothing else but its length."""

import asyncio

import pytest
from autogen_agentchat.base import TerminatedException
from autogen_agentchat.messages import StopMessage, TextMessage

from agents.travel.ending import Ending, last_word

MEMBERS = ["Travel_Advisor", "Evaluator"]


def end(*said: tuple[str, str], most: int = 12) -> str | None:
    """The reason after the messages, each looked at by itself."""

    async def look() -> StopMessage | None:
        ending = Ending("Evaluator", MEMBERS, most)
        results = [await ending([TextMessage(source=source, content=text)]) for source, text in said]
        assert ending.terminated == bool(results[-1])
        return results[-1]

    message = asyncio.run(look())
    return message.content if message else None


@pytest.mark.parametrize("text", ["DONE", "All is well.\n\nDONE", "x\nTERMINATE\n", "x\n**DONE**", "x\nDONE.", 'x\n"TERMINATE"'])
def test_the_evaluators_last_line_ends_it(text: str) -> None:
    assert "plan is complete" in str(end(("user", "Paris"), ("Evaluator", text)))


@pytest.mark.parametrize(
    "text",
    ["", "ABANDONED", "x\nABANDONED", "DONE\nnot yet", "> DONE", "We are DONE", "done", "NOT DONE", "x\n`DONE` is what I write", "DONE?"],
)
def test_another_text_of_the_evaluator_does_not(text: str) -> None:
    assert end(("user", "Paris"), ("Evaluator", text)) is None


@pytest.mark.parametrize("source", ["user", "Travel_Advisor"])
def test_nobody_else_ends_it(source: str) -> None:
    assert end((source, "DONE")) is None


def test_what_is_sent_along_with_a_prompt_does_not_count() -> None:
    """After a stop the texts so far go in front of the next prompt."""

    async def look() -> StopMessage | None:
        earlier = [TextMessage(source="Evaluator", content="DONE")] * 20
        return await Ending("Evaluator", MEMBERS)([*earlier, TextMessage(source="user", content="Go on")])

    assert asyncio.run(look()) is None


def test_too_many_messages_end_it_and_say_so() -> None:
    said = [("user", "Paris"), *[("Travel_Advisor", "Well")] * 11]

    assert end(*said[:-1]) is None
    assert "had 12 messages without agreeing" in str(end(*said))


def test_an_ending_is_used_up_until_it_is_reset() -> None:
    async def look() -> None:
        ending = Ending("Evaluator", MEMBERS)
        done = [TextMessage(source="Evaluator", content="DONE")]
        await ending(done)
        with pytest.raises(TerminatedException):
            await ending(done)
        await ending.reset()

        assert not ending.terminated
        assert await ending([]) is None

    asyncio.run(look())


def test_the_last_word_is_told() -> None:
    assert last_word("x\n\nTERMINATE") == "TERMINATE"
    assert last_word("x") is None
