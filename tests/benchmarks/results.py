"""What a part of the benchmarks hands back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

Cell = float | str | None


@dataclass(frozen=True)
class Table:
    title: str
    columns: tuple[str, ...]
    """The first names what the rows are."""
    rows: Mapping[str, Sequence[Cell]]
    note: str = ""


@dataclass(frozen=True)
class Claim:
    """Something that should hold, and what was measured of it."""

    what: str
    measured: float
    bound: float
    is_least: bool = False
    """Whether the bound is the least that will do; else it is the most."""
    must_hold: bool = False
    """Whether all of it fails where this does not hold: of what no slow or busy machine changes."""

    @property
    def holds(self) -> bool:
        return self.measured >= self.bound if self.is_least else self.measured <= self.bound


@dataclass(frozen=True)
class Results:
    tables: list[Table]
    claims: list[Claim] = field(default_factory=list)
    bars: dict[str, dict[str, float]] = field(default_factory=dict)
    """For the chart: by its heading, what is compared and how much each is."""


@dataclass(frozen=True)
class Scale:
    """How much is measured: the whole, or a quick look whether all of it works."""

    is_quick: bool = False
    soak_seconds: float = 120

    def of(self, whole: int, quick: int) -> int:
        return quick if self.is_quick else whole


def ratio(one: float, other: float) -> float:
    return one / other if other else float("inf")
