"""What went wrong between us and a model: told apart, retried or not, and said with what to do about it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil, isfinite
from typing import Literal

from state.errors import RoundtableError
from state.settings import ModelSpec

Kind = Literal[
    "key",
    "sign-in",
    "unknown model",
    "quota",
    "rate limit",
    "too long",
    "content filter",
    "no vision",
    "no tools",
    "invalid",
    "server",
    "unreachable",
    "hung up",
    "silent",
    "broken",
    "unreadable",
    "unexpected",
]
LONGEST_WAIT = 60.0
"""Seconds. A server that asks for more is better tried again by the person."""
FIRST_WAIT = 0.5


@dataclass(frozen=True)
class Failure:
    kind: Kind
    status: int | None = None
    retry_after: float | None = None
    """Seconds, as the server asked."""

    @property
    def is_about_the_request(self) -> bool:
        """The server would refuse the same request whenever it came, and so every later one that holds it."""
        return self.kind in {"too long", "content filter", "no vision", "no tools", "invalid"}

    def wait_before_retry(self, attempt: int) -> float | None:
        """Seconds to wait before the next attempt, after `attempt` have failed; None when another would not help.

        Nothing may have come of this one. A server hangs up before it answers when it closes a connection it has kept in the very
        moment it is used again: uvicorn, and so vLLM, keeps one for five seconds, and so do our clients.
        """
        if self.kind not in {"rate limit", "server", "unreachable", "hung up"}:
            return None
        wait = FIRST_WAIT * 2 ** (attempt - 1) if self.retry_after is None else self.retry_after
        return wait if wait <= LONGEST_WAIT else None


def classify(error: BaseException) -> Failure:
    """Tell errors apart by status, by what the server calls them and by kind; the SDKs of all providers name their kinds alike."""
    chain = list(_causes(error))
    names = {kind.__name__ for each in chain for kind in type(each).__mro__}
    status = next((status for each in chain if (status := _status(each)) is not None), None)
    if status is not None:
        return Failure(_kind_of_status(status, " ".join(map(_text, chain))), status, _retry_after(chain))
    if "ValueError" in names and (kind := _REFUSED_HERE.get(str(chain[0]).partition(" and ")[0])):
        return Failure(kind)
    for kind, signs in _SIGNS:
        if names & signs:
            return Failure(kind)
    return Failure("unexpected")


def to_sentence(error: BaseException, model: ModelSpec, *, has_text: bool) -> str:
    """Say an error in words. Nothing of its own text is used, which may hold an address, a header or a key."""
    if isinstance(error, RoundtableError):
        return str(error)
    failure = classify(error)
    kept = " The text so far is kept." if has_text else ""
    return _SENTENCES[failure.kind].format(server=server_name(model), model=model.model, status=failure.status, when=_when(failure)) + kept


def to_note(failure: Failure, server: str, seconds: int, attempt: int, attempts: int) -> str:
    """Say that a request is sent again, and what can be done until then."""
    troubles: dict[Kind, str] = {
        "rate limit": "is limiting requests",
        "unreachable": "cannot be reached",
        "hung up": "hung up before it answered",
    }
    trouble = troubles.get(failure.kind, f"failed with status {failure.status}")
    return f"{server} {trouble}. Trying again in {seconds} s, attempt {attempt + 1} of {attempts}. Wait, or press Stop."


def server_name(model: ModelSpec) -> str:
    """Name a model's server in a sentence."""
    return f"The server of {model.name} ({model.provider})"


def _when(failure: Failure) -> str:
    seconds = failure.retry_after
    if seconds is None:
        return "in a minute"
    return f"in {ceil(seconds)} seconds" if seconds < 120 else f"in {ceil(seconds / 60)} minutes"


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__


def _status(error: BaseException) -> int | None:
    if (said := _SAID_IN_A_STREAM.get(str(getattr(error, "type", "")))) is not None:
        return said
    for holder in (error, getattr(error, "response", None)):
        status = getattr(holder, "status_code", None)
        if isinstance(status, int) and status >= 300:
            return status
    return None


def _text(error: BaseException) -> str:
    return f"{error} {getattr(error, 'code', '')} {getattr(error, 'body', '')}".lower()


def _retry_after(chain: Sequence[BaseException]) -> float | None:
    for error in chain:
        headers = getattr(getattr(error, "response", None), "headers", {})
        for name, unit in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
            try:
                if isfinite(seconds := float(headers[name]) / unit):
                    return max(0.0, seconds)
            except (KeyError, ValueError):
                continue
    return None


