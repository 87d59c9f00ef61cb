"""A message being written, as the frames a browser draws."""

import cProfile
import json
import pstats
from dataclasses import dataclass, field
from html.parser import HTMLParser
from math import inf
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from agents.feed import Draft
from pages.web import blocks as blocks_module
from pages.web.blocks import KEPT_FRAMES, PAID, PAUSE, Tail, _render, tail_of

PROSE = "Roundtable keeps each conversation on disk as it happens, so that a reload, a crash or a closed tab loses next to nothing. "
CODE = """```python
def greet(name: str) -> str:
    '''Greet.'''
    return f"Hello, {name}!"


for who in ("Ada", "Grace"):
    print(greet(who))
```

"""

SAMPLES = {
    "prose": "One *short* paragraph.\n\nAnd another, **bold**\nover two lines.  \nAfter a hard break.",
    "headings": "# One\nText\n## Two\n\nSetext\n===\n\nAnother\n---\n\n---\n",
    "loose numbers": "Steps:\n\n1. First\n\n2. Second\n\n   with more\n\n3. Third\n\nDone.",
    "tight lists": "- a\n- b\n  - c\n    1. d\n- e\n\n* other\n* list",
    "hashtag": "Some text\n#hashtag and\n#2 more",
    "code": "Before\n```python\nx = '<b>'\n\n# not a heading\n```\nAfter\n\n    indented\n\n    code\n\nEnd",
    "open code": "````md\n```\ninner\n```\nstill open",
    "table": "Numbers:\n\n| a | b |\n| --- | :-: |\n| 1 | `2` |\n| **3** | 4 |\n\nAfter.",
    "table in text": "Text\n| a | b |\n|---|---|\n| 1 | 2 |",
    "quotes": "> one\n> two\nlazy\n\n> > nested\n> - list\n\nAfter",
    "emoji": "😀 👩‍👩‍👧 and é\n\n- 😀😀\n- 𝔘𝔫𝔦",
    "definitions": "See [the docs][1].\n\n[1]: https://example.org\n\nAnd [again][1].",
    "windows": "One\r\n\r\n- two\r\n- three\r\n",
    "blank": "\n\n  \n",
}

FORMULAS = {
    "So $a_1 * b_2$ and \\(c\\).": ['<p>So <span class="formula">a_1 * b_2</span> and <span class="formula">c</span>.</p>\n'],
    r"$\frac{1}{2} \, x$": ['<p><span class="formula">\\frac{1}{2} \\, x</span></p>\n'],
    "from $5 to $10, $2^n$": ['<p>from $5 to $10, <span class="formula">2^n</span></p>\n'],
    "`$x$` and \\\\$x$": ["<p><code>$x$</code> and \\$x$</p>\n"],
    "Text\n$$\nx\n\n= y\n$$\nMore": ["<p>Text</p>\n", '<div class="formula">x = y</div>\n', "<p>More</p>\n"],
    "\\[ z < 1 \\]": ['<div class="formula">z &lt; 1</div>\n'],
    "> $$q$$\n\nIn text $$r$$.": [
        '<blockquote>\n<div class="formula">q</div>\n</blockquote>\n',
        '<p>In text <span class="formula">r</span>.</p>\n',
    ],
    "- $$q$$\n  more": ['<ul>\n<li>\n<div class="formula">q</div>\nmore</li>\n</ul>\n'],
    "Text\n$$\na_1 * b\n\n*c*": ["<p>Text</p>\n", '<div class="formula-begun">$$\na_1 * b\n\n*c*</div>\n'],
    "> \\[\n> x > 1 % c\n> + y\n> \\]": ['<blockquote>\n<div class="formula">x &gt; 1 + y</div>\n</blockquote>\n'],
    "> so \\(a\n> = b\\)": ['<blockquote>\n<p>so <span class="formula">a = b</span></p>\n</blockquote>\n'],
    "$$\n3 \\cdot \\$5\n= 15\\$\n$$\nand \\(\\$2\\)": [
        '<div class="formula">3 \\cdot \\$5 = 15\\$</div>\n',
        '<p>and <span class="formula">\\$2</span></p>\n',
    ],
    "$$\n3 \\cdot \\$5": ['<div class="formula-begun">$$\n3 \\cdot \\$5</div>\n'],
    "$x$ http://g.com/?$a=b&$c=d http://`$e$ ` $y$": [
        '<p><span class="formula">x</span> http://g.com/?$a=b&amp;$c=d http://<code>$e$ </code> <span class="formula">y</span></p>\n'
    ],
    "$$\nx\n\n`y` < z\n$$": ['<div class="formula">x `y` &lt; z</div>\n'],
    "$$\nx\n\n`y": ['<div class="formula-begun">$$\nx\n\n`y</div>\n'],
    "$$ here and\n\n*there*": ["<p>$$ here and</p>\n", "<p><em>there</em></p>\n"],
}

