"""The Coding mode: an assistant writes programs, and an executor runs them when the person says so."""

from agents.coding.memory import remembered
from agents.coding.names import ASSISTANT, EXECUTOR
from agents.coding.pair import build_pair
from agents.mode import Mode, Speaker

CODING = Mode(
    key="coding",
    title="Coding",
    icon=":material/code:",
    summary="An assistant writes programs, an executor runs them when you allow it, and the assistant reads the result.",
    examples=(
        "Draw a sine wave.",
        "Which primes are below 100?",
        "Write a Python script to print 'Hello, world!'",
    ),
    placeholder="Describe what a program should do",
    speakers=(Speaker(ASSISTANT, "Assistant", ":material/smart_toy:"), Speaker(EXECUTOR, "Code executor", ":material/terminal:")),
    build=build_pair,
    remember=remembered,
    runs_code=True,
)
