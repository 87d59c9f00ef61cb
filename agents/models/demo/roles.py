"""Roles of a travel team, known by their system messages."""

import re

from agents.models.demo.request import Request

_ROLES = {
    "evaluator": r"\b(evaluat\w+|reviewer|critic)\b",
    "advisor": r"\b(travel[ _-]?(advis\w+|planner|guide|agent\b)|itinerar\w+)",
    "hotel": r"\b(hotels?|lodging|accommodation)(?![a-z])",
    "flight": r"\b(flights?|airlines?)(?![a-z])",
}
_TRADES = {"hotel": "hotel", "flight": "flight", "advisor": "weather"}
_TRAVEL = re.compile(r"\b(travel|trip|flight|hotel|itinerary)", re.IGNORECASE)


def find_role(system: str) -> str | None:
    """Find the role a system message gives: the one it names first, and first of all after "you are"."""
    text = system.lower()
    if not _TRAVEL.search(text):
        return None
    clauses = [found[:60] for found in re.findall(r"\byou are ([^.;:\n]*)", text)] or [text[:60]]
    return next((role for clause in clauses if (role := _first(clause))), None)


def trade(request: Request) -> str:
    """Give the word that a role looks for tools by."""
    return _TRADES.get(find_role(request.system) or "", "")


def _first(text: str) -> str | None:
    found = {role: match.start() for role, words in _ROLES.items() if (match := re.search(words, text))}
    return min(found, key=lambda role: found[role]) if found else None
