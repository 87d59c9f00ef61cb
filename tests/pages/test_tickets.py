"""Tickets to a conversation's live events."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages.web import tickets
from state.users import User
from tests.conftest import ALICE

SECRET = b"s" * 32


@given(st.text(), st.text())
def test_a_ticket_names_its_holder(name: str, conversation: str) -> None:
    ticket = tickets.issue(SECRET, User(name), conversation)

    assert tickets.holder(SECRET, ticket, conversation) == User(name)
    assert ticket.isascii()
    assert not set(ticket) & set("/?&=+ ")


def test_a_ticket_is_for_one_conversation() -> None:
    assert tickets.holder(SECRET, tickets.issue(SECRET, ALICE, "one"), "two") is None


def test_another_secret_s_ticket_is_refused() -> None:
    assert tickets.holder(SECRET, tickets.issue(b"t" * 32, ALICE, "one"), "one") is None


@given(st.text(max_size=40))
def test_an_invented_ticket_is_refused(ticket: str) -> None:
    assert tickets.holder(SECRET, ticket, "one") is None


def test_a_changed_ticket_is_refused() -> None:
    """Whichever character is changed; the last of the signature holds bits that nothing reads."""
    ticket = tickets.issue(SECRET, ALICE, "one")
    changed = [ticket[:place] + ("A" if ticket[place] != "A" else "B") + ticket[place + 1 :] for place in range(len(ticket) - 1)]

    assert {tickets.holder(SECRET, each, "one") for each in changed} == {None}


def test_another_s_payload_does_not_fit_a_signature() -> None:
    mine, theirs = tickets.issue(SECRET, ALICE, "one"), tickets.issue(b"t" * 32, User("mallory"), "one")
    forged = ".".join([theirs.split(".")[0], *mine.split(".")[1:]])

    assert tickets.holder(SECRET, forged, "one") is None


def test_an_old_ticket_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    ticket = tickets.issue(SECRET, ALICE, "one")
    assert tickets.holder(SECRET, ticket, "one") == ALICE

    monkeypatch.setattr(tickets, "LIFETIME", -1)
    assert tickets.holder(SECRET, ticket, "one") is None


def test_a_ticket_is_for_one_sign_in() -> None:
    """A picture's too. One that names a sign-in is nothing without it, nor the other way round."""
    mine, theirs = "a" * 64, "b" * 64
    live = tickets.issue(SECRET, ALICE, "one", mine)
    picture = tickets.issue_for_image(SECRET, ALICE, "one", TODAY, mine)

    assert [tickets.holder(SECRET, live, "one", each) for each in (mine, theirs, "")] == [ALICE, None, None]
    assert [tickets.holder_for_image(SECRET, picture, "one", TODAY, each) for each in (mine, theirs, "")] == [ALICE, None, None]
    assert tickets.holder(SECRET, tickets.issue(SECRET, ALICE, "one"), "one", mine) is None


TODAY = date(2026, 11, 22)


def test_a_picture_s_ticket_is_the_same_all_day_and_good_until_the_next() -> None:
    ticket = tickets.issue_for_image(SECRET, ALICE, "one", TODAY)

    assert ticket == tickets.issue_for_image(SECRET, ALICE, "one", TODAY)
    holders = [tickets.holder_for_image(SECRET, ticket, "one", TODAY + timedelta(days=days)) for days in (-1, 0, 1, 2)]
    assert holders == [None, ALICE, ALICE, None]


def test_a_picture_s_ticket_is_for_that_picture_and_nothing_else() -> None:
    ticket = tickets.issue_for_image(SECRET, ALICE, "one", TODAY)

    assert tickets.holder_for_image(SECRET, ticket, "two", TODAY) is None
    assert tickets.holder_for_image(b"t" * 32, ticket, "one", TODAY) is None
    assert tickets.holder(SECRET, ticket, "one") is None
    assert tickets.holder_for_image(SECRET, tickets.issue(SECRET, ALICE, "one"), "one", TODAY) is None


@given(st.text(max_size=40))
def test_an_invented_ticket_for_a_picture_is_refused(ticket: str) -> None:
    assert tickets.holder_for_image(SECRET, ticket, "one", TODAY) is None
