"""A model: what is known of it, and the client that talks to it."""

from dataclasses import dataclass

from autogen_core.models import ChatCompletionClient, ModelInfo

from agents.models.capabilities import capabilities, context_tokens, parameters
from agents.models.providers import build_client
from state.settings import ModelSpec, Price


@dataclass(frozen=True)
class Model:
    """A model people can pick."""

    spec: ModelSpec
    why: str
    """Why it is there to pick, as a sentence for Settings."""
    timeout: float
    """Seconds of silence from its server after which a request fails."""
    fingerprint: str = ""
    """Of a component's file."""

    @property
    def name(self) -> str:
        """What people pick it by, and what a conversation remembers."""
        return self.spec.name

    @property
    def provider(self) -> str:
        return self.spec.provider

    @property
    def label(self) -> str:
        """The provider and the model's own name."""
        return f"{self.spec.provider} · {self.spec.model}"

    @property
    def is_demo(self) -> bool:
        return self.spec.provider == "demo"

    @property
    def info(self) -> ModelInfo:
        return capabilities(self.spec)

    @property
    def price(self) -> Price | None:
        return self.spec.price

    @property
    def identity(self) -> str:
        """What an answer depends on besides the request itself, with nothing secret: cached answers are told apart by it."""
        sent = sorted(parameters(self.spec).items())
        endpoint = f"{self.spec.provider}|{self.spec.base_url}|{self.spec.api_version}"
        return f"{endpoint}|{self.spec.model}|{self.fingerprint}|{sent}"

    @property
    def context_tokens(self) -> int:
        """About how much of a long conversation is sent to it."""
        return context_tokens(self.spec)

    def build(self) -> ChatCompletionClient:
        """Make its client, which belongs to the first loop that it is used on. May take a fifth of a second."""
        return build_client(self.spec, self.timeout)
