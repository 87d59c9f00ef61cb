"""What went wrong between us and a model, as a sentence with what to do about it."""

import json

import httpx2
import openai

from agents.models import Model
from state.errors import RoundtableError


def to_sentence(error: BaseException, model: Model, *, has_text: bool) -> str:
    """Say an error in words. Nothing of the error's own text is used: it may hold an address, a header or a key."""
    kept = " The text so far is kept." if has_text else ""
    return _cause(error, model) + kept


def _cause(error: BaseException, model: Model) -> str:
    name = f"The model's server ({model.provider})"
    match error:
        case RoundtableError():
            return str(error)
        case openai.AuthenticationError() | openai.PermissionDeniedError():
            return f"{name} refused the key. Check it in `.env`, restart, and send the prompt again."
        case openai.NotFoundError():
            return f"{name} does not know the model `{model.name}`. Check its name and the address in `.env`, and restart."
        case openai.RateLimitError():
            return _rate_limit(error, name)
        case openai.BadRequestError():
            return f"{name} refused the request as invalid. The conversation may be too long for it, or it lacks a feature; begin a new conversation."
        case openai.APIStatusError():
            return f"{name} failed with status {error.status_code}. That is its own trouble: try again in a minute."
        case openai.APITimeoutError() | httpx2.TimeoutException():
            return f"{name} stayed silent for too long. Try again; if it is often slow, raise ROUNDTABLE_MODEL_TIMEOUT."
        case openai.APIConnectionError() if isinstance(error.__cause__, httpx2.ConnectError):
            return f"{name} cannot be reached. Check that it runs, its address in `.env`, and the network; then try again."
        case openai.APIConnectionError() | httpx2.TransportError():
            return f"{name} hung up in the middle of its answer. Send the prompt again, or ask it to go on."
        case openai.APIError() | json.JSONDecodeError() | UnicodeDecodeError():
            return f"{name} sent something that could not be understood. Try again; if it stays so, check that it speaks OpenAI's protocol."
        case _:
            return "Something unexpected went wrong in this run; the server's log has the details. The next prompt starts afresh."


def _rate_limit(error: openai.RateLimitError, name: str) -> str:
    if error.code == "insufficient_quota":
        return f"{name} says the account's quota is used up. Check its plan and billing; then send the prompt again."
    wait = error.response.headers.get("retry-after", "")
    when = f"in {wait} seconds" if wait.isdigit() else "in a minute"
    return f"{name} is limiting requests. Try again {when}."
