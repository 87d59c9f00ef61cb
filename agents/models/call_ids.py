"""The ids of tool calls: weak servers give all the same, or none, while questions, results and pages tell calls apart by them."""

from collections.abc import Iterable, Sequence
from uuid import uuid4

from autogen_core import FunctionCall
from autogen_core.models import AssistantMessage, CreateResult, LLMMessage


class CallIds:
    """Those of one run. An id is kept where it is the first of its name: some servers take back only what they gave."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def told_apart(self, result: CreateResult, messages: Sequence[LLMMessage]) -> CreateResult:
        """Give each call an id that neither `messages`, which it answers, nor an earlier call has."""
        if isinstance(result.content, str):
            return result
        self._taken.update(_ids_in(messages))
        return result.model_copy(update={"content": [self._own(call) for call in result.content]})

    def _own(self, call: FunctionCall) -> FunctionCall:
        id = f"call_{uuid4().hex}" if not call.id or call.id in self._taken else call.id
        self._taken.add(id)
        return FunctionCall(id=id, name=call.name, arguments=call.arguments)


def _ids_in(messages: Sequence[LLMMessage]) -> Iterable[str]:
    lists = (message.content for message in messages if isinstance(message, AssistantMessage) and isinstance(message.content, list))
    return (call.id for calls in lists for call in calls)
