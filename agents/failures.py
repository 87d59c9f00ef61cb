"""What went wrong between us and a model, as a sentence with what to do about it."""

import json
from collections.abc import Callable
from typing import Any

import httpx2
import openai

from agents.models import Model
from state.errors import RoundtableError


def to_sentence(error: BaseException, model: Model, *, has_text: bool) -> str:
    """Say an error in words. Nothing of the error's own text is used: it may hold an address, a header or a key."""
    kept = " The text so far is kept." if has_text else ""
    return _cause(error, model) + kept


def _cause(error: BaseException, model: Model) -> str:
    if isinstance(error, RoundtableError):
        return str(error)
    server = f"The model's server ({model.provider})"
    for kinds, say in _SENTENCES:
        if isinstance(error, kinds):
            return f"{server} {say(error, model)}"
    return "Something unexpected went wrong in this run; the server's log has the details. The next prompt starts afresh."


def _refused_key(_error: Any, _model: Model) -> str:
    return "refused the key. Check it in `.env`, restart, and send the prompt again."


def _unknown_model(_error: Any, model: Model) -> str:
    return f"does not know the model `{model.name}`. Check its name and the address in `.env`, and restart."


def _invalid(_error: Any, _model: Model) -> str:
    return (
        "refused the request as invalid. The conversation may be too long for it, or it lacks a feature this mode needs; "
        "begin a new conversation."
    )


def _rate_limit(error: openai.RateLimitError, _model: Model) -> str:
    if error.code == "insufficient_quota":
        return "says the account's quota is used up. Check its plan and billing; then send the prompt again."
    wait = error.response.headers.get("retry-after", "")
    when = f"in {wait} seconds" if wait.isdigit() else "in a minute"
    return f"is limiting requests. Try again {when}."


def _server_trouble(error: openai.APIStatusError, _model: Model) -> str:
    return f"failed with status {error.status_code}. That is its own trouble: try again in a minute."


def _silent(_error: Any, _model: Model) -> str:
    return "stayed silent for too long. Try again; if it is often slow, raise ROUNDTABLE_MODEL_TIMEOUT."


def _connection(error: Exception, _model: Model) -> str:
    if isinstance(error, httpx2.ConnectError) or isinstance(error.__cause__, httpx2.ConnectError):
        return "cannot be reached. Check that it runs, its address in `.env`, and the network; then try again."
    return "hung up in the middle of its answer. Send the prompt again, or ask it to go on."


def _unreadable(_error: Any, _model: Model) -> str:
    return "sent something that could not be understood. Try again; if it stays so, check that it speaks OpenAI's protocol."


_SENTENCES: tuple[tuple[tuple[type[Exception], ...], Callable[[Any, Model], str]], ...] = (
    ((openai.AuthenticationError, openai.PermissionDeniedError), _refused_key),
    ((openai.NotFoundError,), _unknown_model),
    ((openai.RateLimitError,), _rate_limit),
    ((openai.BadRequestError,), _invalid),
    ((openai.APIStatusError,), _server_trouble),
    ((openai.APITimeoutError, httpx2.TimeoutException), _silent),
    ((openai.APIConnectionError, httpx2.TransportError), _connection),
    ((openai.APIError, json.JSONDecodeError, UnicodeDecodeError), _unreadable),
)
"""The first whose kind an error is says it; narrower kinds therefore stand before wider ones."""
