"""How much a turn may take before the person is asked whether it should go on."""

from dataclasses import dataclass

from state.errors import RoundtableError
from state.events import InputRequested, Taken


class BudgetEnded(RoundtableError):
    """The person ended the turn where its budget was used up."""

    def __init__(self) -> None:
        super().__init__("You ended this turn where its budget was used up. What arrived so far is kept.")


@dataclass(frozen=True)
class Budget:
    """The limits of one turn; each time the person lets it go on, it may take as much again."""

    tokens: int
    seconds: float
    calls: int

    def request(self, times: int, taken: Taken) -> InputRequested | None:
        """What to ask when the budget is used up `times` over; None while it is not."""
        tokens = taken.usage.total
        if tokens < self.tokens * times and taken.seconds < self.seconds * times and taken.calls < self.calls * times:
            return None
        calls = "1 call" if taken.calls == 1 else f"{taken.calls:,} calls"
        took = f"{tokens:,} tokens and {taken.seconds:,.0f} seconds in {calls} of the model"
        text = f"This turn has taken {took}. Let it go on?"
        return InputRequested(source="roundtable", request_id=f"budget-{times}", kind="budget", title="Budget", text=text)
