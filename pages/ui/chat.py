"""A page to converse on, in any mode."""

import streamlit as st

from agents.application import application
from agents.feed import Now
from agents.mode import Mode
from agents.modes import find_mode
from pages.ui.actions import Actions, checked_prompt
from pages.ui.address import ADDRESS
from pages.ui.downloads import render_downloads
from pages.ui.identity import current_user
from pages.ui.live import render_live
from pages.ui.markdown import escaped
from pages.ui.options import chosen_options, render_options
from pages.ui.plan import last_plan
from pages.ui.roles import render_roles
from pages.ui.session import PROMPT, put_back, tab, typed_prompt
from pages.ui.taken import to_taken
from pages.ui.team import present_speaker, render_team
from pages.ui.transcript import render_answer, render_prompt, render_unended, speaking_as
from state.conversations import Beginning, Conversation, Totals
from state.errors import ConversationBusy, RoundtableError
from state.events import PlanMade, UserMessage
from state.store import Store
from state.turns import Turn, to_turns


def render_chat(mode: Mode) -> None:
    store = application().store(current_user())
    id = st.query_params.get(ADDRESS)
    conversation = store.conversation(id) if id else None
    if id == tab().new_conversation:
        tab().begin_another()
    if conversation is not None and conversation.mode != mode.key and find_mode(conversation.mode):
        st.switch_page(f"{conversation.mode}.py", query_params={ADDRESS: conversation.id})
    if conversation is None:
        _render_welcome(mode)
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
    transcript = store.transcript(conversation.id, tab().events_shown(conversation.id))
    if transcript.has_earlier:
        st.button("Show earlier", key="show_earlier", on_click=tab().show_earlier, args=(conversation.id,), icon=":material/expand_less:")
    turns = to_turns(entry for entry in transcript.entries if entry.seq <= now.head)
    if mode.is_team and turns:
        render_team(mode, turns[-1], now)
    actions = Actions(mode, conversation, transcript.versions, is_live=now.status is not None)
    for turn in turns:
        with st.container(key=f"turn_{turn.runs[0]}"):
            _render_turn(actions, turn, now, is_last=turn is turns[-1], plan=last_plan(turns))
    if transcript.later and now.status is None:
        actions.render_later(transcript.later)
    if now.status is None:
        render_live(current_user(), conversation.id, now)
    else:
        with speaking_as(mode, present_speaker(mode, turns[-1] if turns else None, now)):
            render_live(current_user(), conversation.id, now)


def _render_turn(actions: Actions, turn: Turn, now: Now, *, is_last: bool, plan: PlanMade | None) -> None:
    if turn.prompt is not None and turn.runs[0] == tab().editing:
        actions.render_editor(turn)
    elif turn.prompt is not None:
        render_prompt(turn.prompt.text)
    goes_on = is_last and now.draft is not None and bool(now.draft.lead)  # the live text begins with the last message then
    said = turn.said[:-1] if goes_on else turn.said
    render_answer(actions.mode, turn, said, lambda: actions.render_next_steps(turn) if is_last else None, plan=plan)
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
            with st.container(horizontal=True, width="content", key="choices"):
                render_options(conversation)
                if mode.is_team:
                    render_roles(mode, conversation)
            _render_stop(id)
        st.chat_input(mode.placeholder, key=PROMPT, on_submit=_send_typed, args=(mode, id, tab().new_conversation))


def _render_stop(id: str | None) -> None:
    run = application().runner.find(application().store(current_user()), id) if id else None
    if run is not None:
        label = "Stopping…" if run.is_stopping else "Stop"
        st.button(label, key="stop", icon=":material/stop_circle:", on_click=run.stop, disabled=run.is_stopping)


def _send_typed(mode: Mode, conversation: str | None, new_id: str) -> None:
    """A callback, so that a prompt is taken before anything else in the rerun can supersede it."""
    prompt = typed_prompt()
    if prompt.strip() and (refusal := _send(mode, conversation, new_id, prompt)):
        tab().notice = str(refusal)
        put_back(prompt)


def _send_example(mode: Mode, new_id: str, example: str) -> None:
    refusal = _send(mode, None, new_id, example)
    if refusal and not isinstance(refusal, ConversationBusy):  # busy only by a double click: it has been sent
        tab().notice = str(refusal)


def _send(mode: Mode, conversation: str | None, new_id: str, prompt: str) -> RoundtableError | None:
    """Start a run and go to its conversation. Returns what refused it, if anything did."""
    app, refusal = application(), None
    try:
        message, beginning = UserMessage(text=checked_prompt(prompt)), Beginning(new_id=new_id, options=tab().options)
        store = app.store(current_user())
        if conversation and mode.takes_wishes and app.runner.find(store, conversation):
            app.runner.add_wish(store, conversation, message)
        else:
            app.runner.start(store, mode, message, conversation, beginning)
        tab().has_sent()
    except RoundtableError as error:
        refusal = error
    if refusal is None or isinstance(refusal, ConversationBusy):
        st.query_params[ADDRESS] = conversation or new_id
    return refusal
