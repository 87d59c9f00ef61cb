"""What the model of the benchmarks says, and how its words tell when they were sent."""

import random
import re
from itertools import count

STAMP = re.compile(r"t(\d{9})")
PERIOD = 10**9
CODE = """```python
def greet(name: str, *, times: int = {number}) -> str:
    '''Greet someone as often as is wished.'''
    return "\\n".join(f"Hello, {{name}}!" for _ in range(times))


for who in ("Ada", "Grace", "Edsger"):
    print(greet(who))
```

"""


def stamp(seconds: float) -> str:
    """A word that says when it was sent, by a clock that all processes of the machine share (`time.monotonic`)."""
    return f"t{int(1000 * seconds) % PERIOD:09}"


def milliseconds_since(stamped: str, seconds: float) -> float:
    return (1000 * seconds - int(stamped)) % PERIOD


class Words:
    """Texts that have words as often as a language has them, the same in each run."""

    def __init__(self, vocabulary: int = 4000) -> None:
        self._chance = random.Random(1)
        letters = "etaoinshrdlucmfwypvbgk"
        self._words = ["".join(self._chance.choices(letters, k=self._chance.randint(2, 10))) for _ in range(vocabulary)]
        self._weights = [1 / rank for rank in range(1, vocabulary + 1)]

    def text(self, length: int) -> str:
        words = self._chance.choices(self._words, self._weights, k=length // 3)
        return " ".join(words)[:length]


def prose_and_code(length: int) -> str:
    """Paragraphs of 500 letters, and a piece of code after every other one."""
    words, text = Words(), ""
    for number in count():
        text += words.text(500) + ".\n\n" + (CODE.format(number=number) if number % 2 else "")
        if len(text) >= length:
            return text[:length]
    raise AssertionError("it counts for ever")