MARKS = ["a", "word ", "- ", "1. ", "2", "2. ", "# ", "#", "```", "`", "*", "**", "> ", "---", "==", ": ", "~~", "\\", "&amp;"]
OF_FORMULAS = ["\\$", " http://a", "$", "$$", "$$\n", "$x_1$", "\\(", "\\)", "\\[", "\\]", "$5"]
SPACES = ["\n", "\n\n", "\r\n", "    ", "  ", "\0"]
LONGER = ["| a | b |\n", "|---|---|\n", "[x]", "[x]: /u\n", "![i](/u)", "<b>", "😀", "é"]
WORDS = ["plain words, ", "Äpfel", "3.5 %", "it's", "a-b", "so: ", '"said"', "x/y", "…", "100", "\u00a0", "\u2003", "1st. "]
fragments = st.sampled_from(MARKS + SPACES + LONGER) | st.sampled_from(OF_FORMULAS) | st.sampled_from(WORDS)
texts = st.lists(fragments, max_size=30).map("".join) | st.sampled_from(sorted([*SAMPLES.values(), *FORMULAS]))


@st.composite
def cut(draw: st.DrawFn) -> list[str]:
    """A text in the pieces it came in."""
    text = draw(texts)
    places = sorted(draw(st.sets(st.integers(1, max(1, len(text) - 1)), max_size=12)))
    return [piece for piece in (text[a:b] for a, b in zip([0, *places], [*places, len(text)], strict=True)) if piece]


@dataclass
class Browser:
    """Draws frames as the component's JavaScript does, whose strings are made of UTF-16 units."""

    blocks: list[str] = field(default_factory=list)
    last_id: str = ""

    def receive(self, data: bytes) -> None:
        for event in data.decode().split("\n\n")[:-1]:
            fields = dict(line.split(": ", 1) for line in event.split("\n"))
            assert fields["event"] == "draft"
            self.last_id = fields["id"]
            self._draw(json.loads(fields["data"]))

    def _draw(self, frame: dict[str, object]) -> None:
        at, keep, html = frame["at"], frame["keep"], frame["html"]
        assert isinstance(at, int)
        assert isinstance(keep, int)
        assert isinstance(html, list)
        assert at <= len(self.blocks)
        old = self.blocks[at] if at < len(self.blocks) else ""
        kept = old.encode("utf-16-le")[: 2 * keep].decode("utf-16-le")
        self.blocks[at:] = [kept + html[0], *html[1:]]


def whole(text: str) -> list[str]:
    """The blocks of a text that came at once, as one frame brings them."""
    tail, browser = Tail(1), Browser()
    tail.take([text])
    browser.receive(tail.since(""))
    return browser.blocks


def written(pieces: list[str]) -> tuple[list[str], int]:
    """The blocks of a text that came in pieces, each frame drawn as it came, and the bytes of all frames."""
    tail, browser = Tail(1), Browser(last_id="1.0")
    size = 0
    for count in range(1, len(pieces) + 1):
        tail.take(pieces[:count])
        data = tail.since(browser.last_id)
        browser.receive(data)
        size += len(data)
    return browser.blocks, size


def shown(blocks: list[str]) -> list[str]:
    """A browser shows nothing for one empty block as for none."""
    return [] if blocks == [""] else blocks


def by_size(text: str, size: int) -> list[str]:
    return [text[start : start + size] for start in range(0, len(text), size)]


