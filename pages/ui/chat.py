"""A page to converse on, in any mode."""

from collections.abc import Callable, Sequence

import streamlit as st

from agents.application import application
from agents.feed import Now
from agents.mode import Mode
from agents.modes import find_mode
from pages.ui.actions import Actions, checked_prompt
from pages.ui.address import ADDRESS
from pages.ui.downloads import render_downloads
from pages.ui.files import keep_dropped, render_files
from pages.ui.identity import current_user
from pages.ui.live import render_live
from pages.ui.markdown import escaped
from pages.ui.options import chosen_options, render_options
from pages.ui.session import PROMPT, dropped_files, put_back, tab, typed_prompt
from pages.ui.taken import to_taken
from pages.ui.transcript import render_answer, render_prompt, render_unended, speaking
from state.conversations import Beginning, Conversation, Totals
from state.errors import ConversationBusy, RoundtableError
from state.events import UserMessage
from state.store import Store
from state.turns import Turn, to_turns
from state.workspaces import FILE_BYTES


def render_chat(mode: Mode, render_ground: Callable[[], None] = lambda: None) -> None:
    """A conversation, or the way to begin one with `render_ground` under it: what the page has to say beside."""
    store = application().store(current_user())
    id = st.query_params.get(ADDRESS)
    conversation = store.conversation(id) if id else None
    if id == tab().new_conversation:
        tab().begin_another()
    if conversation is not None and conversation.mode != mode.key and find_mode(conversation.mode):
        st.switch_page(f"{conversation.mode}.py", query_params={ADDRESS: conversation.id})
    if conversation is None:
        _render_welcome(mode)
        render_ground()
    else:
        st.query_params[ADDRESS] = conversation.id  # a link to the page one is on leaves the browser's address as it was
        _render_conversation(mode, store, conversation)
    _render_prompt_box(mode, conversation)


def _render_welcome(mode: Mode) -> None:
    st.title(mode.title, anchor=False)
    st.write(mode.summary)
    for number, example in enumerate(mode.examples):
        st.button(
            example,
            key=f"example_{number}",
            on_click=_send_example,
            args=(mode, tab().new_conversation, example),
            icon=":material/arrow_forward:",
        )
    if application().catalog.find(chosen_options(None).model).is_demo:
        st.info(
            "The built-in **demo model** answers here, from a script. To connect a real one, put "
            "`OPENAI_API_KEY=…` into a file named `.env` beside `app.py` and restart; `.env.example` lists every choice.",
            icon=":material/school:",
        )


def _render_conversation(mode: Mode, store: Store, conversation: Conversation) -> None:
    now = application().runner.feed(store, conversation.id).now
    with st.container(horizontal=True, vertical_alignment="center", key="heading"):
        st.markdown(f"**{escaped(conversation.title)}**  \n:small[:gray[{_taken(store.totals(conversation.id))}]]")
        render_downloads(store, conversation)
    if mode.runs_code:
        render_files(conversation.id)
    transcript = store.transcript(conversation.id, tab().events_shown(conversation.id))
    if transcript.has_earlier:
        st.button("Show earlier", key="show_earlier", on_click=tab().show_earlier, args=(conversation.id,), icon=":material/expand_less:")
    turns = to_turns(entry for entry in transcript.entries if entry.seq <= now.head)
    actions = Actions(mode, conversation, transcript.versions, is_live=now.status is not None)
    for turn in turns:
        with st.container(key=f"turn_{turn.runs[0]}"):
            _render_turn(actions, turn, now, is_last=turn is turns[-1])
    if transcript.later and now.status is None:
        actions.render_later(transcript.later)
    if now.status in {None, "waiting"}:
        render_live(current_user(), conversation.id, now)
    else:
        with speaking(mode, now.draft.source if now.draft else mode.speakers[0].name):
            render_live(current_user(), conversation.id, now)


def _render_turn(actions: Actions, turn: Turn, now: Now, *, is_last: bool) -> None:
    if turn.prompt is not None and turn.runs[0] == tab().editing:
        actions.render_editor(turn)
    elif turn.prompt is not None:
        render_prompt(turn.prompt)
    goes_on = is_last and now.draft is not None and bool(now.draft.lead)  # the live text begins with the last message then
    said = turn.said[:-1] if goes_on else turn.said
    render_answer(actions.mode, actions.conversation.id, turn, said, lambda: actions.render_next_steps(turn) if is_last else None)
    if turn.ended is not None:
        actions.render(turn, is_last=is_last)
    elif now.status is None and is_last:
        render_unended()


def _taken(totals: Totals) -> str:
    turns = "1 turn" if totals.turns == 1 else f"{totals.turns:,} turns"
    return " · ".join(filter(None, [turns, to_taken(totals.usage, totals.cost), f"{totals.seconds:.0f} s"]))


def _render_prompt_box(mode: Mode, conversation: Conversation | None) -> None:
    id = conversation.id if conversation else None
    with st.bottom:
        if notice := tab().take_notice():
            st.warning(notice, icon=":material/info:")
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", key="prompt_row"):
            render_options(conversation)
            _render_stop(id)
        st.chat_input(
            mode.placeholder,
            key=PROMPT,
            accept_file="multiple" if mode.runs_code else False,
            max_upload_size=FILE_BYTES // 1_000_000,
            on_submit=_send_typed,
            args=(mode, id, tab().new_conversation),
        )


def _render_stop(id: str | None) -> None:
    app, store = application(), application().store(current_user())
    run = app.runner.find(store, id) if id else None
    if run is not None:
        label = "Stopping…" if run.is_stopping else "Stop"
        st.button(label, key="stop", icon=":material/stop_circle:", on_click=run.stop, disabled=run.is_stopping)
    elif id and store.waiting_run(id):
        st.button("Stop", key="stop", icon=":material/stop_circle:", on_click=app.runner.stop, args=(store, id))


def _send_typed(mode: Mode, conversation: str | None, new_id: str) -> None:
    """A callback, so that a prompt is taken before anything else in the rerun can supersede it."""
    prompt, files = typed_prompt(), dropped_files()
    if not prompt.strip() and files:
        prompt = f"Look at {', '.join(name for name, _ in files)}."
    if prompt.strip() and (refusal := _send(mode, conversation, new_id, prompt, files)):
        tab().notice = str(refusal)
        put_back(prompt)


def _send_example(mode: Mode, new_id: str, example: str) -> None:
    refusal = _send(mode, None, new_id, example)
    if refusal and not isinstance(refusal, ConversationBusy):  # busy only by a double click: it has been sent
        tab().notice = str(refusal)


def _send(
    mode: Mode, conversation: str | None, new_id: str, prompt: str, files: Sequence[tuple[str, bytes]] = ()
) -> RoundtableError | None:
    """Start a run and go to its conversation. Returns what refused it, if anything did."""
    app, refusal = application(), None
    try:
        kept = keep_dropped(conversation or new_id, files)
        message, beginning = UserMessage(text=checked_prompt(prompt), files=kept), Beginning(new_id=new_id, options=tab().options)
        app.runner.start(app.store(current_user()), mode, message, conversation, beginning)
        tab().has_sent()
    except RoundtableError as error:
        refusal = error
    if refusal is None or isinstance(refusal, ConversationBusy):
        st.query_params[ADDRESS] = conversation or new_id
    return refusal
