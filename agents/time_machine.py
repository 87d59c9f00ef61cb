"""Going back and asking again: what was asked anew, edited or undone stays beside what took its place, with what the agents knew."""

from agents.mode import Mode
from agents.runner import Runner
from agents.runs import Run
from state.conversations import Beginning
from state.errors import NothingToContinue
from state.events import Continued, Prompt, UserMessage, now
from state.store import Store
from state.turns import Turn, resumable, to_turns

GO_ON = "Go on until your work is complete."
TAIL = 60
"""Characters of a broken-off text that its continuation is told to follow."""


class TimeMachine:
    """One user's conversation, to be moved in time. Methods raise what `Runner.start` and `Runner.go_to` raise."""

    def __init__(self, runner: Runner, store: Store, conversation: str) -> None:
        self._runner = runner
        self._store = store
        self._conversation = conversation

    def go_on(self, mode: Mode, *, run_id: str | None = None, image: str | None = None) -> Run:
        """Go on with the last answer from where it was broken off: of a batch, with what is not described, or with one `image` again.

        Raises NothingToContinue when nothing had come, or nothing is left.
        """
        turn = self._last_turn()
        if not turn.said:
            raise NothingToContinue
        text, lead = _to_team(turn) if mode.goes_on_by_itself else (to_instruction(turn), turn.lead)
        prompt = _rest_of_batch(turn, image) if turn.rows else Continued(text=text)
        return self._runner.start(self._store, mode, prompt, self._conversation, Beginning(run_id=run_id), lead=lead)

    def ask_again(self, mode: Mode, run: str, prompt: UserMessage | None = None, *, run_id: str | None = None) -> Run:
        """Ask a turn's prompt anew, or another one with its pictures in its place, as if nothing after it had been."""
        before = self._store.prompt_of(self._conversation, run)
        asked: Prompt = before if prompt is None else prompt.model_copy(update={"images": before.images, "is_batch": before.is_batch})
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


def _rest_of_batch(turn: Turn, image: str | None) -> Continued:
    images = tuple(row.image for row in turn.rows if (row.image.id == image if image else not row.is_done))
    if turn.prompt is None or not images:
        raise NothingToContinue
    return Continued(text=turn.prompt.text, images=images, is_batch=True)


def _to_team(turn: Turn) -> tuple[str, None]:
    """A team whose turn was broken off goes on with its next speaker; one that came to its end has to be told."""
    is_over = turn.ended is not None and turn.ended.status == "finished"
    return (GO_ON if is_over else ""), None


def to_instruction(turn: Turn) -> str:
    """What the agent is told that has to go on."""
    if turn.lead is None:
        return "Your answer was broken off. Go on with it."
    return f"Your answer was broken off. Go on with it right behind these words, and repeat nothing: “…{resumable(turn.lead.text)[-TAIL:]}”"