@settings(max_examples=600)
@given(cut())
@example(["1. a\n\n2", ". b"])
@example(["Text\n#", "hashtag"])
@example(["A\n\n[foo]:", " /url"])
@example(["\n", "\n"])
@example(["```a`\n    : x", "/y\u00a0"])
def test_however_a_text_is_cut_the_page_shows_the_same(pieces: list[str]) -> None:
    blocks, _ = written(pieces)

    assert shown(blocks) == shown(whole("".join(pieces)))


@pytest.mark.parametrize("sample", SAMPLES)
@pytest.mark.parametrize("size", [1, 3, 10_000])
def test_the_blocks_together_are_the_whole_text_rendered(sample: str, size: int) -> None:
    """By a parser of this test's own, so that nothing is lost between blocks."""
    parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"]).disable(["image", "reference"])
    blocks, _ = written(by_size(SAMPLES[sample], size))

    assert "".join(blocks) == parser.render(SAMPLES[sample])


@pytest.mark.parametrize("text", FORMULAS)
@pytest.mark.parametrize("size", [1, 3, 10_000])
def test_a_formula_keeps_its_tex_until_the_page_typesets_it(text: str, size: int) -> None:
    """A price is none, and of code it is a part."""
    blocks, _ = written(by_size(text, size))

    assert blocks == FORMULAS[text]


@pytest.mark.parametrize(
    "line",
    [
        "$$a`\n",
        "\\[a\n",
        "$$\n",
        "$$a\n\n",
        "text\n$$ b\n",
        "> $$\n",
        "- \\[\n",
        "$x\n",
        "\\(a ",
        "$$\\$\n",
        "\\[\\$\n",
        "http://$x$\n",
        "$$`a`\n",
        "$$\n`a`\n",
    ],
)
def test_formulas_that_never_end_take_no_longer_than_words(line: str) -> None:
    """Each would otherwise look for its end in all that follows: by calls counted, twice the text is about twice the work."""
    work = []
    for count in (400, 800):
        counted = cProfile.Profile()
        with counted:
            whole(line * count)
        work.append(sum(count for count, *_ in pstats.Stats(counted).stats.values()))  # type: ignore[attr-defined]

    assert work[1] < 2.5 * work[0]


@settings(max_examples=150)
@given(cut(), st.data())
def test_a_reader_resumes_anywhere_and_loses_and_doubles_nothing(pieces: list[str], data: st.DataObject) -> None:
    """One reader takes every frame; another is away now and then and says by its last id what it has."""
    tail, steady, roaming = Tail(7), Browser(), Browser()
    for count in range(1, len(pieces) + 1):
        tail.take(pieces[:count])
        steady.receive(tail.since(steady.last_id))
        if data.draw(st.booleans()):
            roaming.receive(tail.since(roaming.last_id))
        assert tail.since(tail.id) == b""
    roaming.receive(tail.since(roaming.last_id))

    assert shown(roaming.blocks) == shown(steady.blocks)


@pytest.mark.parametrize("last_id", ["", "6.3", "7.4", "7.-1", "7.", "7", "7.²", "seven.1", "7.1.1", "changed"])
def test_an_id_that_is_not_this_draft_s_brings_everything(last_id: str) -> None:
    """Whatever the browser drew before is replaced."""
    tail = Tail(7)
    for count in (1, 2, 3):
        tail.take(["One\n\n", "two\n\n", "three"][:count])
    browser = Browser(["<p>something</p>", "<p>old</p>", "<p>and</p>", "<p>long</p>"], "6.3")
    browser.receive(tail.since(last_id))

    assert browser.blocks == ["<p>One</p>\n", "<p>two</p>\n", "<p>three</p>\n"]
    assert browser.last_id == "7.3"


def test_a_reader_too_far_behind_gets_everything_in_one_frame() -> None:
    tail, pieces = Tail(7), ["word "] * (KEPT_FRAMES + 2)
    for count in range(1, len(pieces) + 1):
        tail.take(pieces[:count])
    late, later = Browser(["<p>word</p>\n"] * 2, "7.2"), Browser([], "7.1")
    behind, everything = tail.since(late.last_id), tail.since(later.last_id)
    later.receive(everything)

    assert behind.count(b"event: draft") == KEPT_FRAMES
    assert everything.count(b"event: draft") == 1
    assert later.blocks == whole("".join(pieces))


