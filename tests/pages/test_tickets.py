"""Tickets to a conversation's live events."""

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
