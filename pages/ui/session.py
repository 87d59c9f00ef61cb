"""The one door to Streamlit's session state: what a browser tab remembers between reruns."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import streamlit as st
from streamlit.typing import ChatInputValue, UploadedFile

from agents.images.preparing import PreparedImage, Upload
from agents.models.trial import Trial
from pages.ui.address import Whereabouts
from state.conversations import Options, Permission
from state.errors import RoundtableError
from state.exports import ConversationFile
from state.ids import new_id

PROMPT = "prompt"
"""The prompt box's widget key."""
MODEL = "model"
USE_CACHE = "use_cache"
INSTRUCTIONS = "instructions"
PRESET = "preset"
LIVE = "live_"
"""What the keys of the page's ear for changes begin with."""
DESCRIBE_EACH = "describe_each"
SEARCH = "search"
"""The search box of the page of all conversations."""
FIND = "find"
"""The sidebar's."""
MODE_FILTER = "mode_filter"
IMPORT_FILE = "import_file"
FIRST_SHOWN = 40
"""How many of a conversation's last events are drawn at first: about 20 messages."""


@dataclass(frozen=True)
class Copied:
    """What the browser is to put into the clipboard, and the widget that asked."""

    widget: str
    text: str
    number: int


@dataclass(frozen=True)
class PutBack:
    """Text that the browser is to put into a prompt box, once."""

    text: str = ""
    box: str = ""
    """The box by its name: a conversation, or the mode of one that has not begun."""
    id: str = ""


@dataclass(frozen=True)
class Sent:
    """The box that a prompt was typed into and sent from, and the how manieth of the tab it was."""

    box: str = ""
    number: int = 0


@dataclass
class Tab:
    """One browser tab's memory. A reload begins a new one, so nothing that matters is kept here."""

    notice: str = ""
    """A sentence about the last thing the person did, shown until they do another."""
    shown_notice: str = ""
    """The one that was drawn last."""
    drawn_notice: str = ""
    """The one that was drawn in a page that was drawn to its end."""
    put_back: PutBack = PutBack()
    """What came back from a prompt box last."""
    sent: Sent = Sent()
    """The last prompt that was taken."""
    prompts_sent: int = 0
    """With those that a button sent."""
    place: Whereabouts = field(default_factory=Whereabouts)
    """Where the person is or goes."""
    left: Whereabouts | None = None
    """The place before it, until the browser is known to be at the new one."""
    was_on_the_way: bool = False
    """Whether the rerun before this one was for the same place."""
    new_conversation: str = field(default_factory=new_id)
    """The id the next new conversation gets, so that a first prompt sent twice by a double click begins only one."""
    mode: str = ""
    """The mode whose page is open."""
    chosen: dict[str, Options] = field(default_factory=dict)
    """What was chosen for the conversation of each mode that has not begun: instructions for one are none for another."""
    trials: dict[str, Trial] = field(default_factory=dict)
    """How the models tried in this tab answered, by name."""
    shown: dict[str, int] = field(default_factory=dict)
    looked_for: str = ""
    """What was searched for last."""
    to_look_for: str = ""
    """What the page of all conversations is to search for when it opens."""
    listed_from: int = 0
    """How many conversations, or places found, come before the page that is listed."""
    next_run: str = field(default_factory=new_id)
    """The id of the run that the next button begins, so that a double click begins only one."""
    editing: str = ""
    """The run whose prompt is being edited."""
    attached: tuple[PreparedImage, ...] = ()
    """Pictures that did not get away with their prompt, or came back with it: they go with the next one."""
    deleted: tuple[str, ...] = ()
    """The conversations that this tab has deleted; an empty id stands for all."""
    to_delete: str = ""
    """The conversation that the person wants deleted and has not confirmed yet."""
    wants_all_deleted: bool = False
    """Whether the person wants all data deleted and has not confirmed it yet."""
    copied: Copied | None = None
    """What was just copied, for the browser to take: it is sent once."""
    copies: int = 0
    importing: ConversationFile | RoundtableError | None = None
    """The file in the import box as it was read, or why it cannot be."""
    imported: str = ""
    """The conversation that was made of it."""
    timeline_of: str = ""
    """The conversation whose timeline is open."""

    def show_timeline(self, conversation: str) -> None:
        self.timeline_of = conversation

    def want_all_deleted(self, wanted: bool) -> None:
        self.wants_all_deleted = wanted

    def events_shown(self, conversation: str) -> int:
        return self.shown.get(conversation, FIRST_SHOWN)

    def has_shown(self, conversation: str, events: int) -> None:
        """As many were drawn, to reach a place: they stay, also when the person goes on from there."""
        if events > self.events_shown(conversation):
            self.shown[conversation] = events

    def show_earlier(self, conversation: str) -> None:
        """Show twice as many: the beginning of any conversation is a few clicks away."""
        self.shown[conversation] = 2 * self.events_shown(conversation)

    def go(self, asked: Whereabouts, *, is_pressed: bool) -> Whereabouts:
        """Returns where to go: where the browser asks for, unless something pressed meanwhile would lead back."""
        last = self.place
        is_late = is_pressed and asked.page == last.page and asked != last and asked == self.left
        self.was_on_the_way = is_late or (asked.page, asked.conversation) == (last.page, last.conversation)
        if not is_late:
            self.left, self.place = (None if asked == last else last), asked
        return self.place

    def has_gone(self, there: Whereabouts) -> None:
        """A callback, or the page that was drawn, led to a place."""
        if self.place != there:
            self.left, self.place = self.place, there

    def has_sent(self, box: str = "") -> None:
        """A prompt of this tab was taken; one that was typed, from its box."""
        self.prompts_sent += 1
        if box:
            self.sent = Sent(box, self.prompts_sent)
        self.put_back = PutBack()
        self.next_run = new_id()

    def copy(self, widget: str, text: str) -> None:
        self.copies += 1
        self.copied = Copied(widget, text, self.copies)

    def take_copied(self) -> Copied | None:
        copied, self.copied = self.copied, None
        return copied

    def edit(self, run: str) -> None:
        self.editing = run

    def attach(self, pictures: Iterable[PreparedImage] = ()) -> None:
        """Have these pictures, and no others, go with the next prompt."""
        self.attached = tuple(pictures)

    def list_from(self, number: int) -> None:
        self.listed_from = max(0, number)

    def want_deleted(self, conversation: str) -> None:
        self.to_delete = conversation

    @property
    def options(self) -> Options:
        """What was chosen on the page that is open, for a conversation that has not begun."""
        return self.chosen.get(self.mode, Options())

    @options.setter
    def options(self, options: Options) -> None:
        self.chosen[self.mode] = options

    def has_deleted(self, conversation: str = "") -> None:
        self.deleted = (*self.deleted, conversation)

    def has_begun(self, mode: str) -> None:
        """The last new conversation has begun, in this mode."""
        self.new_conversation = new_id()
        self.chosen.pop(mode, None)

    def show_notice(self) -> str:
        self.shown_notice = self.notice
        return self.notice

    def end_drawing(self) -> None:
        """All of a page was drawn, which the next rerun has not overtaken."""
        self.drawn_notice = self.shown_notice

    def move_on(self) -> None:
        """The person does something, or goes elsewhere: what was said about the last thing goes, if they can have seen it."""
        if self.notice == self.drawn_notice:
            self.notice = ""
        self.shown_notice = self.drawn_notice = ""


