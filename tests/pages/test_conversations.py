"""The Conversations page, run by Streamlit's own test driver."""

from datetime import UTC, datetime, timedelta

import pytest
from streamlit.testing.v1 import AppTest

from agents.application import application
from pages.ui.actions import ELSEWHERE
from pages.ui.address import ADDRESS, PLACE
from pages.ui.conversations import NONE_OF_MODE, NONE_YET, PAGE
from pages.ui.found import to_place
from pages.ui.link import to_marked
from pages.ui.moments import to_day, to_moment, to_short
from pages.ui.search import NOT_FOUND
from pages.ui.session import FIND, FIRST_SHOWN, MODE_FILTER, PROMPT, SEARCH
from pages.ui.sidebar import FOUND, LISTED
from pages.ui.sidebar import NONE_YET as NONE_LISTED
from state.conversations import Beginning
from state.errors import ConversationNotFound
from state.events import AgentMessage, LogEntry, RunEnded, SpeakerSelected, Usage, UserMessage
from state.search import MARK, UNMARK
from state.turns import Turn
from state.users import LOCAL_USER, User
from tests.conftest import BOB
from tests.pages.opening import opened
from tests.pages.test_pages import Opening, keys, mine, open_page, texts

__all__ = ["open_page"]  # a fixture


def converse(prompt: str, answer: str = "Yes.", user: User = LOCAL_USER) -> str:
    store = application().store(user)
    run, _ = store.begin_run(None, "assistant", UserMessage(text=prompt), "demo · built-in")
    store.end_run(run, [AgentMessage(source="assistant", text=answer)], RunEnded(status="finished"))
    return run.conversation


def listed(tab: AppTest) -> list[str]:
    """The ids of the conversations on the page, in order."""
    return [box.proto.popover.id.rpartition("-menu_")[2] for box in tab.main.get("popover")]


def test_nothing_to_list_is_said(open_page: Opening) -> None:
    tab = open_page("conversations.py")

    assert [info.value for info in tab.info] == [NONE_YET]
    assert [caption.value for caption in tab.sidebar.caption] == [NONE_LISTED]
    assert not tab.exception


def test_all_conversations_come_in_pages(open_page: Opening) -> None:
    open_page("home.py")
    ids = [converse(f"Number {number}") for number in range(PAGE + 2)][::-1]
    tab = open_page("conversations.py")

    assert listed(tab) == ids[:PAGE]
    assert "Today" in [caption.value for caption in tab.main.caption]
    assert tab.button("later").disabled
    tab.button("earlier").click().run()
    assert listed(tab) == ids[PAGE:]
    assert tab.button("earlier").disabled
    tab.button("later").click().run()
    assert listed(tab) == ids[:PAGE]


def test_one_page_needs_no_turning(open_page: Opening) -> None:
    open_page("home.py")
    for number in range(PAGE):
        converse(f"Number {number}")

    assert not keys(open_page("conversations.py")) & {"earlier", "later"}


def test_the_last_of_a_page_leaves_the_page_before(open_page: Opening) -> None:
    open_page("home.py")
    ids = [converse(f"Number {number}") for number in range(PAGE + 1)][::-1]
    tab = open_page("conversations.py")
    tab.button("earlier").click().run()
    opened(tab, f"menu_{ids[PAGE]}").button(f"delete_{ids[PAGE]}").click().run()
    tab.button(f"confirm_delete_{ids[PAGE]}").click().run()

    assert listed(tab) == ids[:PAGE]


def test_a_title_is_changed(open_page: Opening) -> None:
    open_page("home.py")
    conversation = converse("Hello")
    tab = open_page("conversations.py")
    opened(tab, f"menu_{conversation}").text_input(f"rename_{conversation}").set_value(" Good   day ")
    tab.button(f"save_{conversation}").click().run()

    assert mine().conversation(conversation).title == "Good day"
    tab.text_input(f"rename_{conversation}").set_value(" ")
    tab.button(f"save_{conversation}").click().run()
    assert [warning.value for warning in tab.warning] == ["A title needs at least one character and at most 120. The old one stays."]
    assert mine().conversation(conversation).title == "Good day"


