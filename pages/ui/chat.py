"""A page to converse on, in any mode."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import streamlit as st

from agents.application import application
from agents.feed import Now
from agents.images.preparing import PreparedImage
from agents.mode import Mode
from agents.modes import find_mode
from pages.ui.actions import Actions, checked_prompt
from pages.ui.address import ADDRESS, forget_place, named_place, whereabouts, widgets_of
from pages.ui.answers import Asked
from pages.ui.attachments import FILE_TYPES, MAX_MEGABYTES, can_see, render_attachments, render_batch_switch, take_in, to_message
from pages.ui.batch import render_progress
from pages.ui.boxes import Box, meant, name_of_present
from pages.ui.copying import render_copying
from pages.ui.drafts import render_drafts
from pages.ui.files import render_files
from pages.ui.found import Place, to_place
from pages.ui.identity import current_user
from pages.ui.live import render_live
from pages.ui.notices import refusals_noticed, render_notice
from pages.ui.options import chosen_options, render_options
from pages.ui.plan import last_plan
from pages.ui.questions import open_requests, render_questions
from pages.ui.reading import render_earlier, render_heading, render_read_only, shown_transcript
from pages.ui.roles import render_roles
from pages.ui.session import PROMPT, Typed, end_batch, put_back, tab, typed_prompt
from pages.ui.team import present_speaker, render_team
from pages.ui.transcript import render_answer, render_changes, render_prompt, render_unended, speaking
from state.conversations import Beginning, Conversation, Options
from state.errors import ConversationBusy, RoundtableError
from state.events import InputRequested, PlanMade, UserMessage
from state.store import Store
from state.turns import Turn, to_turns
from state.workspaces import FILE_BYTES

DEMO = (
    ":material/school: The built-in **demo model** answers: a script that needs no key and no network. To connect a real one, put a line "
    "such as `OPENAI_API_KEY=…` into a file named `.env` beside `app.py` and restart Roundtable; *Settings* says more."
)
NOT_SEEN = "The agent there has asked you something. Your text is in the box; send it again if it is your answer."
ANSWERED_WITHOUT = "An answer cannot carry pictures. They are kept for your next prompt."


def render_chat(mode: Mode, render_ground: Callable[[], None] = lambda: None) -> None:
    """A conversation, or the way to begin one with `render_ground` under it: what the page has to say beside."""
    store, tab().mode = application().store(current_user()), mode.key
    id = st.query_params.get(ADDRESS)
    conversation = store.conversation(id) if id else None
    if conversation is not None and conversation.mode != mode.key and find_mode(conversation.mode):
        st.switch_page(f"{conversation.mode}.py", query_params={ADDRESS: conversation.id})
    now: Now | None = None
    if conversation is None:
        _render_welcome(mode)
        render_ground()
    else:
        st.query_params[ADDRESS] = conversation.id  # a link to the page one is on leaves the browser's address as it was
        if conversation.mode != mode.key:
            render_read_only(store, conversation)
            return
        now = application().runner.feed(store, conversation.id).now
        with widgets_of(conversation.id):
            _render_conversation(mode, store, conversation, now)
            render_copying()
    _render_prompt_box(mode, conversation, now)


def _render_welcome(mode: Mode) -> None:
    st.title(mode.title, anchor=False)
    st.write(mode.summary)
    with st.container(key="welcome"):
        for number, example in enumerate(mode.examples):
            st.button(
                example,
                key=f"example_{number}",
                on_click=send_example,
                args=(mode, tab().new_conversation, example),
                icon=":material/arrow_forward:",
            )
    if application().catalog.find(chosen_options(None).model).is_demo:
        st.caption(DEMO)


def _render_conversation(mode: Mode, store: Store, conversation: Conversation, now: Now) -> None:
    render_heading(store, conversation)
    if mode.runs_code:
        render_files(conversation.id)
    transcript = shown_transcript(store, conversation.id)
    render_earlier(conversation.id, transcript)
    turns = to_turns(entry for entry in transcript.entries if entry.seq <= now.head)
    if mode.has_roles and turns:
        render_team(mode, turns[-1], now)
    actions = Actions(mode, conversation, transcript.versions, store.feedback(conversation.id), is_live=now.status is not None)
    for before, turn in zip([None, *turns], turns, strict=False):
        if before is not None:
            render_changes(before, turn)
        with st.container(key=f"turn_{turn.runs[0]}"):
            _render_turn(actions, turn, now, is_last=turn is turns[-1], plan=last_plan(turns))
    if transcript.later and now.status is None:
        actions.render_later(transcript.later)
    if transcript.elsewhere:
        actions.render_elsewhere(transcript.elsewhere)
    _render_present(mode, conversation, turns, now, to_place(turns, transcript.entries, named_place()))


def _render_present(mode: Mode, conversation: Conversation, turns: Sequence[Turn], now: Now, found: Place | None) -> None:
    """What is going on: a question, the text being written, or nothing, and then the page still listens."""
    last = turns[-1] if turns else None
    if now.status == "waiting" and last:
        render_questions(mode, conversation, last.said)
    ended = last.ended.status if last and last.ended else None
    if now.status in {None, "waiting"}:
        render_live(current_user(), conversation, now, ended, found)
    else:
        with speaking(mode, present_speaker(mode, last, now)):
            if last:
                render_progress(last)
            render_live(current_user(), conversation, now, ended, found)


def _render_turn(actions: Actions, turn: Turn, now: Now, *, is_last: bool, plan: PlanMade | None) -> None:
    if turn.prompt is not None and turn.runs[0] == tab().editing:
        actions.render_editor(turn)
    elif turn.prompt is not None:
        render_prompt(turn.prompt, turn.runs[0], is_in_table=bool(turn.described))
    goes_on = is_last and now.draft is not None and bool(now.draft.lead)  # the live text begins with the last message then
    said = turn.said[:-1] if goes_on else turn.said
    again = actions.describe_again if is_last and not actions.is_live else None
    next_steps = partial(actions.render_next_steps, turn) if is_last else _nothing
    render_answer(actions.mode, actions.conversation.id, turn, said, next_steps, again, plan=plan)
    if turn.ended is not None:
        actions.render(turn, is_last=is_last)
    elif now.status is None and is_last:
        render_unended()


def _nothing() -> None:
    """An earlier turn offers nothing under its end."""


def _render_prompt_box(mode: Mode, conversation: Conversation | None, now: Now | None) -> None:
    id = conversation.id if conversation else None
    with st.bottom:
        render_notice()
        with widgets_of(id):
            _render_prompt_row(mode, conversation, now)
        render_attachments(mode, conversation)
        types, megabytes = _accepted_files(mode, conversation)
        box = Box(mode, id, tab().new_conversation)
        st.chat_input(
            mode.placeholder,
            key=PROMPT,
            accept_file="multiple" if megabytes else False,
            file_type=types,
            max_upload_size=megabytes,
            on_submit=_send_typed,
            args=(box,),
        )
        render_drafts(box.name)
        tab().has_gone(whereabouts())


def _render_prompt_row(mode: Mode, conversation: Conversation | None, now: Now | None) -> None:
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", key="prompt_row"):
        with st.container(horizontal=True, vertical_alignment="center", width="content", key="choices"):
            render_options(mode, conversation)
            render_batch_switch(mode, conversation)
            if mode.has_roles:
                render_roles(mode, conversation)
        if conversation is not None and now is not None:
            _render_stop(conversation.id, now)


def _accepted_files(mode: Mode, conversation: Conversation | None) -> tuple[list[str] | None, int | None]:
    """The types of files that prompts may take along, None for any, and their megabytes, None where they take none."""
    most = application().settings.upload_megabytes
    if mode.runs_code:
        return None, min(FILE_BYTES // 1_000_000, most)
    return FILE_TYPES, min(MAX_MEGABYTES, most) if mode.takes_images and can_see(conversation) else None


def _render_stop(id: str, now: Now) -> None:
    if now.status is not None:
        is_stopping = now.status == "stopping"
        label = "Stopping…" if is_stopping else "Stop"
        st.button(label, key="stop", icon=":material/stop_circle:", on_click=_stop, args=(id,), disabled=is_stopping)


def _stop(id: str) -> None:
    with refusals_noticed():
        application().runner.stop(application().store(current_user()), id)


def _send_typed(drawn: Box) -> None:
    """A callback, so that a prompt is taken before anything else in the rerun can supersede it.

    While the agent waits for the answer to a question, what is typed is the answer.
    """
    typed = typed_prompt()
    try:
        box = meant(drawn)
        asked = _seen_question(box, drawn) if typed.text.strip() else None
    except RoundtableError as error:
        tab().notice = str(error)
        put_back(typed.text, name_of_present(drawn))
        if drawn.mode.takes_images:
            tab().attach(take_in(typed.uploads)[0])
        return
    if asked:
        _answer(box, asked, typed)
    elif box.mode.takes_images:
        _send_with_pictures(box, drawn, typed)
    else:
        _send_with_files(box, drawn, typed)


def _answer(box: Box, asked: InputRequested, typed: Typed) -> None:
    """Give what was typed as the answer. Pictures go with prompts only: they wait for the next one."""
    if not Asked(box.mode, box.name, asked).answer(text=typed.text):
        put_back(typed.text, box.name)
    if typed.uploads:
        pictures, left_out = take_in(typed.uploads)
        tab().attach(pictures)
        tab().notice = "\n\n".join(filter(None, [tab().notice, ANSWERED_WITHOUT, *left_out]))


def _send_with_files(box: Box, drawn: Box, typed: Typed) -> None:
    files = [(upload.name, upload.data) for upload in typed.uploads]
    text = typed.text if typed.text.strip() or not files else f"Look at {', '.join(name for name, _ in files)}."
    if not text.strip():
        return
    if refusal := _send(box, UserMessage(text=text), files=files):
        tab().notice = str(refusal)
        put_back(text, box.name)
    else:
        tab().has_sent(drawn.name)


def _send_with_pictures(box: Box, drawn: Box, typed: Typed) -> None:
    pictures, left_out = take_in(typed.uploads)
    if not typed.text.strip() and not pictures and not left_out:
        return
    if typed.uploads and not pictures:
        refusal: RoundtableError | None = RoundtableError("\n\n".join(left_out))  # a question about a picture is none without it
    else:
        refusal = _send(box, to_message(typed.text, pictures, left_out), pictures)
    tab().attach(pictures if refusal else ())
    if refusal is None:
        tab().has_sent(drawn.name)
        end_batch()
    else:
        tab().notice = str(refusal)
        put_back(typed.text, box.name)


def _seen_question(box: Box, drawn: Box) -> InputRequested | None:
    """The question that a prompt answers. Raises RoundtableError for one that was not there to be seen yet."""
    asked = _open_question(box.conversation) if box.conversation else None
    if asked and box.conversation != drawn.conversation:
        raise RoundtableError(NOT_SEEN)
    return asked


def _open_question(conversation: str) -> InputRequested | None:
    store = application().store(current_user())
    waiting = store.waiting_run(conversation)
    if waiting is None:
        return None
    said = [entry.event for entry in store.transcript(conversation, 1).entries]
    return next((request for request in open_requests(said) if request.kind == "question"), None)


def send_example(mode: Mode, new_id: str, example: str) -> None:
    """Begin a conversation with an example."""
    refusal = _send(Box(mode, None, new_id), UserMessage(text=example))
    if refusal is None:
        tab().has_sent()
    elif not isinstance(refusal, ConversationBusy):  # busy only by a double click: it has been sent
        tab().notice = str(refusal)


def _send(
    box: Box, message: UserMessage, pictures: Sequence[PreparedImage] = (), files: Sequence[tuple[str, bytes]] = ()
) -> RoundtableError | None:
    """Start a run and go to its conversation. Returns what refused it, if anything did."""
    refusal = None
    try:
        checked_prompt(message.text)
        _start(box, message, {picture.stored.id: picture.data for picture in pictures}, files)
    except RoundtableError as error:
        refusal = error
    if not box.is_left and (refusal is None or isinstance(refusal, ConversationBusy)):
        st.query_params[ADDRESS] = box.conversation or box.new
    return refusal


def _start(box: Box, message: UserMessage, images: Mapping[str, bytes], files: Sequence[tuple[str, bytes]]) -> None:
    app, store = application(), application().store(current_user())
    beginning = Beginning(new_id=box.new, options=tab().chosen.get(box.mode.key, Options()))
    if box.conversation and box.mode.takes_wishes and app.runner.find(store, box.conversation):
        app.runner.add_wish(store, box.conversation, message)
    else:
        app.runner.start(store, box.mode, message, box.conversation, beginning, images=images, files=files)
    if box.conversation is None:
        tab().has_begun(box.mode.key)
    forget_place()
