"""The Travel mode: four agents that plan a trip together."""

from agents.mode import Mode, Speaker
from agents.travel.ending import MOST_MESSAGES
from agents.travel.memory import with_unfinished_team
from agents.travel.performer import TravelPerformer
from agents.travel.roles import EVALUATOR, FLIGHT_AGENT, HOTEL_AGENT, TRAVEL_ADVISOR
from agents.travel.tools import all_names

TRAVEL = Mode(
    key="travel",
    title="Travel",
    icon=":material/travel_explore:",
    summary="Four agents look up facts and plan a trip together: an itinerary with costs, a map and a calendar.",
    examples=(
        "Plan a weekend in Lisbon from London in May, for two, up to 900 euros.",
        "Plan a two-day trip to Spain",
        "Plan a 5-day trip to Paris",
    ),
    placeholder="Where to, when, and from where?",
    speakers=(
        Speaker(TRAVEL_ADVISOR.name, "Travel advisor", ":material/map:", "places and days", "blue", TRAVEL_ADVISOR.instructions),
        Speaker(HOTEL_AGENT.name, "Hotel agent", ":material/hotel:", "where to stay", "orange", HOTEL_AGENT.instructions),
        Speaker(FLIGHT_AGENT.name, "Flight agent", ":material/flight:", "how to get there", "green", FLIGHT_AGENT.instructions),
        Speaker(EVALUATOR.name, "Evaluator", ":material/fact_check:", "is it complete?", "violet", EVALUATOR.instructions),
    ),
    build=TravelPerformer,
    remember=with_unfinished_team,
    has_tools=True,
    tool_names=all_names(),
    goes_on_by_itself=True,
    takes_wishes=True,
    most_messages=MOST_MESSAGES,
)