def test_a_deletion_is_confirmed(open_page: Opening) -> None:
    """It names what goes, can be taken back, and takes only that one."""
    open_page("home.py")
    kept, conversation = converse("Kept"), converse("To *go*")
    tab = open_page("conversations.py")
    opened(tab, f"menu_{conversation}").button(f"delete_{conversation}").click().run()

    assert any("Delete **To \\*go\\***?" in markdown.value for markdown in tab.main.markdown)
    assert mine().count() == 2
    tab.button(f"keep_{conversation}").click().run()
    assert f"confirm_delete_{conversation}" not in keys(tab)
    opened(tab, f"menu_{conversation}").button(f"delete_{conversation}").click().run()
    tab.button(f"confirm_delete_{conversation}").click().run()
    assert listed(tab) == [kept]
    assert [each.id for each in mine().conversations(5)] == [kept]


def test_what_another_tab_deleted_is_said(open_page: Opening) -> None:
    open_page("home.py")
    conversation = converse("Hello")
    tab, reader = open_page("conversations.py"), open_page(conversation=conversation)
    assert texts(reader) == ["Hello", "Yes."]
    opened(tab, f"menu_{conversation}").button(f"delete_{conversation}").click().run()
    application().runner.delete(mine(), conversation)
    tab.button(f"confirm_delete_{conversation}").click().run()
    reader.run()

    assert [warning.value for warning in tab.warning] == [str(ConversationNotFound())]
    assert [error.value for error in reader.error] == [str(ConversationNotFound())]
    assert not reader.exception


def test_what_was_said_is_found(open_page: Opening) -> None:
    """Each conversation once, with all its places; other people's never."""
    open_page("home.py")
    conversation = converse("Where is the lamp?", "The lamp is on the *upper* shelf.")
    converse("Something else")
    converse("My lamp", user=BOB)
    tab = open_page("conversations.py")
    tab.text_input("search").set_value("lamp").run()

    assert listed(tab) == [conversation]
    snippets = [link.proto.label for link in tab.main.get("page_link") if link.proto.label.startswith(":small[")]
    assert snippets == [":small[The **lamp** is on the \\*upper\\* shelf.]", ":small[Where is the **lamp**?]"]
    tab.text_input("search").set_value('"lamp* NEAR(').run()
    assert [info.value for info in tab.info] == [NOT_FOUND]
    tab.button("show_all").click().run()
    assert len(listed(tab)) == 2
    assert not tab.text_input("search").value
    assert not tab.exception


def go_on(conversation: str, prompt: str, instead_of: str | None = None) -> str:
    """Add a turn. Returns its run's id."""
    run, _ = mine().begin_run(conversation, "assistant", UserMessage(text=prompt), "demo · built-in", Beginning(instead_of=instead_of))
    mine().end_run(run, [AgentMessage(source="assistant", text="Yes.")], RunEnded(status="finished"))
    return run.id


def test_a_place_found_is_drawn_however_far_back_it_is(open_page: Opening) -> None:
    """From there on all is shown, and more on request. What is no place opens the conversation as ever."""
    open_page("home.py")
    conversation = converse("The very first")
    for number in range(FIRST_SHOWN):
        go_on(conversation, f"Prompt {number}")
    place = mine().search('"Prompt 3"')[-1].seq

    assert "Prompt 3" not in texts(open_page(conversation=conversation))
    tab = open_page(conversation=conversation, **{PLACE: str(place)})
    assert texts(tab)[0] == "Prompt 3"
    tab.button("show_earlier").click().run()
    assert texts(tab)[0] == "The very first"
    for nowhere in ("999999", "-1", "²", "9" * 40, ""):
        as_ever = open_page(conversation=conversation, **{PLACE: nowhere})
        assert "Prompt 3" not in texts(as_ever)
        assert not as_ever.exception
        assert not as_ever.info


