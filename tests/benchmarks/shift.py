"""How much of the page moves while an answer is written: `python -m tests.benchmarks.shift`.

What Chromium counts as layout shift, all of it, from the first text on the screen until a second after the finished answer was drawn.
Of long and short answers, with whatever Markdown has, on a wide and on a narrow screen.
"""

import json
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests import provider as scripted
from tests.browser.chat import Chat
from tests.browser.chromium import system_chromium
from tests.browser.conftest import ARGUMENTS
from tests.provider import Provider, paced
from tests.server import Server

MOST = 0.02
"""Of the screen, weighed by how far it moved."""
WIDTHS = (1440, 768, 360)
ANSWER = """# A heading of the answer

A paragraph with **bold**, `code` and enough words to be broken over more than one line on any of the screens that it is shown on.

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


def shift_of(chat: Chat, provider: Provider, answer: str) -> list[tuple[float, int, list[str]]]:
    """Everything that moved as one answer was written: how much, after how many milliseconds, and of what."""
    provider.enqueue(paced(answer, max(0.01, LEAST_SECONDS / len(answer.split(" ")))))
    chat.page.evaluate(WATCH)
    chat.send("Go on")
    chat.page.evaluate("() => window.firstText")
    chat.page.wait_for_selector(".st-key-stop", state="detached", timeout=60_000)
    chat.page.wait_for_timeout(SETTLE_MS)
    moved: list[tuple[float, int, list[str]]] = chat.page.evaluate("() => window.shifts")
    return moved


def measure(browser: Browser, url: str, provider: Provider) -> dict[str, float]:
    """The sums by screen and answer, the answers one after the other in one conversation."""
    sums = {}
    for width in WIDTHS:
        page: Page = browser.new_context(viewport={"width": width, "height": 900}).new_page()
        chat = Chat(page, url)
        chat.open("/assistant")
        for name, answer in ANSWERS.items():
            moved = shift_of(chat, provider, answer)
            sums[f"{width} px, {name}"] = sum(value for value, _, _ in moved)
            for value, moment, sources in moved:
                print(f"    {value:.4f} after {moment} ms: {', '.join(sources)}")  # noqa: T201
            print(f"{width} px, {name}: {sums[f'{width} px, {name}']:.4f}")  # noqa: T201
        page.context.close()
    return sums


def main() -> None:
    with scripted.serving() as provider, tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        environment = {"ROUNDTABLE_MODEL": "openai", "OPENAI_API_KEY": "none", "OPENAI_BASE_URL": provider.base_url, "OPENAI_MODEL": "m"}
        server = Server(Path(folder) / "data", **environment, ROUNDTABLE_TITLES="prompt")
        server.start()
        try:
            sums = measure(playwright.chromium.launch(executable_path=system_chromium(), args=ARGUMENTS), server.url, provider)
        finally:
            server.kill()
    print(json.dumps({"worst": round(max(sums.values()), 4), "allowed": MOST}))  # noqa: T201


if __name__ == "__main__":
    main()
