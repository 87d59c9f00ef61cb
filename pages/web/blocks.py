"""A message being written, as HTML blocks: a finished block is sent once, and of the last one only what changed."""

import json
from bisect import bisect
from collections import deque
from collections.abc import Sequence
from itertools import pairwise
from math import inf
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.renderer import RendererProtocol
from markdown_it.ruler import RuleOptionsType
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from agents.feed import Draft
from pages.web.formulas import ADDRESS, BEGUN, FORMULA, UNBOUND, is_display, tex_of
from pages.web.growing import grown

KEPT_FRAMES = 100
"""How many frames a reader may be behind before it gets the whole text again: ten seconds' worth."""

LIGHT = 150
PAID = 10
"""Of Markdown's tokens, each of which takes 10 microseconds to read and render: a block of more than `LIGHT` is rendered anew when so many
have been `PAID` by each new character. So a long list or table takes a fiftieth of the loop that all answers come by, not more with
each word. What is missing until then comes after a pause."""
PAUSE = 1.0
SECONDS_PAID = 0.0005
"""For each token, so that pauses do not take more than a fiftieth of the loop either."""

INTERRUPTS: RuleOptionsType = {"alt": ["paragraph", "reference", "blockquote", "list"]}
FORMULA_BLOCK = '<div class="formula'
"""How a formula with lines of its own begins, and one that may yet become text of the block before it."""

DIGITS = 9
"""Of a frame's number."""


def _parser() -> MarkdownIt:
    """Markdown as in the finished message, but no HTML, no image and no link that works: the text is a model's.

    Nor are there link definitions: they would change blocks that were sent long before. Formulas are TeX still, for live.js to typeset.
    """
    parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"]).disable(["image", "reference"])
    parser.add_render_rule("link_open", lambda *_: "<u>")
    parser.add_render_rule("link_close", _end_link)
    parser.inline.ruler.before("escape", "formula", _read_formula)
    parser.block.ruler.before("fence", "formula_block", _read_formula_block, INTERRUPTS)
    parser.add_render_rule("formula", lambda _, tokens, index, *__: f'<span class="formula">{escapeHtml(tokens[index].content)}</span>')
    parser.add_render_rule("formula_block", lambda _, tokens, index, *__: _formula_block(tokens[index]))
    return parser


def _read_formula(state: StateInline, silent: bool) -> bool:
    if state.src[state.pos] not in "$\\":
        return False
    formula = FORMULA.match(state.src, state.pos, state.posMax)
    if formula is None or _is_in_address(state):
        return False
    if not silent:
        state.push("formula", "", 0).content = tex_of(formula)
    state.pos = formula.end()
    return True


def _is_in_address(state: StateInline) -> bool:
    """Those of each paragraph are looked for once."""
    known = state.env.setdefault("addresses", {})
    if state.src not in known:
        known[state.src] = [address.span() for address in ADDRESS.finditer(state.src)]
    addresses = known[state.src]
    index = bisect(addresses, (state.pos, 0))
    return index > 0 and state.pos < addresses[index - 1][1]


def _read_formula_block(state: StateBlock, begin: int, end: int, silent: bool) -> bool:
    """Take a formula that has its lines for itself, or one that is still being written on the last of them."""
    if state.is_code_block(begin) or not state.src.startswith(("$$", "\\["), state.bMarks[begin] + state.tShift[begin]):
        return False
    after = _end_of_formula(state, begin, end)
    text = state.getLines(begin, after, state.blkIndent, False).strip(" \t\n")
    formula = FORMULA.match(text)
    is_whole = formula is not None and is_display(formula) and formula.end() == len(text)
    if not is_whole and not (after == end and BEGUN.match(text)):
        return False
    if not silent:
        token = state.push("formula_block", "", 0)
        token.content, token.info = (tex_of(formula), "formula") if formula and is_whole else (text, "formula-begun")
        token.map = [begin, after]
        state.line = after
    return True


def _end_of_formula(state: StateBlock, begin: int, end: int) -> int:
    """The line after the next that may end it, or where what holds it ends."""
    opening = state.bMarks[begin] + state.tShift[begin] + 2
    is_bound = not UNBOUND.fullmatch(state.src, opening, state.eMarks[begin])
    line = begin + 1
    while line < end and not is_bound and not (state.sCount[line] < state.blkIndent and not state.isEmpty(line)):
        is_bound = not UNBOUND.fullmatch(state.src, state.bMarks[line], state.eMarks[line])
        line += 1
    return line


def _formula_block(token: Token) -> str:
    return f'<div class="{token.info}">{escapeHtml(token.content)}</div>\n'


def _end_link(_: RendererProtocol, tokens: Sequence[Token], index: int, *__: object) -> str:
    """Say where a link leads, as pages/ui/links.js does in the finished message, so that its lines are as long."""
    begin = next(place for place in range(index, -1, -1) if tokens[place].type == "link_open")
    text = "".join(token.content for token in tokens[begin:index])
    place = _place_of(str(tokens[begin].attrGet("href")))
    says_itself = not place or place in {_place_of(text), _place_of(f"http://{text}"), text}
    return "</u>" if says_itself else f"<small> ({escapeHtml(place)})</small></u>"


