"""The log gathered into turns."""

from state.events import AgentMessage, Continued, LogEntry, RunEnded, RunStarted, SavedEvent, Thought, Usage, UserMessage
from state.turns import Turn, resumable, to_turns

PROMPT = UserMessage(text="Hello")
STARTED = RunStarted(model="demo · built-in")
THOUGHT = Thought(source="assistant", text="Hm.")
ANSWER = AgentMessage(source="assistant", text="Hi.", usage=Usage(prompt_tokens=1000, completion_tokens=234))
ENDED = RunEnded(status="finished", seconds=1.26)


def log(**runs: list[SavedEvent]) -> list[LogEntry]:
    """Entries of these runs, one run after the other."""
    events = [(run, event) for run, events in runs.items() for event in events]
    return [LogEntry(seq=seq, run=run, event=event) for seq, (run, event) in enumerate(events, start=1)]


def test_a_log_becomes_one_turn_per_run() -> None:
    failed = RunEnded(status="failed", reason="It failed.")
    turns = to_turns(log(a=[PROMPT, STARTED, THOUGHT, ANSWER, ENDED], b=[PROMPT, STARTED, failed], c=[PROMPT, STARTED]))

    assert turns == [
        Turn(["a"], PROMPT, STARTED.model, [THOUGHT, ANSWER], [ENDED]),
        Turn(["b"], PROMPT, STARTED.model, [], [failed]),
        Turn(["c"], PROMPT, STARTED.model, [], []),
    ]
    assert [turn.ended for turn in turns] == [ENDED, failed, None]
    assert to_turns([]) == []


STOPPED = RunEnded(status="stopped", reason="Stopped.", seconds=1.0, usage=Usage(prompt_tokens=10, completion_tokens=2), cost=0.5)
PARTIAL = AgentMessage(source="assistant", text="The quick bro", is_partial=True)
GO_ON = Continued(text="Go on.")


def test_an_answer_that_went_on_is_one_turn() -> None:
    """Its text is joined at the last whole word, what it took is added up, and how it ended is how its last run ended."""
    rest = AgentMessage(source="assistant", text="brown fox")
    finished = STOPPED.model_copy(update={"status": "finished", "reason": ""})
    (turn,) = to_turns(log(a=[PROMPT, STARTED, PARTIAL, STOPPED], b=[GO_ON, STARTED, rest, finished]))

    assert (turn.runs, turn.prompt, turn.ended) == (["a", "b"], PROMPT, finished)
    assert [getattr(event, "text", "") for event in turn.said] == ["The quick brown fox"]
    assert (turn.usage, turn.cost, turn.seconds) == (Usage(prompt_tokens=20, completion_tokens=4), 1.0, 2.0)


def test_an_answer_that_goes_on_with_something_else_keeps_its_beginning() -> None:
    other = AgentMessage(source="critic", text="No.")
    live, thinking, of_two = (
        to_turns(log(a=[PROMPT, STARTED, PARTIAL, STOPPED], b=[GO_ON, STARTED, *said]))[0] for said in ([], [THOUGHT, ANSWER], [other])
    )

    assert (live.said, live.ended, live.lead) == ([PARTIAL], None, PARTIAL)
    assert thinking.said == [PARTIAL, THOUGHT, ANSWER]
    assert of_two.said == [PARTIAL, other]


def test_half_a_word_is_left_to_whoever_goes_on() -> None:
    assert resumable("The quick bro") == "The quick "
    assert resumable("The quick ") == "The quick "
    assert resumable("1. One\n2.") == "1. One\n2."
    assert resumable("word") == "word"
    assert resumable("日本語の文") == "日本語の文"