def tab() -> Tab:
    """This browser tab's memory."""
    try:
        remembered: Tab = st.session_state["tab"]
    except KeyError:
        remembered = st.session_state["tab"] = Tab()
    return remembered


@dataclass(frozen=True)
class Typed:
    """What the prompt box gave."""

    text: str
    uploads: tuple[Upload, ...] = ()


def typed_prompt() -> Typed:
    """What was just sent from the prompt box. Files are copied at once: Streamlit lets go of them when they have been looked at."""
    value: str | ChatInputValue | None = st.session_state[PROMPT]
    if not isinstance(value, ChatInputValue):
        return Typed(str(value or ""))
    return Typed(value.text, tuple(Upload(file.name, file.getvalue()) for file in value.files))


def wants_batch() -> bool:
    """Whether each picture of the next prompt is to be described by itself."""
    return bool(st.session_state.get(DESCRIBE_EACH))


def end_batch() -> None:
    """The prompt after a batch is an ordinary one again."""
    st.session_state[DESCRIBE_EACH] = False


def triggered(widget: str, name: str) -> str:
    """What a component just said."""
    return str(st.session_state[widget][name] or "")


def put_back(prompt: str, box: str) -> None:
    """Put text into a prompt box, for the person to send again."""
    tab().put_back = PutBack(prompt, box, new_id())


def dropped_file() -> bytes | None:
    """What was just put into the import box; nothing where it was emptied."""
    file: UploadedFile | None = st.session_state[IMPORT_FILE]
    return file.getvalue() if file else None


def typed_in(widget: str) -> str:
    """What a text widget holds; nothing where it is not drawn."""
    return str(st.session_state.get(widget) or "")


def show_all() -> None:
    """List all conversations: nothing is searched for, and no mode picked."""
    st.session_state[SEARCH] = ""
    st.session_state[MODE_FILTER] = None
    tab().list_from(0)


def end_search() -> None:
    """Have the sidebar list the latest conversations again."""
    st.session_state[FIND] = ""


def take_up_search() -> None:
    """Look for what the sidebar had no room for."""
    if tab().to_look_for:
        show_all()
        st.session_state[SEARCH], tab().to_look_for = tab().to_look_for, ""


def show_options(model: str, *, use_cache: bool) -> None:
    """Set the widgets of the options to what holds now, whatever another conversation or tab left in them."""
    st.session_state[MODEL] = model
    st.session_state[USE_CACHE] = use_cache


def show_instructions(text: str) -> None:
    st.session_state[INSTRUCTIONS] = text


def take_picked_preset() -> str:
    """The instructions just picked by name; the box is empty again afterwards."""
    picked = st.session_state[PRESET]
    st.session_state[PRESET] = None
    return str(picked or "")


def show_permission(widget: str, permission: Permission) -> None:
    st.session_state[widget] = permission


def picked_permission(widget: str) -> Permission | None:
    """What was just picked for a tool; None when the pick was taken back."""
    picked: Permission | None = st.session_state[widget]
    return picked


def picked_model() -> str:
    """What was just picked as the conversation's model."""
    return str(st.session_state[MODEL])


def picked_use_cache() -> bool:
    """How the cache was just switched."""
    return bool(st.session_state[USE_CACHE])


def show_role(text: str, switch: str, instructions: str, *, is_on: bool) -> None:
    """Set the widgets of one of a team to what holds now."""
    st.session_state[text] = instructions
    st.session_state[switch] = is_on


def typed_role(text: str, switch: str) -> tuple[str, bool]:
    """What was just set of one of a team: its instructions, and whether it takes part."""
    return str(st.session_state[text] or ""), bool(st.session_state[switch])
