"""The coding pair's assistant: writes one small program and reacts to what came of it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from string import Template

from autogen_core.models import AssistantMessage, LLMMessage, UserMessage

from agents.models.demo import programs, reading, script
from agents.models.demo.request import Request, to_text

OUTPUT_CHARACTERS = 3000
TEXT_CHARACTERS = 2000
TERMINATE = "TERMINATE"

_PROGRAMMER = re.compile(r"\b(python|code|program\w*|script)\b", re.IGNORECASE)
_CODE = re.compile(r"```(?:python|sh)\n")
_RESULT = re.compile(r"\A(The script ran|Code execution was|No code blocks found)")
_DENIED = re.compile(r"not approved|denied|refused to run|rejected", re.IGNORECASE)
_NO_CODE = re.compile(r"no code blocks found", re.IGNORECASE)
_ERROR = re.compile(
    r"exited with an error|Traceback \(most recent call last\)|exit code:? *[1-9]|^\w+(?:Error|Exception): |timed? ?out",
    re.IGNORECASE | re.MULTILINE,
)
_TALK = re.compile(r"\s*(hi|hello|hey|help)\b(?!,? world)[\w\s,!.?]{0,20}\Z|.*\b(what can you|who are you)\b", re.IGNORECASE)
_PRINTED = re.compile(r"\b(?:prints?|say|says) (?:out )?(?!hello,? world)(\w[^\n]*?)(?: (?:to|on) [^\n]*)?[.!]?\Z", re.IGNORECASE)


@dataclass(frozen=True)
class Kind:
    """A kind of task, known by words of the prompt."""

    words: str
    title: str
    program: str
    shows: str
    """What its output is."""
    simpler: str = programs.TASK


KINDS = (
    Kind(
        r"\b(plots?|charts?|graphs?|draw|diagrams?|histograms?)\b", "draws the values", programs.PLOT, "how the values run", programs.BARS
    ),
    Kind(r"\bcsv\b", "reads a CSV file and sums up each column", programs.CSV, "each column in one line", programs.SAMPLE_CSV),
    Kind(r"\bfibonacci\b", "adds up Fibonacci numbers", programs.FIBONACCI, "each number as the sum of the two before it"),
    Kind(r"\bprimes?\b", "tries the candidates one by one", programs.PRIMES, "the numbers only 1 and themselves divide"),
    Kind(r"\bfizz ?buzz\b", "plays FizzBuzz", programs.FIZZBUZZ, "Fizz for threes and Buzz for fives"),
    Kind(r"\bfactorials?\b", "multiplies the numbers up", programs.FACTORIAL, "the factorial"),
    Kind(
        r"\b(count\w* .*words?|words? (count|frequenc)\w*|words in)",
        "counts words",
        programs.WORDS,
        "how many words there are and which come most often",
    ),
    Kind(
        r"\b(sum|add|average|mean|median|sort\w*|minimum|maximum|largest|smallest)\b",
        "works on the numbers",
        programs.NUMBERS,
        "the figures asked for",
    ),
    Kind(
        r"\b(date|today|current time|time now|what time|day is it)\b", "asks the computer's clock", programs.DATE, "the date and the time"
    ),
    Kind(r"\bhello,? world\b|\b(print|say|output)\b", "prints the text", programs.HELLO, "the text asked for"),
)
OTHER = Kind("", "prints the task and counts its words, as none of my programs fits it", programs.TASK, "your task, looked at word by word")

_FUNCTIONS = (
    (r"\bcos", "math.cos(x)"),
    (r"\b(x\s*(\*\*|\^)\s*2|x²|squares?|quadratic|parabola)", "x ** 2"),
    (r"\bexp", "math.exp(x)"),
    (r"\b(line|linear)\b", "x"),
)


def answer(request: Request) -> str | None:
    """Write a program for the prompt, or react to what came of the last one."""
    if TERMINATE not in request.system or not _PROGRAMMER.search(request.system) or not request.prompts:
        return None
    since, result = _result(request)
    if result is not None:
        prompt = request.prompts[-1] if since is request.since_prompt else (request.prompts[-2:-1] or [""])[0]
        return _react(prompt, result, attempts=_attempts(since))
    if _TALK.match(request.prompt):
        return f"{script.answer(request.prompts)}\n\nName a task for a program, and the other agent runs it.\n\n{TERMINATE}"
    return _write(request.prompt)


def find_kind(prompt: str) -> Kind:
    return next((kind for kind in KINDS if re.search(kind.words, prompt[: reading.READ_CHARACTERS], re.IGNORECASE)), OTHER)


def write_program(prompt: str, template: str) -> str:
    """Fill a template with what the prompt says; all of it goes in as literals."""
    read = prompt[: reading.READ_CHARACTERS]
    numbers = reading.numbers(read)
    count = int(max(1, min(next((number for number in numbers if number > 0), 10), 1000)))
    first = bool(re.search(r"\bfirst\b|\d+ primes", read, re.IGNORECASE))
    return Template(template).substitute(
        text=_literal(_text(prompt)),
        file=_literal(_file(read)),
        numbers=numbers[:200] if len(numbers) > 1 or (template is programs.NUMBERS and numbers) else _sample(template),
        count=min(count, 200),
        wanted=count if first else 10_000,
        limit=10_000 if first else max(count, 2) if numbers else 100,
        function=next((function for words, function in _FUNCTIONS if re.search(words, read, re.IGNORECASE)), "math.sin(x)"),
    )


def _result(request: Request) -> tuple[Sequence[LLMMessage], str | None]:
    """Find what was said last about a program, and the messages since its prompt."""
    last = request.messages[-1]
    if not isinstance(last, UserMessage):
        return request.since_prompt, None
    if not request.is_prompt(last):
        return request.since_prompt, to_text(last)
    before = request.messages[-2:-1]
    is_result = bool(before) and bool(_CODE.search(to_text(before[0]))) and bool(_RESULT.match(to_text(last)))
    return before, to_text(last) if is_result else None


def _attempts(messages: Sequence[LLMMessage]) -> int:
    return sum(isinstance(message, AssistantMessage) and bool(_CODE.search(to_text(message))) for message in messages)


def _write(prompt: str) -> str:
    kind = find_kind(prompt)
    return (
        f"I am the **demo model** and have a small table of programs. This one {kind.title}:\n\n"
        f"```python\n{write_program(prompt, kind.program)}```"
    )


def _react(prompt: str, result: str, *, attempts: int) -> str:
    if _DENIED.search(result[:300]):
        return f"The program was not run, as that was not allowed. So there is no result to show.\n\n{_output(result)}\n\n{TERMINATE}"
    if _NO_CODE.search(result) or not attempts:
        return TERMINATE
    kind = find_kind(prompt)
    if not _ERROR.search(result):
        return f"The program ran. Its output shows {kind.shows}:\n\n{_output(result)}\n\n{TERMINATE}"
    if attempts > 1:
        return f"The simpler program failed too, and a script like me knows no third way:\n\n{_output(result)}\n\n{TERMINATE}"
    return f"That did not work: {_reason(result)} Here is a simpler program:\n\n```python\n{write_program(prompt, kind.simpler)}```"


def _reason(result: str) -> str:
    lines = [line.strip() for line in result.splitlines() if re.match(r"\s*\w*(Error|Exception)\b", line)]
    return f"`{lines[-1][:200].replace('`', '')}`." if lines else "the program ended with an error."


def _output(result: str) -> str:
    text = result.strip().replace("```", "'''")
    if len(text) > OUTPUT_CHARACTERS:
        text = f"{text[:OUTPUT_CHARACTERS]}\n…"
    return f"```text\n{text}\n```"


def _text(prompt: str) -> str:
    named = reading.quoted(prompt[: reading.READ_CHARACTERS])
    after_colon = prompt.partition(":")[2].strip()
    if named:
        return named[0]
    if after_colon:
        return after_colon
    printed = _PRINTED.search(prompt[: reading.READ_CHARACTERS])
    if printed:
        return printed.group(1)
    return "Hello, world!" if not prompt.strip() or re.search(r"\bhello,? world\b", prompt, re.IGNORECASE) else prompt


def _file(prompt: str) -> str:
    named = [name for name in reading.quoted(prompt) if name.lower().endswith(".csv")]
    return next(iter(named + re.findall(r"[\w./-]{1,200}\.csv\b", prompt, re.IGNORECASE)), "data.csv" if "csv" in prompt.lower() else "")


def _sample(template: str) -> list[float | int]:
    return [3, 1, 4, 1, 5, 9, 2, 6] if template is programs.NUMBERS else []


def _literal(text: str) -> str:
    """Write a text as a literal that can end neither itself nor the code block around it."""
    return ascii(text[:TEXT_CHARACTERS].encode("utf-8", "replace").decode()).replace("`", r"\x60")