def _place_of(address: str) -> str:
    """The host or the mailbox that an address leads to; nothing for any other."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    if parts.scheme == "mailto":
        return parts.path
    return parts.netloc.rpartition("@")[2].lower() if parts.scheme in {"http", "https"} else ""


_markdown = _parser()


class Tail:
    """One draft's frames, rendered once for all readers. Used from the server's loop only.

    A frame is a server-sent event whose data is `{"at": i, "keep": k, "html": [first, …]}`: the first k UTF-16 units of block i
    stay, `first` follows them, the other strings are the blocks after it. Its id is `<after>.<number>`, where `after` names the draft.
    """

    def __init__(self, after: int) -> None:
        self._after = after
        self._number = 0
        self._pieces_taken = 0
        self._finished: list[str] = []
        self._open: list[str] = []
        self._open_text = ""
        self._weight = 0
        self._is_held_back = False
        self._frames: deque[bytes] = deque(maxlen=KEPT_FRAMES)

    @property
    def id(self) -> str:
        return f"{self._after}.{self._number}"

    @property
    def pause(self) -> float:
        """After how many seconds without more what is held back is to be shown; never where nothing is."""
        return max(PAUSE, SECONDS_PAID * self._weight) if self._is_held_back else inf

    def take(self, pieces: list[str], *, after_pause: bool = False) -> None:
        """Render what is new in a draft's pieces into one more frame, if it is worth it."""
        count = len(pieces)  # taken first: another thread may be adding one
        new = "".join(pieces[self._pieces_taken : count]).replace("\r", "")
        if not new:  # another reader was here first
            return
        html = grown(self._open[-1], self._open_text, new) if self._open else None
        self._is_held_back = html is None and not after_pause and self._weight > max(LIGHT, PAID * len(new))
        if self._is_held_back:
            return
        self._pieces_taken = count
        self._open_text += new
        if html is not None:
            self._show([*self._open[:-1], html])
            self._open[-1] = html
            return
        blocks, lines, self._weight = _render(self._open_text)
        if not blocks:
            return
        self._show(blocks)
        first_open = len(blocks) - 1
        is_on_first_line = lines[-1] == self._open_text.count("\n")  # whose rest may join it to the block before: "2" becomes "2. Two"
        if is_on_first_line or blocks[-1].startswith(FORMULA_BLOCK):
            first_open = max(first_open - 1, 0)
        self._finished += blocks[:first_open]
        self._open, self._open_text = blocks[first_open:], self._open_text.split("\n", lines[first_open])[-1]

    def since(self, last_id: str) -> bytes:
        """All frames after the one of that id; one frame with everything for an id that is not this draft's or too old."""
        missed = self._number - self._number_of(last_id)
        if missed <= len(self._frames):
            return b"".join(list(self._frames)[len(self._frames) - missed :])
        return self._frame(0, 0, [*self._finished, *self._open] or [""])

    def _number_of(self, last_id: str) -> int:
        after, _, number = last_id.partition(".")
        is_number = number.isdecimal() and len(number) <= DIGITS  # Python refuses to read a very long one
        is_ours = after == str(self._after) and is_number and int(number) <= self._number
        return int(number) if is_ours else -1

    def _show(self, blocks: list[str]) -> None:
        """Add the frame that turns the open blocks into `blocks`."""
        self._number += 1
        same = 0
        while same < min(len(self._open), len(blocks) - 1) and self._open[same] == blocks[same]:
            same += 1
        old = self._open[same] if same < len(self._open) else ""
        keep = _common_length(old, blocks[same])
        self._frames.append(self._frame(len(self._finished) + same, _utf16_length(old[:keep]), [blocks[same][keep:], *blocks[same + 1 :]]))

    def _frame(self, at: int, keep: int, html: list[str]) -> bytes:
        data = json.dumps({"at": at, "keep": keep, "html": html}, ensure_ascii=False, separators=(",", ":"))
        return f"id: {self.id}\nevent: draft\ndata: {data}\n\n".encode()


_tails: WeakKeyDictionary[Draft, Tail] = WeakKeyDictionary()


def tail_of(draft: Draft) -> Tail:
    """The draft's tail, up to date with its text."""
    tail = _tails.get(draft)
    if tail is None:
        tail = _tails[draft] = Tail(draft.after)
    tail.take(draft.pieces)
    return tail


def _render(text: str) -> tuple[list[str], list[int], int]:
    """Render each top-level block by itself; return them, the lines they start on, and how many tokens the last two are made of."""
    tokens = _markdown.parse(text)
    starts = [index for index, token in enumerate(tokens) if token.level == 0 and token.nesting >= 0]
    blocks = [_markdown.renderer.render(tokens[a:b], _markdown.options, {}) for a, b in pairwise([*starts, len(tokens)])]
    weight = sum(1 + len(token.children or ()) for token in tokens[(starts[-2:] or [0])[0] :])
    return blocks, [(tokens[start].map or [0])[0] for start in starts], weight


def _common_length(old: str, new: str) -> int:
    """Length of the common beginning, by halving: comparing slices is far cheaper than comparing characters."""
    low, high = 0, min(len(old), len(new))
    while low < high:
        middle = (low + high + 1) // 2
        if old[low:middle] == new[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _utf16_length(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2
