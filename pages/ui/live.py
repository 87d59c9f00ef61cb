"""The one custom component: the message being written, and the page's ear for changes."""

from pathlib import Path
from urllib.parse import urlencode

import streamlit as st

from agents.application import application
from agents.feed import Now
from pages.ui.found import Place
from pages.ui.session import LIVE, tab
from pages.web import tickets
from pages.web.events import state_id
from pages.web.parts import part
from pages.web.readers import sign_in_of
from state.conversations import Conversation
from state.events import EndStatus
from state.users import User

HERE = Path(__file__).parent
HTML = """
<div class="live">
  <div class="live-dots" role="status" aria-label="Waiting for the answer"><span></span><span></span><span></span></div>
  <div class="live-text" aria-live="polite"></div>
  <p class="live-note" role="status"></p>
</div>
"""
OVER: dict[EndStatus | None, str] = {
    "finished": "Your answer is ready.",
    "failed": "This answer failed.",
    "interrupted": "This answer was interrupted.",
    "stopped": "This answer was stopped.",
    None: "This answer was cut off.",
}

TYPESETTER = next((Path(st.__file__).parent / "static" / "static" / "js").glob("rehype-katex.*.js"), None)
"""Streamlit's own code that makes formulas of TeX. Without it those of the text being written stay TeX."""
FETCHED_LATE = {"formulas": "$x$", "code": "```\nx\n```", "names": ":x:"}
"""What Streamlit fetches code for when the first message is drawn that needs it, by what live.js calls it."""

_component = st.components.v2.component(
    "roundtable_live",
    html=HTML,
    js=part(
        *(
            HERE / name
            for name in ("lost.js", "links.js", "attention.js", "seconds.js", "questions.js", "found.js", "formulas.js", "live.js")
        )
    ),
    isolate_styles=False,
)


def render_live(user: User, conversation: Conversation, now: Now, ended: EndStatus | None, found: Place | None = None) -> None:
    """Follow a conversation from the present that the page has just drawn: show text being written, rerun on any change.

    The page opens at its end, or at the place `found`. `ended` is how the last turn did.
    """
    drawn = state_id(now)
    ticket = tickets.issue(application().folder.secret, user, conversation.id, sign_in_of(st.context.cookies))
    data = {
        "url": f"/events/{conversation.id}?{urlencode({'ticket': ticket, 'drawn': drawn})}",
        "drawn": drawn,
        "place": f"{conversation.id}/{tab().prompts_sent}",
        "found": found and {**found, "words": tab().looked_for},
        "writing": now.status in {"running", "stopping"},
        "conversation": conversation.id,
        "typesetter": TYPESETTER and f"/static/js/{TYPESETTER.name}",
        "title": conversation.title,
        "over": "Waiting for your reply." if now.status == "waiting" else OVER[ended],
    }
    asked = _component(key=LIVE + conversation.id, data=data, on_changed_change=lambda: None).changed
    _render_fetched_late(str(asked or "").split("."))


def _render_fetched_late(asked: list[str]) -> None:
    """Have Streamlit fetch now what it will draw the text with when it is finished: live.js asks for it as soon as it is needed."""
    if samples := [sample for kind, sample in FETCHED_LATE.items() if kind in asked]:
        with st.container(key="fetched_late"):
            st.markdown("\n\n".join(samples))
