"""The log gathered into turns."""

from pages.ui.turns import Turn, to_turns
from state.events import AgentMessage, LogEntry, RunEnded, RunStarted, SavedEvent, Thought, Usage, UserMessage

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
        Turn("a", PROMPT, STARTED.model, [THOUGHT, ANSWER], ENDED),
        Turn("b", PROMPT, STARTED.model, [], failed),
        Turn("c", PROMPT, STARTED.model, [], None),
    ]


def test_a_turn_cut_off_at_the_top_shows_what_is_left() -> None:
    entries = log(a=[PROMPT, STARTED, ANSWER, ENDED], b=[PROMPT, STARTED])

    assert to_turns(entries[3:]) == [Turn("a", None, "", [], ENDED), Turn("b", PROMPT, STARTED.model, [], None)]
    assert to_turns([]) == []


def test_a_footnote_names_model_tokens_and_seconds() -> None:
    assert Turn("a", PROMPT, "demo · built-in", [ANSWER, ANSWER], ENDED).footnote == "demo · built-in · 1.3 s"


def test_a_footnote_leaves_out_what_is_not_known() -> None:
    silent = AgentMessage(source="assistant", text="Hi.")

    assert Turn("a", PROMPT, "demo", [silent], ENDED).footnote == "demo · 1.3 s"
    assert Turn("a", None, "", [], ENDED).footnote == "1.3 s"
    assert Turn("a", PROMPT, "demo", [ANSWER], None).footnote == ""
