"""What can happen in a conversation: our own vocabulary, which pages, storage and exports share."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, JsonValue, TypeAdapter

from state.images import StoredImage
from state.values import Count, Value

LONGEST_INSTRUCTIONS = 8_000
"""Characters."""

RunStatus = Literal["running", "waiting", "stopping", "finished", "stopped", "failed", "interrupted"]
InputKind = Literal["approval", "question", "budget", "code"]
EndStatus = Literal["finished", "stopped", "failed", "interrupted"]
CodeEnd = Literal["exited", "time", "flood", "memory", "number", "space", "files", "hidden", "stopped", "failed", "denied", "off", "lost"]
"""How a block of code ended. It never began where the person denied it, where code is off, and perhaps where the server was lost."""
MOST_OUTPUT = 1_000_000
"""Characters of one block's output, and of its code."""


def now() -> datetime:
    return datetime.now(UTC)


class Usage(Value):
    """Tokens, as the model's server counted them."""

    prompt_tokens: Count = 0
    completion_tokens: Count = 0

    @property
    def total(self) -> int:
        return self.prompt_tokens + self.completion_tokens

    def plus(self, other: "Usage") -> "Usage":
        return Usage(
            prompt_tokens=self.prompt_tokens + other.prompt_tokens,
            completion_tokens=self.completion_tokens + other.completion_tokens,
        )


class Taken(Value):
    """What a run has taken so far."""

    usage: Usage = Usage()
    seconds: float = 0.0
    """Of work; waiting for the person is none."""
    calls: Count = 0
    """Of models."""


class Event(Value):
    """What every event has."""

    source: str
    """Who said or did it: `user`, an agent's name, or `roundtable` for the application itself."""
    time: AwareDatetime = Field(default_factory=now)


class RoleOption(Value):
    """What a person changed about one of a team."""

    instructions: str = Field("", max_length=LONGEST_INSTRUCTIONS)
    """In place of its own; empty for its own."""
    is_on: bool = True


class KeptFile(Value):
    """A file, with its content as it was at one moment."""

    name: str
    """Its path in the conversation's workspace."""
    bytes: Count
    sha256: str = Field("", pattern="^([0-9a-f]{64})?$")
    """Of the content; empty where that was too large to be kept."""


class UserMessage(Event):
    type: Literal["user_message"] = "user_message"
    source: str = "user"
    text: str
    images: tuple[StoredImage, ...] = ()
    """The pictures that went with it, in the person's order."""
    left_out: tuple[str, ...] = ()
    """A sentence for each file that could not go along."""
    is_batch: bool = False
    """Each picture is described by itself: the answer is a table with a row for each."""
    files: tuple[KeptFile, ...] = ()
    """Files that came with it."""


class Continued(Event):
    """The person wants a broken-off answer to go on. It stands where a prompt would, and the agent reads it as one."""

    type: Literal["continued"] = "continued"
    source: str = "user"
    text: str
    images: tuple[StoredImage, ...] = ()
    """Of a batch, those to be described now."""
    is_batch: bool = False


class AgentMessage(Event):
    type: Literal["agent_message"] = "agent_message"
    text: str
    usage: Usage | None = None
    is_partial: bool = False
    """The run ended before the message did; this is the text that had arrived."""


class TextDelta(Event):
    """A piece of a message being written. It is shown and soon replaced by the message: the log never keeps it."""

    type: Literal["text_delta"] = "text_delta"
    text: str


class Thought(Event):
    """Text the model wrote beside a tool call, or reasoning it showed."""

    type: Literal["thought"] = "thought"
    text: str


class ToolCall(Event):
    type: Literal["tool_call"] = "tool_call"
    call_id: str
    name: str
    arguments: str
    """As the model wrote them: meant to be JSON, not checked to be."""


class ToolResult(Event):
    type: Literal["tool_result"] = "tool_result"
    call_id: str
    name: str
    text: str
    is_error: bool = False


class ToolBegun(Event):
    """A call that the person had to approve was begun: from here on it may have had its effect, so it is never made again."""

    type: Literal["tool_begun"] = "tool_begun"
    call_id: str


class InputRequested(Event):
    """The run waits for the person."""

    type: Literal["input_requested"] = "input_requested"
    request_id: str
    """Its own within the run, and the same when the run is taken up again after the server was gone."""
    kind: InputKind
    title: str
    """What it is about in a few words, such as the name of a tool."""
    text: str
    """The question, in a sentence."""
    details: str = ""
    """What is to be decided on, shown as it is: arguments of a call, or code."""
    choices: tuple[str, ...] = ()
    """Answers that are offered beside one in the person's own words."""
    taken: Taken = Taken()
    """What the run had taken before, to be gone on from."""