def test_a_page_draws_no_more_with_each_answer(open_page: Opening) -> None:
    """Turns are whole, so there may be some events more than were asked for; the next drawing must not take that for the measure."""
    open_page("home.py")
    conversation = converse("The very first")
    for number in range(FIRST_SHOWN):
        go_on(conversation, f"Prompt {number}")
    tab = open_page(conversation=conversation)
    before = len(texts(tab))
    for number in range(5):
        run, _ = mine().begin_run(conversation, "assistant", UserMessage(text=f"More {number}"), "demo · built-in")
        tab.run()
        mine().end_run(run, [AgentMessage(source="assistant", text="Yes.")], RunEnded(status="finished"))
        tab.run()

    assert texts(tab)[-2:] == ["More 4", "Yes."]
    assert len(texts(tab)) <= before + 2


def test_a_place_in_another_version_is_one_click_away(open_page: Opening) -> None:
    open_page("home.py")
    conversation = converse("First")
    second = go_on(conversation, "A lamp")
    go_on(conversation, "A candle", instead_of=second)
    (hit,) = mine().search("lamp")
    tab = open_page(conversation=conversation, **{PLACE: str(hit.seq)})

    assert texts(tab) == ["First", "Yes.", "A candle", "Yes."]
    assert [info.value for info in tab.info] == [ELSEWHERE]
    tab.button("show_elsewhere").click().run()
    assert texts(tab) == ["First", "Yes.", "A lamp", "Yes."]
    assert not tab.info


def test_whoever_goes_on_from_a_place_is_at_the_end_again(open_page: Opening) -> None:
    conversation = converse("First") if open_page("home.py") else ""
    (first, _) = mine().entries(conversation)[:2]
    tab = open_page(conversation=conversation, **{PLACE: str(first.seq)})
    assert PLACE in tab.query_params
    tab.chat_input(PROMPT).set_value("Next").run()

    assert PLACE not in tab.query_params


def test_the_message_of_a_place() -> None:
    """Counted as the browser counts: what stands between messages is none, and what is told in another has no number."""
    prompt, wish = UserMessage(text="Prompt"), UserMessage(text="Wish")
    chosen = SpeakerSelected(
        speaker="local", candidates=("local",), answers=(), attempts=1, is_fallback=True, why="It is next.", usage=Usage()
    )
    plan, local = AgentMessage(source="planner", text="A plan"), AgentMessage(source="local", text="A hint")
    kept = UserMessage(text="Not drawn")
    events = [prompt, plan, chosen, local, wish, kept]
    entries = [LogEntry(seq=number, run="r", event=event) for number, event in enumerate(events, start=1)]
    turn = Turn(["r"], prompt=prompt, said=[plan, chosen, local, wish])

    assert [place and place["message"] for place in (to_place([turn], entries, seq) for seq in range(1, 8))] == [0, 1, -1, 2, 3, -1, None]


def test_a_search_begins_at_its_first_page(open_page: Opening) -> None:
    open_page("home.py")
    found = [converse(f"lamp {number}") for number in range(PAGE + 1)]
    tab = open_page("conversations.py")
    tab.button("earlier").click().run()
    tab.text_input("search").set_value("lamp").run()

    assert listed(tab) == found[:0:-1]
    tab.button("earlier").click().run()
    assert listed(tab) == found[:1]


def test_the_sidebar_leads_to_those_it_does_not_list(open_page: Opening) -> None:
    open_page("home.py")
    for number in range(LISTED):
        converse(f"Number {number}")
    labels = [link.proto.label for link in open_page("home.py").sidebar.get("page_link")]
    assert len(labels) == LISTED
    converse("One more")
    labels = [link.proto.label for link in open_page("home.py").sidebar.get("page_link")]

    assert (len(labels), labels[-1]) == (LISTED + 1, ":gray[All conversations]")


def links(tab: AppTest) -> list[str]:
    """What the sidebar's links say."""
    return [link.proto.label for link in tab.sidebar.get("page_link")]