def _kind_of_status(status: int, text: str) -> Kind:
    for kind, statuses, words in _STATUSES:
        if (not statuses or status in statuses) and (not words or any(word in text for word in words)):
            return kind
    return "server" if status >= 500 else "invalid"


_STATUSES: tuple[tuple[Kind, set[int], tuple[str, ...]], ...] = (
    ("quota", {402}, ()),
    ("quota", {429}, ("insufficient_quota", "current quota", "credit balance")),
    ("rate limit", {429}, ()),
    ("key", {401}, ()),
    ("key", {400}, ("api key not valid", "invalid api key", "incorrect api key", "invalid x-api-key")),
    ("unknown model", {400, 403}, ("access to model", "model_not_found", "model not found", "deploymentnotfound")),
    ("key", {403}, ()),
    (
        "no vision",
        {400, 404, 415, 422},
        ("image_url", "support image", "image input", "support vision", "not multimodal", "images are not"),
    ),
    ("no tools", {400, 404, 422}, ("support tools", "support tool use", "support function", "tools are not supported")),
    ("unknown model", {404}, ()),
    ("too long", {400, 413, 422}, ("context_length", "context length", "context size", "too long", "too many tokens", "maximum context")),
    ("too long", {413}, ()),
    ("content filter", {400, 422}, ("content_filter", "content filter", "content_policy", "responsibleai")),
    ("server", {408, 409, 425, 529}, ()),
)
"""Told apart by the first line whose status and words fit; no words mean any."""

_SAID_IN_A_STREAM = {
    "authentication_error": 401,
    "permission_error": 403,
    "not_found_error": 404,
    "rate_limit_error": 429,
    "api_error": 500,
    "overloaded_error": 529,
}
"""Anthropic's names for its errors: one that comes in the middle of a stream has the stream's status, 200."""

_REFUSED_HERE: dict[str, Kind] = {
    "Model does not support vision": "no vision",
    "Model does not support function calling": "no tools",
}
"""How AutoGen's clients begin to refuse what a model cannot do, before any request."""

_SIGNS: tuple[tuple[Kind, set[str]], ...] = (
    ("sign-in", {"ClientAuthenticationError", "CredentialUnavailableError"}),
    ("unreachable", {"ConnectError", "ConnectTimeout", "ConnectionError", "ConnectionRefusedError"}),
    ("silent", {"APITimeoutError", "TimeoutException", "TimeoutError"}),
    ("hung up", {"APIConnectionError", "TransportError", "RemoteProtocolError"}),
    ("broken", {"APIError", "ResponseError"}),
    ("unreadable", {"JSONDecodeError", "UnicodeDecodeError", "ValidationError", "UnreadableAnswer"}),
)

_SENTENCES: dict[Kind, str] = {
    "key": "{server} refused the key. Check it in `.env` or `models.yaml`, restart, and try again.",
    "sign-in": "{server} wants Entra ID, and nobody is signed in. Run `az login`, or set AZURE_OPENAI_KEY and restart; then try again.",
    "unknown model": "{server} does not know the model `{model}`. Check its name and address in `.env` or `models.yaml`, and restart.",
    "quota": "{server} says the account's quota is used up. Check its plan and billing; then try again.",
    "rate limit": "{server} is limiting requests. Try again {when}.",
    "too long": "{server} says the conversation is too long for the model. Begin a new one, or have less of it "
    "sent: ROUNDTABLE_CONTEXT_TOKENS, or context_tokens in `models.yaml`.",
    "content filter": "{server} refused the prompt by its content filter. Put it in other words and send it again.",
    "no vision": "{server} says the model `{model}` takes no pictures. Pick one that does, or ask without the picture.",
    "no tools": "{server} says the model `{model}` takes no tools. Pick one that does, or have none "
    "sent: ROUNDTABLE_MODEL_TOOLS=false, or tools: false in `models.yaml`.",
    "invalid": "{server} refused the request as invalid (status {status}). Pick another model or begin a new conversation.",
    "server": "{server} failed with status {status}. The problem is on its side: try again in a minute.",
    "unreachable": "{server} cannot be reached. Check that it runs, its address in `.env` or "
    "`models.yaml`, and the network; then try again.",
    "hung up": "{server} hung up in the middle of its answer. Send the prompt again, or ask it to go on.",
    "silent": "{server} stayed silent for too long. Try again; if it is often slow, raise ROUNDTABLE_MODEL_TIMEOUT.",
    "broken": "{server} reported an error in the middle of its answer. Try again in a minute.",
    "unreadable": "{server} sent something that could not be understood. Try again; if it stays so, check that the address is right.",
    "unexpected": "Something unexpected went wrong in this run; the server's log has the details. The next prompt starts afresh.",
}
