"""The parts of the Settings page."""

import streamlit as st

from agents.application import application
from agents.images.limits import MAX_BATCH, MAX_BYTES, MAX_IMAGES
from agents.models.catalog import Catalog
from agents.models.model import Model
from agents.models.trial import QUESTION, Trial
from pages.ui.markdown import escaped, to_markdown
from pages.ui.session import tab
from pages.ui.taken import to_taken
from state.answers import AnswerCache
from state.images import to_size
from state.settings import Settings
from state.users import User

HOW_TO_ADD = """To add a model, put its key into a file named `.env` beside `app.py` and start Roundtable again, or list several in
`models.yaml`. `.env.example` and `docs/models.md` show every choice. Keys are never shown here."""


def render_models(catalog: Catalog, user: User) -> None:
    st.header("Models", anchor=False)
    for model in catalog.models:
        with st.container(border=True):
            _render_model(model, user, is_default=model is catalog.default)
    st.caption(HOW_TO_ADD)


def _render_model(model: Model, user: User, *, is_default: bool) -> None:
    st.markdown(f"**{escaped(model.name)}**" + (" · default" if is_default else ""))
    st.caption(f"{escaped(model.label)}. {escaped(model.why)} {_abilities(model)}")
    if st.button("Test the connection", key=f"test_{model.name}", icon=":material/network_check:"):
        with st.spinner(f"Asking: {QUESTION}", show_time=True):
            tab().trials[model.name] = application().try_model(model, user)
    if trial := tab().trials.get(model.name):
        _render_trial(trial)


def _render_trial(trial: Trial) -> None:
    if not trial.is_answered:
        st.error(to_markdown(trial.text), icon=":material/error:")
        return
    st.success(f"{QUESTION}\n\n{to_markdown(trial.text)}", icon=":material/check_circle:")
    st.caption(" · ".join(filter(None, [f"{trial.seconds:.2f} s", to_taken(trial.usage, None)])))


def _abilities(model: Model) -> str:
    info = model.info
    named = {"pictures": info["vision"], "tools": info["function_calling"], "JSON": info["json_output"]}
    able = [name for name, can in named.items() if can]
    price = f" A million tokens cost {model.price.prompt:g} USD in and {model.price.completion:g} USD out." if model.price else ""
    takes = f"Takes {', '.join(able)}." if able else "Takes text only."
    return f"{takes} Of a long conversation, the latest {model.context_tokens:,} tokens or so are sent.{price}"


def render_cache(cache: AnswerCache) -> None:
    st.header("Cache of answers", anchor=False)
    st.write(
        "Off unless a conversation switches it on, at the model's name beside the prompt box. Then the very same request gets the same "
        "answer again, at once and without tokens. Only you see your cached answers."
    )
    stats = cache.stats()
    if cache.mended:
        st.warning("The cache was damaged and has been replaced by an empty one. Your conversations are not touched.")
    asked = stats.hits + stats.misses
    with st.container(horizontal=True, key="cache_figures"):
        st.metric("Answers", f"{stats.entries:,}")
        st.metric("Size", f"{stats.bytes / 1_000_000:.2f} MB")
        st.metric("Found", f"{stats.hit_rate:.0%}" if asked else "–", help=f"{stats.hits:,} of {asked:,} requests")
    st.button(
        "Clear the cache",
        key="clear_cache",
        icon=":material/delete_sweep:",
        on_click=cache.clear,
        disabled=not (stats.entries or cache.mended),
    )


def render_limits(settings: Settings) -> None:
    st.header("Limits", anchor=False)
    st.table(
        {
            "Silence from a model's server before a run fails": f"{settings.model_timeout:g} s",
            "Requests sent again when a server is busy or failing": f"{settings.model_retries}",
            "A cached answer is kept for": f"{settings.cache_days:g} days",
            "Pictures with a prompt": f"{MAX_IMAGES}, or {MAX_BATCH} to be described each; up to {to_size(MAX_BYTES)} a file",
            "Size of your cache": f"up to {settings.cache_megabytes:g} MB",
        },
        border="horizontal",
    )
