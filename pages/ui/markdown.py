"""A model's text made safe and plain for Streamlit's Markdown."""

import re
from functools import lru_cache

from markdown_it import MarkdownIt

from pages.web.formulas import ADDRESS, FORMULA, to_dollars

_MARGIN = r"(?P<margin>[ \t]*+)(?P<deep>(?<=    )|(?<=\t))?(?:(?P<quoted>>)|(?P<item>(?:[-*+]|\d{1,9}[.)])[ \t])|[ \t])*"
_CLOSED = r"^(?:(?P=margin))?(?(item)[ \t]*| {0,3})(?(quoted)>[ \t>]*)(?P=fence)[`~]*[ \t]*$"
_LEFT = r"(?(quoted)^(?![ \t]*>)|(?(item)^(?=\S)|(?(deep)^(?=\S)|\Z)))"
"""The quotation or the list ends that the fence stands in."""
_FENCE = rf"^{_MARGIN}(?P<fence>`{{3,}}(?=[^`\n]*$)|~{{3,}}).*?(?:{_CLOSED}|{_LEFT}|\Z)"
_SPAN = r"(?<![`\\])(?P<ticks>`+)(?!`)(?:(?!\n[ \t]*\n).)+?(?<!`)(?P=ticks)(?!`)"
_TAKEN = re.compile(f"{_FENCE}|{_SPAN}|{FORMULA.pattern}|{ADDRESS.pattern}", re.DOTALL | re.MULTILINE | re.IGNORECASE)
"""Code, a formula or an address: what begins first."""
_IMAGE = re.compile(r"(?<!!)!++(?=\[)")
_INTERRUPTS = re.compile(r"^[ \t>*+\-\d.)]*(?:\$\$|:::|\[\^)", re.MULTILINE)
"""Begins what Streamlit's Markdown knows and ours does not, and so may end what ours takes for code."""
_DIRECTIVE = re.compile(r"(?<!\\):(?=[a-z]+(?:-[a-z]+)?\[|[a-z0-9_+-]+:|material/)")
_SPECIAL = re.compile(r"[\\`*_\[\]<>#:$~|!&]|^[-+=]", re.MULTILINE)
_MONEY = re.compile(r"(?<!\\)\$(?=\d)")
_DOLLAR = re.compile(r"(?<!\\)\$")
_TAG = re.compile(r"(?<!\\)<(?=[a-zA-Z/!?])")
_parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])


REMEMBERED = 10_000
"""Letters of a text at most, of which it is remembered what was made: a page is drawn again and again, with the same messages."""


def to_markdown(text: str) -> str:
    """Keep Markdown as Markdown, and take away what Streamlit adds to it or a browser would fetch.

    Images become links, which load nothing until they are clicked. Streamlit's colours, icons and emoji names (`:red[…]`,
    `:material/home:`, `:smile:`) stay the text they are, and a dollar sign before a price stays money instead of a formula.
    Formulas get the dollar signs that Streamlit draws them by. Code is left alone.
    """
    return _made_once(text) if len(text) <= REMEMBERED else _made(text)


def _made(text: str) -> str:
    dollar = _DOLLAR if "$$" in text or FORMULA.search(text) else _MONEY  # Streamlit finds more once there is one
    parts, position = [], 0
    for taken in _TAKEN.finditer(text):
        if taken.lastgroup:  # not an address, which `_plain` leaves alone
            parts += [_plain(text[position : taken.start()], dollar), _kept(taken)]
            position = taken.end()
    made = "".join([*parts, _plain(text[position:], dollar)])
    return _IMAGE.sub("", made) if _has_image(made) else made


_made_once = lru_cache(maxsize=300)(_made)


def with_its_lines(text: str) -> str:
    """Keep the line breaks of what a person typed, which Markdown would join."""
    return re.sub(r"(?<!\n)\n(?!\n)", "  \n", text)


def _has_image(text: str) -> bool:
    """Whether an image is left that only looked like code: the parser has the last word on what is code."""
    if not _IMAGE.search(text):
        return False
    return any(child.type == "image" for token in _parser.parse(text) for child in token.children or ())


def _kept(taken: re.Match[str]) -> str:
    is_code = taken.lastgroup in {"fence", "ticks"}
    if is_code and not _INTERRUPTS.search(taken.group()):
        return taken.group()
    return _IMAGE.sub("", taken.group() if is_code else to_dollars(taken))


def _plain(text: str, dollar: re.Pattern[str]) -> str:
    """Escape what is Streamlit's own, but nothing in an address, where a backslash would lead elsewhere."""
    parts, position = [], 0
    for address in ADDRESS.finditer(text := _IMAGE.sub("", text)):
        parts += [_escaped_extras(text[position : address.start()], dollar), address.group()]
        position = address.end()
    return "".join([*parts, _escaped_extras(text[position:], dollar)])


def _escaped_extras(text: str, dollar: re.Pattern[str]) -> str:
    """Tags too: in a block of HTML, which Streamlit shows as text, the other escapes would show."""
    return _TAG.sub(r"\\<", dollar.sub(r"\\$", _DIRECTIVE.sub(r"\\:", text)))


def escaped(text: str) -> str:
    """Show text as it is where Streamlit takes Markdown: in labels and headings."""
    return _SPECIAL.sub(r"\\\g<0>", text)
