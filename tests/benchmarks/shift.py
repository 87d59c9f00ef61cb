"""How much of the page moves while an answer is written.

What Chromium counts as layout shift, all of it, from the first text on the screen until a second after the finished answer was drawn.
Of long and short answers, with whatever Markdown has, on a wide and on a narrow screen.
"""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests import provider as scripted
from tests.benchmarks.results import Claim, Results, Scale, Table
from tests.browser.chat import Chat
from tests.browser.chromium import system_chromium
from tests.browser.conftest import ARGUMENTS
from tests.provider import Provider, paced
from tests.server import Server

MOST = 0.02
"""Of the screen, weighed by how far it moved."""
WIDTHS = (1440, 768, 360)
ANSWER = """# A heading of the answer

A paragraph with **bold**, `code`, [a link](https://example.org/place "Its title"), a formula $a^2 + b^2 = c^2$ and enough words to be
broken over more than one line on any of the screens that it is shown on.

$$\\int_0^1 x^2 \\, dx = \\frac{1}{3}$$

- one
- two
  - three

1. first
2. second

| place | nights | price |
| --- | --- | --- |
| Paris | 3 | 120 |
| Rome | 2 | 90 |

> Quoted.

```python
for number in range(10):
    print(number)
```

## Another heading

"""
ANSWERS = {"short": "A short answer of a few words.", "of all kinds": ANSWER + "The last words.", "long": 3 * ANSWER + "The last words."}
WATCH = """() => {
  window.shifts = [];
  const isText = () => document.querySelector(".is-writing .live-text")?.textContent.trim();
  const key = (node) => node?.className?.toString().match(/st-key-[\\w-]+|live[\\w-]*/)?.[0];
  const name = (node) => key(node) ?? node?.dataset?.testid ?? node?.nodeName ?? "what is gone";
  window.firstText = new Promise((resolve, reject) => {
    new MutationObserver(() => isText() && resolve(performance.now()))
      .observe(document.body, { subtree: true, childList: true, characterData: true });
    setTimeout(() => reject(new Error("no text was seen being written")), 30000);
  });
  window.watching?.disconnect();
  window.firstText.then((moment) => (window.watching = new PerformanceObserver((list) => {
    for (const { startTime, value, sources } of list.getEntries().filter((entry) => entry.startTime > moment))
      window.shifts.push([value, Math.round(startTime - moment), sources.map((source) => name(source.node))]);
  })).observe({ type: "layout-shift", buffered: true }));
}"""
SETTLE_MS = 1000
LEAST_SECONDS = 2
"""An answer that is there at once is never seen being written."""


@dataclass(frozen=True)
class Shift:
    """Something that moved: by how much, how many milliseconds after the first text, and what."""

    value: float
    after: int
    sources: list[str]


def shifts_of(chat: Chat, provider: Provider, answer: str) -> list[Shift]:
    """Everything that moved as one answer was written."""
    provider.enqueue(paced(answer, max(0.01, LEAST_SECONDS / len(answer.split(" ")))))
    chat.page.evaluate(WATCH)
    chat.send("Go on")
    chat.page.evaluate("() => window.firstText")
    chat.page.wait_for_selector(".st-key-stop", state="detached", timeout=60_000)
    chat.page.wait_for_timeout(SETTLE_MS)
    return [Shift(*moved) for moved in chat.page.evaluate("() => window.shifts")]


def measure(scale: Scale) -> Results:
    widths = WIDTHS[-1:] if scale.is_quick else WIDTHS
    with scripted.serving() as provider, tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        environment = {"ROUNDTABLE_MODEL": "openai", "OPENAI_API_KEY": "none", "OPENAI_BASE_URL": provider.base_url, "OPENAI_MODEL": "m"}
        server = Server(Path(folder) / "data", **environment, ROUNDTABLE_TITLES="prompt")
        server.start()
        try:
            browser = playwright.chromium.launch(executable_path=system_chromium(), args=ARGUMENTS)
            moved = {f"{width} px wide": _of_screen(browser, width, server.url, provider) for width in widths}
        finally:
            server.kill()
    return _results(moved)


def _of_screen(browser: Browser, width: int, url: str, provider: Provider) -> list[list[Shift]]:
    """What moved with each of the answers, one after the other in one conversation."""
    page: Page = browser.new_page(viewport={"width": width, "height": 900})
    chat = Chat(page, url)
    chat.open("/assistant")
    moved = [shifts_of(chat, provider, answer) for answer in ANSWERS.values()]
    page.close()
    return moved


def _results(moved: Mapping[str, list[list[Shift]]]) -> Results:
    rows = {screen: [sum(shift.value for shift in shifts) for shifts in answers] for screen, answers in moved.items()}
    worst = max(max(row) for row in rows.values())
    largest = max(
        (shift for answers in moved.values() for shifts in answers for shift in shifts), key=lambda each: each.value, default=None
    )
    note = f"The largest was {largest.value:.4f}, after {largest.after} ms: {', '.join(largest.sources)}." if largest else "Nothing moved."
    table = Table("What moves while an answer is written", ("", *ANSWERS), rows, f"Layout shift after the first text. {note}")
    return Results([table], [Claim("layout shift after the first text, of any answer on any screen", worst, MOST, must_hold=True)])
