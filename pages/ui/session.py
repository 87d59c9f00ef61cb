"""The one door to Streamlit's session state: what a browser tab remembers between reruns."""

import uuid
from dataclasses import dataclass, field

import streamlit as st

from agents.models.trial import Trial
from state.conversations import Options

PROMPT = "prompt"
"""The prompt box's widget key."""
MODEL = "model"
USE_CACHE = "use_cache"
SEARCH = "search"
MODE_FILTER = "mode_filter"
FIRST_SHOWN = 60
"""How many of a conversation's last events are drawn at first: about 30 messages."""


@dataclass
class Tab:
    """One browser tab's memory. A reload begins a new one, so nothing that matters is kept here."""

    notice: str = ""
    """A sentence to show once, about the last thing the person did."""
    prompts_sent: int = 0
    new_conversation: str = field(default_factory=lambda: uuid.uuid4().hex)
    """The id the next new conversation gets, so that a first prompt sent twice by a double click begins only one."""
    options: Options = field(default_factory=Options)
    """What was chosen for the conversation that has not begun."""
    trials: dict[str, Trial] = field(default_factory=dict)
    """How the models tried in this tab answered, by name."""
    shown: dict[str, int] = field(default_factory=dict)
    listed_from: int = 0
    """How many conversations, or places found, come before the page that is listed."""
    next_run: str = field(default_factory=lambda: uuid.uuid4().hex)
    """The id of the run that the next button begins, so that a double click begins only one."""
    editing: str = ""
    """The run whose prompt is being edited."""
    to_delete: str = ""
    """The conversation that the person wants deleted and has not confirmed yet."""

    wants_all_deleted: bool = False
    """Whether the person wants all data deleted and has not confirmed it yet."""
    imported: str = ""
    """The conversation that was made of the file in the import box."""

    def forget_import(self) -> None:
        self.imported = ""

    def want_all_deleted(self, wanted: bool) -> None:
        self.wants_all_deleted = wanted

    def events_shown(self, conversation: str) -> int:
        return self.shown.get(conversation, FIRST_SHOWN)

    def show_earlier(self, conversation: str) -> None:
        """Show twice as many: the beginning of any conversation is a few clicks away."""
        self.shown[conversation] = 2 * self.events_shown(conversation)

    def has_sent(self) -> None:
        """A prompt of this tab was taken."""
        self.prompts_sent += 1
        self.next_run = uuid.uuid4().hex

    def edit(self, run: str) -> None:
        self.editing = run

    def list_from(self, number: int) -> None:
        self.listed_from = max(0, number)

    def want_deleted(self, conversation: str) -> None:
        self.to_delete = conversation

    def begin_another(self) -> None:
        self.new_conversation = uuid.uuid4().hex
        self.options = Options()

    def take_notice(self) -> str:
        notice, self.notice = self.notice, ""
        return notice


def tab() -> Tab:
    """This browser tab's memory."""
    if "tab" not in st.session_state:
        st.session_state["tab"] = Tab()
    remembered: Tab = st.session_state["tab"]
    return remembered


def typed_prompt() -> str:
    """What was just sent from the prompt box."""
    value = st.session_state[PROMPT]
    return str(getattr(value, "text", value) or "")


def dropped_files() -> list[tuple[str, bytes]]:
    """The names and contents of the files that were just sent with it."""
    files = getattr(st.session_state[PROMPT], "files", None) or []
    return [(file.name, file.getvalue()) for file in files]


def put_back(prompt: str) -> None:
    """Put text into the prompt box, for the person to send again."""
    st.session_state[PROMPT] = prompt


def edited_prompt(run: str) -> str:
    """What the editor of a run's prompt holds."""
    return str(st.session_state[f"edited_{run}"] or "")


def typed_in(widget: str) -> str:
    """What a text widget holds that was just sent."""
    return str(st.session_state[widget] or "")


def typed_title(widget: str) -> str:
    """What was just sent from a conversation's title box."""
    return str(st.session_state[widget] or "")


def show_options(model: str, *, use_cache: bool) -> None:
    """Set the widgets of the options to what holds now, whatever another conversation or tab left in them."""
    st.session_state[MODEL] = model
    st.session_state[USE_CACHE] = use_cache


def picked_model() -> str:
    """What was just picked as the conversation's model."""
    return str(st.session_state[MODEL])


def picked_use_cache() -> bool:
    """How the cache was just switched."""
    return bool(st.session_state[USE_CACHE])
