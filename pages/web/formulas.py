"""Formulas in a model's Markdown: what is one, for the text being written as for the finished message."""

import re

ADDRESS = re.compile(r"<[a-z][a-z0-9+.-]*:[^\s<>]*>|\]\([^()\s`]*(?:\([^()\s`]*\)[^()\s`]*)*|\bhttps?://[^\s<>`]+", re.IGNORECASE)
"""Of a page, which may have dollar signs in it, and behind which code may stand."""
BLANK = r"\n[ \t]*\n"
TEX = r"(?:[^$`]|(?<=\\)\$)"
TEX_OR_CODE = rf"(?:{TEX}|`[^`$\n]+`)"
INSIDE = rf"(?:(?!{BLANK}|(?<!\\)\\[(\[]){TEX})+?"
"""Nor another one's beginning: looking for the end of each of ten thousand would take minutes."""
MONEY = r"\d[^$`\n\\^]*\$"
"""A number after a dollar sign is a price, unless TeX follows it up to the next."""
FORMULA = re.compile(
    rf"(?<!\\)\\\((?!\s*\\\))(?P<round>{INSIDE})\\\)"
    rf"|(?<!\\)\\\[(?!\s*\\\])(?P<square>{INSIDE})\\\]"
    rf"|(?<![\\$])\$\$(?!\s*\$)(?P<double>[ \t]*\n{TEX_OR_CODE}+\n[ \t>]*|(?:(?!{BLANK}){TEX_OR_CODE})+)\$\$(?!\$)"
    rf"|(?<![\\$])\$(?![\s$])(?!{MONEY})(?P<single>[^$`\n]+)(?<![\s\\])\$(?![$\d])"
)
"""As Streamlit reads dollar signs, and as models write others. One with nothing in it is none."""
BEGUN = re.compile(
    rf"(?:\$\$(?!\$)(?:[ \t]*\n{TEX_OR_CODE}*|(?:(?!{BLANK}){TEX_OR_CODE})*)(?:\$|`[^`$\n]*)?"
    rf"|\\\[(?:(?!{BLANK}|\\[(\[\]]){TEX})*)\Z"
)
"""A formula on lines of its own that is not finished yet."""
UNBOUND = re.compile(rf"(?:(?!\\[(\[\]]){TEX_OR_CODE})*")
"""What stands on a line behind which one may go on."""
MARKS = re.compile(r"[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t][ \t>]*)*")
"""What may stand before a formula that has its lines for itself: of quotations and of lists' items."""
REST = re.compile(r"[ \t]*(?:\n|\Z)")
COMMENT = re.compile(r"(?<!\\)((?:\\\\)*)%[^\n]*\n")
"""Of TeX. It ends with its line, and would take all that is joined to it."""


def tex_of(formula: re.Match[str]) -> str:
    """Its TeX in one line, without the marks of the quotation it stands in."""
    tex = formula["round"] or formula["square"] or formula["double"] or formula["single"]
    if "\n" in tex and (depth := _before(formula).count(">")):
        tex = re.sub(rf"\n(?:[ \t]*>){{1,{depth}}}", "\n", tex)
    return " ".join(COMMENT.sub(r"\1 ", tex.strip()).split())


def _before(formula: re.Match[str]) -> str:
    """The marks that its first line begins with."""
    marks = MARKS.match(formula.string, formula.string.rfind("\n", 0, formula.start()) + 1, formula.start())
    return marks.group() if marks else ""


def is_display(formula: re.Match[str]) -> bool:
    return bool(formula["square"] or formula["double"])


def to_dollars(formula: re.Match[str]) -> str:
    """Write a formula as Streamlit draws it: for itself where it has its lines for itself."""
    tex, text = tex_of(formula), formula.string
    if not is_display(formula):
        return _between_two(tex) if "$" in tex else f"${tex}$"
    before = text[text.rfind("\n", 0, formula.start()) + 1 : formula.start()]
    if not MARKS.fullmatch(before) or not REST.match(text, formula.end()):
        return _between_two(tex)
    margin = re.sub(r"[^\s>]", " ", before)
    return f"$$\n{margin}{tex}\n{margin}$$"


def _between_two(tex: str) -> str:
    """Between two dollar signs on each side there may be one."""
    return f"$${tex} $$" if tex.endswith("$") else f"$${tex}$$"