def test_the_sidebar_finds_what_was_said(open_page: Opening) -> None:
    """On any page, each conversation once with its places; its list is back when nothing is looked for."""
    open_page("home.py")
    conversation = converse("Where is the lamp?", "The lamp is on the *upper* shelf.")
    mine().rename(conversation, "A lamp *again*")
    converse("Something else")
    converse("My lamp", user=BOB)
    tab = open_page("settings.py")
    tab.text_input(FIND).set_value(" lamp ").run()

    found = [":small[The **lamp** is on the \\*upper\\* shelf.]", ":small[Where is the **lamp**?]"]
    assert links(tab) == ["A **lamp** \\*again\\*", *found]
    places = [f"{ADDRESS}={conversation}&{PLACE}={hit.seq}" for hit in mine().search("lamp") if hit.seq]
    assert [link.proto.query_string for link in tab.sidebar.get("page_link")] == [f"{ADDRESS}={conversation}", *places]
    tab.text_input(FIND).set_value("").run()
    assert links(tab) == ["Something else", "A lamp \\*again\\*"]
    assert not tab.exception


def test_where_the_sidebar_finds_nothing_its_list_is_a_click_away(open_page: Opening) -> None:
    open_page("home.py")
    converse("Hello")
    tab = open_page("home.py")
    tab.text_input(FIND).set_value('"lamp* NEAR(').run()

    assert NOT_FOUND in [caption.value for caption in tab.sidebar.caption]
    assert not links(tab)
    tab.button("end_search").click().run()
    assert (tab.text_input(FIND).value, links(tab)) == ("", ["Hello"])


def test_the_sidebar_says_that_there_is_more(open_page: Opening) -> None:
    """Where all of it is, a browser test looks: Streamlit's driver does not follow to another page."""
    open_page("home.py")
    for number in range(FOUND):
        converse(f"lamp {number}")
    tab = open_page("home.py")
    tab.text_input(FIND).set_value("lamp").run()
    assert len(links(tab)) == 2 * FOUND
    assert "search_all" not in keys(tab)
    converse("Another lamp")
    tab.run()

    assert len(links(tab)) == 2 * FOUND
    assert "search_all" in keys(tab)


def test_the_modes_are_a_filter(open_page: Opening) -> None:
    """Of the list, and of what is found."""
    open_page("home.py")
    conversation = converse("A lamp")
    tab = open_page("conversations.py")
    tab.button_group(MODE_FILTER).set_value("assistant").run()
    assert listed(tab) == [conversation]
    tab.button_group(MODE_FILTER).set_value("travel").run()

    assert [info.value for info in tab.info] == [NONE_OF_MODE]
    tab.text_input(SEARCH).set_value("lamp").run()
    assert [info.value for info in tab.info] == [NOT_FOUND]
    tab.button("show_all").click().run()
    assert listed(tab) == [conversation]


@pytest.mark.parametrize(
    ("hours", "day", "short"),
    [
        (0, "Today", "12:30"),
        (13, "Yesterday", "4 Mar"),
        (36, "Yesterday", "4 Mar"),
        (37, "Tuesday, 3 March", "3 Mar"),
        (24 * 90, "Friday, 5 December 2025", "5 Dec 2025"),
    ],
)
def test_days_have_their_names(hours: int, day: str, short: str) -> None:
    now = datetime(2026, 3, 5, 12, 30, tzinfo=UTC)

    assert to_day(now - timedelta(hours=hours), now) == day
    assert to_short(now - timedelta(hours=hours), now) == short
    at = now - timedelta(hours=hours)
    assert to_moment(at, now) == (short if day == "Today" else f"{short}, {at:%H:%M}")


def test_a_snippet_is_bold_where_it_was_found_and_plain_elsewhere() -> None:
    assert to_marked(f"# a {MARK}lamp{UNMARK} :red[*x*]") == "\\# a **lamp** \\:red\\[\\*x\\*\\]"
