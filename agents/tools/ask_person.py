"""The agent asks the person something, and waits for the answer."""

import asyncio
from collections.abc import Mapping
from typing import Any

from autogen_core import CancellationToken
from autogen_core.tools import BaseTool
from pydantic import Field

from agents.questions import Questions
from agents.tools.answer import Arguments
from agents.tools.tool import Outcome
from state.events import InputRequested


class Question(Arguments):
    question: str = Field(description="The question, complete in itself, in the person's language.", max_length=2_000)
    choices: list[str] = Field(default=[], description="Likely answers to offer. The person may answer otherwise.", max_length=6)


class AskPerson(BaseTool[Question, Any]):
    """A question as a tool call: the run waits, over reloads and restarts, and goes on with the answer."""

    def __init__(self, questions: Questions, source: str) -> None:
        description = "Ask the person a question and wait for the answer. Use it only when you cannot go on well without knowing."
        super().__init__(Question, str, "ask_person", description)
        self._questions = questions
        self._source = source

    async def run(self, args: Question, cancellation_token: CancellationToken) -> str:
        return await self.run_json(args.model_dump(), cancellation_token)

    def run_json(  # type: ignore[override]  # AutoGen only awaits what it gets
        self, args: Mapping[str, Any], cancellation_token: CancellationToken, call_id: str | None = None
    ) -> Outcome:
        return Outcome(asyncio.ensure_future(self._ask(args, cancellation_token, call_id or "")), cancellation_token)

    async def _ask(self, args: Mapping[str, Any], token: CancellationToken, call_id: str) -> str:
        asked = Question.model_validate(args)
        request = InputRequested(
            source=self._source,
            request_id=call_id,
            kind="question",
            title="Question",
            text=asked.question,
            choices=tuple(choice[:200] for choice in asked.choices),
        )
        answer = await self._questions.ask(request, token)
        return answer.text if answer.is_approved else "The person does not want to answer that. Go on as well as you can without."
