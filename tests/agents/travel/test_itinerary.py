"""A plan becomes a text to read."""

from agents.travel.costs import cost_rows, totals
from agents.travel.itinerary import ESTIMATE, to_itinerary
from tests.agents.travel.plans import PARIS, plan, values


def test_the_days_stand_in_their_order() -> None:
    text = to_itinerary(plan(), ["Something is odd."])

    assert text.startswith("# Three days in Paris\n\n## Saturday, 1 May 2027: The Tower\n\n- **14:00–16:30** The Eiffel Tower\n")
    assert "- New York (JFK) → Paris (CDG): leaves Friday, 30 April 2027 at 22:00, arrives Saturday, 1 May 2027 at 11:15" in text
    assert "**Hotel A**, Paris: Saturday, 1 May 2027 to Monday, 3 May 2027, <https://a.example/>" in text
    assert "| Total |  | 1,000.30 | EUR |  |" in text
    assert "- Something is odd." in text
    assert ESTIMATE in text


def test_what_a_model_wrote_is_text_and_nothing_else() -> None:
    text = to_itinerary(plan(title="A\n# B <script>", destination=PARIS, open_points=["[x](https://evil.example)", "a | b"]))

    assert text.startswith("# A \\# B &lt;script&gt;\n")
    assert "\\[x\\](https" in text
    assert "a \\| b" in text


def test_costs_are_ordered_and_summed_by_currency() -> None:
    more = [{"what": "Metro", "category": "transport", "amount": 20, "currency": "usd"}, *values()["costs"]]
    trip = plan(costs=more)

    assert totals(trip) == {"USD": 20, "EUR": 1000.30}
    assert [row["what"] for row in cost_rows(trip)] == ["Flights", "Two nights", "Metro", "Total", "Total"]
    assert [row["certainty"] for row in cost_rows(trip)][:2] == ["estimate", "as found"]


def test_a_plan_without_costs_has_no_table() -> None:
    assert "## Costs" not in to_itinerary(plan(costs=[], total=None))