def test_each_piece_is_rendered_once_however_many_readers_there_are() -> None:
    draft, readers = Draft(after=7, source="assistant"), [Browser() for _ in range(50)]
    counted = cProfile.Profile()
    with counted:
        for number in range(10):
            draft.pieces.append(f"Piece {number} ")
            for reader in readers:
                reader.receive(tail_of(draft).since(reader.last_id))
    calls = {(Path(file).name, name): count for (file, _, name), (count, *_) in pstats.Stats(counted).stats.items()}  # type: ignore[attr-defined]

    assert calls["blocks.py", "_show"] == 10
    assert calls["blocks.py", "_frame"] == 10 + len(readers)  # and each reader's first has everything
    assert all(shown(reader.blocks) == whole(draft.text) for reader in readers)


def test_words_are_put_to_the_last_block_without_reading_it_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a paragraph, in a list and in code; anything that may be markup is read."""
    read: list[str] = []

    def counted(text: str) -> tuple[list[str], list[int], int]:
        read.append(text)
        return _render(text)

    monkeypatch.setattr(blocks_module, "_render", counted)
    text = "Some words, and then\n\n- a list of more\n- words and\n\n```py\nwith = [some, *code]\n"
    pieces = ["Some", " words, and", " then\n\n- a", " list of", " more\n- words", " and\n\n```py\nwith =", " [some,", " *code]\n"]
    blocks, _ = written(pieces)

    assert len(read) == 4
    assert blocks == whole(text)


def test_all_readers_share_one_tail_and_another_draft_has_its_own() -> None:
    draft, other = Draft(after=3, source="assistant"), Draft(after=3, source="assistant")
    draft.pieces.append("Hel")
    tail = tail_of(draft)
    draft.pieces.append("lo")

    assert tail_of(draft) is tail
    assert tail.id == "3.2"
    assert tail_of(other) is not tail


@pytest.mark.parametrize(
    ("text", "blocks"),
    [
        ("<script>alert(1)</script>", ["<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>\n"]),
        ("a <img src=x onerror=alert(1)>", ["<p>a &lt;img src=x onerror=alert(1)&gt;</p>\n"]),
        ("<div onclick='x'>\n\nb", ["<p>&lt;div onclick='x'&gt;</p>\n", "<p>b</p>\n"]),
        ("[click](javascript:alert(1))", ["<p>[click](javascript:alert(1))</p>\n"]),
        ("[click](https://evil.example/way)", ["<p><u>click<small> (evil.example)</small></u></p>\n"]),
        ("[evil.example](https://evil.example/way)", ["<p><u>evil.example</u></p>\n"]),
        ("[good.example](http://me@evil.example:80)", ["<p><u>good.example<small> (evil.example:80)</small></u></p>\n"]),
        ("[**write**](mailto:a@b.example)", ["<p><u><strong>write</strong><small> (a@b.example)</small></u></p>\n"]),
        (r"[http://\[x](https://evil.example)", ["<p><u>http://[x<small> (evil.example)</small></u></p>\n"]),
        ("[https://good.example](somewhere)", ["<p><u>https://good.example</u></p>\n"]),
        ("[click](somewhere)", ["<p><u>click</u></p>\n"]),
        ("<https://evil.example>", ["<p><u>https://evil.example</u></p>\n"]),
        ("![cat](https://evil.example/cat.png)", ["<p>!<u>cat<small> (evil.example)</small></u></p>\n"]),
        (
            '```"><script>\n</code><script>\n```',
            ['<pre><code class="language-&quot;&gt;&lt;script&gt;">&lt;/code&gt;&lt;script&gt;\n</code></pre>\n'],
        ),
    ],
)
def test_nothing_in_a_text_can_act(text: str, blocks: list[str]) -> None:
    """No HTML of the model's, no image that is fetched, no link that leads anywhere."""
    assert whole(text) == blocks


