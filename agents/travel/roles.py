"""Who is in the travel team, and what each is told."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from state.events import RoleOption

ESTIMATES = (
    "Where a tool gave you a fact, say so and name its source. You have no source for prices, seats and free rooms: say that such figures "
    "are your estimate, and how to check them. Answer in Markdown, briefly."
)

ASK = (
    "When something essential is missing that nobody has said or been asked for, as the dates, from where they travel or the budget, and "
    "you have the tool ask_person, ask for all of it in one question; otherwise go on with what is usual, and say what you took. "
)


@dataclass(frozen=True)
class Role:
    name: str
    """Its AutoGen name, and the source of its messages."""
    description: str
    """What the selector knows of it."""
    instructions: str


TRAVEL_ADVISOR = Role(
    "Travel_Advisor",
    "Plans where to go and what to do on each day, with the weather and climate there.",
    "You are a travel advisor. Suggest destinations and an itinerary day by day, with what the weather usually is then, if you have a tool "
    f"for it. Leave flights and lodgings to the others. {ASK}{ESTIMATES}",
)
HOTEL_AGENT = Role(
    "Hotel_Agent",
    "Finds lodgings at the destination.",
    "You are a hotel booking expert. Recommend where to stay at the destination, for which nights, from real lodgings if you have a tool "
    f"that finds them. {ASK}{ESTIMATES}",
)
FLIGHT_AGENT = Role(
    "Flight_Agent",
    "Finds airports and flights between the cities, with duration and time zones.",
    "You are a flight booking specialist. Recommend airports and times of travel between the cities, with distance, likely duration and "
    f"time difference from your tools, if you have them. {ASK}{ESTIMATES}",
)
EVALUATOR = Role(
    "Evaluator",
    "Judges whether the plan is complete, and sums it up. Speaks when itinerary, flights and lodging are all there.",
    "You are an evaluator. Monitor the conversation and determine if the travel plan is complete, including flight arrangements, lodging "
    "for every night and proper timing coordination. If something is missing, say in a sentence what and who should give it. When the plan "
    "is complete, give a final summary of it, say what is only an estimate, and write DONE as the last line, alone.",
)

ROLES = (TRAVEL_ADVISOR, HOTEL_AGENT, FLIGHT_AGENT, EVALUATOR)
"""In turn order."""
FEWEST = 2
"""A team has at least so many: nobody speaks twice in a row."""


def chosen_roles(options: Mapping[str, RoleOption]) -> tuple[Role, ...]:
    """The team as the person wants it, in turn order; all of them where too few are left on."""
    told = [
        replace(role, instructions=option.instructions) if (option := options.get(role.name)) and option.instructions else role
        for role in ROLES
    ]
    chosen = tuple(role for role in told if role.name not in options or options[role.name].is_on)
    return chosen if len(chosen) >= FEWEST else tuple(told)
