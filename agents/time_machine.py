"""Going back and asking again: what was asked anew, edited or undone stays beside what took its place, with what the agents knew."""

from agents.mode import Mode
from agents.runner import Runner
from agents.runs import Run
from state.conversations import Beginning
from state.errors import NothingToContinue
from state.events import Continued, Prompt, UserMessage, now
from state.store import Store
from state.turns import Turn, resumable, to_turns

TAIL = 60
"""Characters of a broken-off text that its continuation is told to follow."""


class TimeMachine:
    """One user's conversation, to be moved in time. Methods raise what `Runner.start` and `Runner.go_to` raise."""

    def __init__(self, runner: Runner, store: Store, conversation: str) -> None:
        self._runner = runner
        self._store = store
        self._conversation = conversation

    def go_on(self, mode: Mode, *, run_id: str | None = None) -> Run:
        """Go on with the last answer from where it was broken off. Raises NothingToContinue when nothing had come."""
        turn = self._last_turn()
        if not turn.said:
            raise NothingToContinue
        prompt = Continued(text=to_instruction(turn))
        return self._runner.start(self._store, mode, prompt, self._conversation, Beginning(run_id=run_id), lead=turn.lead)

    def ask_again(self, mode: Mode, run: str, prompt: UserMessage | None = None, *, run_id: str | None = None) -> Run:
        """Ask a turn's prompt anew, or another one in its place, as if nothing after it had been."""
        asked: Prompt = prompt or self._store.prompt_of(self._conversation, run)
        again = asked.model_copy(update={"time": now()})
        beginning = Beginning(run_id=run_id, instead_of=run)
        return self._runner.start(self._store, mode, again, self._conversation, beginning, is_fresh=True)

    def undo(self, run: str) -> str:
        """End the transcript before a turn, as if it had not been asked. Returns its prompt's text."""
        prompt = self._store.prompt_of(self._conversation, run)
        self._runner.go_to(self._store, self._conversation, self._store.run(self._conversation, run).parent)
        return prompt.text

    def go_back(self, run: str) -> None:
        """End the transcript with a turn's last run."""
        self._runner.go_to(self._store, self._conversation, run)

    def show(self, run: str) -> None:
        """Show a version of a turn with what followed it last."""
        self._runner.show_version(self._store, self._conversation, run)

    def branch(self, run: str) -> str:
        """Copy the conversation up to a turn into a new one. Returns its id."""
        return self._runner.branch(self._store, self._conversation, run)

    def _last_turn(self) -> Turn:
        turns = to_turns(self._store.transcript(self._conversation, 1).entries)
        return turns[-1] if turns else Turn([])


def to_instruction(turn: Turn) -> str:
    """What the agent is told that has to go on."""
    if turn.lead is None:
        return "Your answer was broken off. Go on with it."
    return f"Your answer was broken off. Go on with it right behind these words, and repeat nothing: “…{resumable(turn.lead.text)[-TAIL:]}”"
