"""A model's text made safe and plain for Streamlit's Markdown."""

import re

_CODE = re.compile(r"(^ {0,3}(`{3,}|~{3,}).*?(?:^ {0,3}\2[`~]*[ \t]*$|\Z)|(?<!`)(`+)(?!`).+?(?<!`)\3(?!`))", re.DOTALL | re.MULTILINE)
_IMAGE = re.compile(r"!(?=\[)")
_DIRECTIVE = re.compile(r":(?=[a-z]+(?:-[a-z]+)?\[|[a-z0-9_+-]+:|material/)")
_SPECIAL = re.compile(r"[\\`*_\[\]<>#:$~|!]")
_MONEY = re.compile(r"\$(?=\d)")


def to_markdown(text: str) -> str:
    """Keep Markdown as Markdown, and take away what Streamlit adds to it or a browser would fetch.

    Images become links, which load nothing until they are clicked. Streamlit's colours, icons and emoji names (`:red[…]`,
    `:material/home:`, `:smile:`) stay the text they are, and a dollar sign before a digit stays money instead of a formula.
    Code is left alone.
    """
    parts, position = [], 0
    for code in _CODE.finditer(text):
        parts += [_plain(text[position : code.start()]), code.group()]
        position = code.end()
    return "".join([*parts, _plain(text[position:])])




def _plain(text: str) -> str:
    text = _IMAGE.sub("", text)
    text = _DIRECTIVE.sub(r"\\:", text)
    return _MONEY.sub(r"\\$", text)


def escaped(text: str) -> str:
    """Show text as it is where Streamlit takes Markdown: in labels and headings."""
    return _SPECIAL.sub(r"\\\g<0>", text)
