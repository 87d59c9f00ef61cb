"""What a plan costs, as rows of a table."""

from collections import Counter

from agents.travel.plan import CATEGORIES, Cost, Plan

Row = dict[str, str | float]


def totals(plan: Plan) -> dict[str, float]:
    """Add the costs up for each currency, to the cent. Currencies are never converted: rates are of the day."""
    sums: Counter[str] = Counter()
    for cost in plan.costs:
        sums[cost.currency.upper()] += round(cost.amount * 100)
    return {currency: cents / 100 for currency, cents in sums.items()}


def cost_rows(plan: Plan) -> list[Row]:
    """Give the table's rows, by category, with the sums of the currencies below."""
    ordered = sorted(plan.costs, key=lambda cost: CATEGORIES.index(cost.category))
    sums = [_row("Total", "", amount, currency, "") for currency, amount in totals(plan).items()]
    return [*map(_cost_row, ordered), *sums]


def _cost_row(cost: Cost) -> Row:
    return _row(cost.what, cost.category, cost.amount, cost.currency.upper(), "estimate" if cost.is_estimate else "as found")


def _row(what: str, category: str, amount: float, currency: str, certainty: str) -> Row:
    return {"what": what, "category": category, "amount": amount, "currency": currency, "certainty": certainty}