class Elements(HTMLParser):
    """Collects the names of elements and attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names |= {tag, *(f"{name}=" for name, _ in attrs)}


@given(texts)
def test_no_text_makes_an_element_that_acts(text: str) -> None:
    made = Elements("".join(whole(text + "<img src=x><a href=y>![i](/u)[l](javascript:x)<https://a.example>")))

    plain = "p h1 h2 h3 h4 h5 h6 ul ol li blockquote pre code em strong s small u hr br table thead tbody tr th td span div"
    assert made.names <= {*plain.split(), "class=", "start=", "style="}


def test_bytes_grow_with_the_text_and_no_faster() -> None:
    """A long answer in small pieces costs a small multiple of its own size, per character as much as a short one."""
    text = (PROSE * 4 + "\n\n" + CODE) * 40
    cost = {}
    for size in (4_000, 16_000):
        blocks, sent = written(by_size(text[:size], 20))  # five tokens, which is what 0.1 s brings at 50 a second
        cost[size] = sent / len(text[:size].encode())

        assert blocks == whole(text[:size])

    assert cost[16_000] < 7
    assert cost[16_000] <= 1.02 * cost[4_000]  # the numbers of blocks and frames get longer


def test_a_finished_block_is_never_sent_again() -> None:
    tail = Tail(1)
    tail.take(["A first paragraph.\n\nA second one.\n\nAnd a thi"])
    frame = Browser(whole("A first paragraph.\n\nA second one.\n\nAnd a thi"), tail.id)
    tail.take(["A first paragraph.\n\nA second one.\n\nAnd a thi", "rd."])
    data = tail.since(frame.last_id)
    frame.receive(data)

    assert b"paragraph" not in data
    assert b"second" not in data
    assert b"And a" not in data
    assert frame.blocks[2] == "<p>And a third.</p>\n"


ROW = "| a cell | with **bold** words | 12.50 |\n"
ITEM = "- **An item** of a list, with `code` in it\n"


@pytest.mark.parametrize("text", [ROW + "|-|-|-|\n" + ROW * 400, ITEM * 400, "|" + "a|" * 250 + "\n|" + "-|" * 250 + "\n" + "|\n" * 400])
def test_a_block_of_much_markup_costs_in_proportion_to_its_text(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """Rendered at each piece, a list or table twice as long took four times as long, on the loop that all answers come by."""
    rendered, read = list[int](), list[int]()

    def noted(text: str) -> tuple[list[str], list[int], int]:
        blocks, lines, weight = _render(text)
        rendered.append(weight)
        read.append(len(text))
        return blocks, lines, weight

    monkeypatch.setattr(blocks_module, "_render", noted)
    tail, pieces = Tail(0), list[str]()
    for start in range(0, len(text), 20):
        pieces.append(text[start : start + 20])
        tail.take(pieces)

    assert sum(rendered) < 1.5 * PAID * len(text) + rendered[-1]
    assert len(text) - read[-1] <= rendered[-1] / PAID + 20  # what is missing comes with the finished message


def test_what_a_heavy_block_holds_back_is_shown_after_a_pause() -> None:
    """Its model may think for a minute in the middle of a table."""
    tail, text = Tail(0), ITEM * 100
    tail.take([text])
    assert tail.pause == inf
    tail.take([text, "- **last**"])
    assert tail.pause == PAUSE
    assert whole(text + "- **last**") != whole(text)

    tail.take([text, "- **last**"], after_pause=True)
    browser = Browser()
    browser.receive(tail.since(""))
    assert browser.blocks == whole(text + "- **last**")
    assert tail.pause == inf


def test_pauses_take_no_more_of_the_loop_than_what_is_written_without() -> None:
    tail, text = Tail(0), ITEM * 2000
    tail.take([text])
    tail.take([text, "- **last**"])

    assert 5 * PAUSE < tail.pause < inf


def test_a_block_of_little_markup_is_shown_with_each_piece() -> None:
    tail, pieces, frames = Tail(0), ["- **One**"], list[str]()
    for piece in ("\n- `T", "wo", "`"):
        pieces.append(piece)
        tail.take(pieces)
        frames.append(tail.id)

    assert len(set(frames)) == 3