class InputAnswered(Event):
    """The person's answer."""

    type: Literal["input_answered"] = "input_answered"
    source: str = "user"
    request_id: str
    is_approved: bool = True
    text: str = ""
    """The answer to a question, the reason of a refusal, or the code as it was edited."""
    for_all: bool = False
    """Whether whatever the run would ask of this kind is approved too."""


class CodeResult(Event):
    """What came of one block of an agent's code."""

    type: Literal["code_result"] = "code_result"
    request_id: str
    """The id that a question about the block has: `code-1`, `code-2` … within the run."""
    language: str
    code: str = Field(max_length=MOST_OUTPUT)
    """What ran, or would have."""
    is_edited: bool = False
    """The person changed the code before it ran."""
    ended: CodeEnd
    exit_code: Count = 0
    seconds: float = 0.0
    output: str = Field("", max_length=MOST_OUTPUT)
    """All that was printed, as far as it is kept, and why it was ended; of a block that did not run, why not."""
    is_truncated: bool = False
    files: tuple[KeptFile, ...] = ()

    @property
    def has_run(self) -> bool:
        return self.ended not in {"denied", "off", "lost"}

    @property
    def is_good(self) -> bool:
        return self.ended == "exited" and self.exit_code == 0


class ImageDescribed(Event):
    """A picture of a batch, described; or why it was not. A later one about the same picture takes an earlier one's place."""

    type: Literal["image_described"] = "image_described"
    image: str
    """The picture's id."""
    name: str
    title: str = ""
    alt_text: str = ""
    """What stands for the picture where it cannot be seen, in a sentence or two."""
    description: str = ""
    tags: tuple[str, ...] = ()
    error: str = ""
    """A sentence. Empty when the picture was described."""


class SpeakerSelected(Event):
    """Who of a team speaks next, and why."""

    type: Literal["speaker_selected"] = "speaker_selected"
    source: str = "roundtable"
    speaker: str
    candidates: tuple[str, ...]
    """Everybody but the speaker before."""
    answers: tuple[str, ...]
    """What the selector answered, attempt by attempt; a failed request has no answer."""
    attempts: Count
    is_fallback: bool
    """No answer named a candidate, so the turn order decided."""
    why: str
    """A sentence."""
    usage: Usage
    """The tokens of all attempts."""


class PlanMade(Event):
    """What a team arrived at, written down as a plan that can be drawn, or a sentence about why it is none."""

    type: Literal["plan_made"] = "plan_made"
    source: str = "roundtable"
    plan: Mapping[str, JsonValue] | None
    findings: tuple[str, ...] = ()
    """What is doubtful in the plan, in sentences."""
    remark: str = ""
    """Why there is no plan, in a sentence."""
    text: str = ""
    """What was written instead of a plan."""


class RunStarted(Event):
    type: Literal["run_started"] = "run_started"
    source: str = "roundtable"
    model: str
    """The model as the page names it, for example `openai · gpt-4.1-mini`."""
    instructions: str = ""
    """The person's own instructions, which took the place of the mode's."""
    tools_off: tuple[str, ...] = ()
    """The names of tools that the person had switched off."""
    roles: Mapping[str, RoleOption] = {}
    """What the person had changed about a team's members, by name."""


class RunEnded(Event):
    type: Literal["run_ended"] = "run_ended"
    source: str = "roundtable"
    status: EndStatus
    reason: str = ""
    """A sentence for the page. Empty when the run simply finished."""
    seconds: float = 0.0
    usage: Usage = Usage()
    """All that the run's calls to models took, also those that left no message, such as picking a speaker."""
    cost: float | None = None
    """US dollars for `usage` at the price configured then, if one was."""
    is_estimated: bool = False
    """A call was broken off, and its share of `usage` is our estimate: servers count at a call's end."""
    is_from_cache: bool = False
    """All answers of the run came from the response cache."""
    is_refused: bool = False
    """The model's server refused the prompt itself. The agent does not remember it, or every later request would be refused too."""
    is_complete: bool = False
    """A team said itself that its work was complete; `reason` then is the rule that ended it."""


SavedEvent = Annotated[
    UserMessage
    | Continued
    | AgentMessage
    | Thought
    | ToolCall
    | ToolBegun
    | ToolResult
    | InputRequested
    | InputAnswered
    | ImageDescribed
    | SpeakerSelected
    | PlanMade
    | CodeResult
    | RunStarted
    | RunEnded,
    Field(discriminator="type"),
]
Prompt = UserMessage | Continued
"""What begins a run."""
ChatEvent = SavedEvent | TextDelta

saved_event: TypeAdapter[SavedEvent] = TypeAdapter(SavedEvent)


class LogEntry(Value):
    """An event in its place in a conversation's log."""

    seq: Count
    """1, 2, 3 … within the conversation, without a gap."""
    run: str
    """The id of the run the event belongs to. Every event belongs to one, prompts included."""
    event: SavedEvent
