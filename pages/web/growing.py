"""The last block of a message being written, grown by a few words: what most frames are, at a small part of what reading it anew costs."""

import re

from markdown_it.common.utils import escapeHtml

MARKUP = r"\\`*_~\[\]()<>&#;|!$\0"
"""Characters that may make something else of what stands before them, or after."""
WORDS = re.compile(rf"[^{MARKUP}\s](?:[^{MARKUP}\s]| )*")
LETTER = re.compile(r"[^\W\d_]")
"""A line that holds one is a list's, a heading's or a paragraph's already: no more words make another thing of it."""
CLOSING = re.compile(r"(?:</(?:p|li|ul|ol|blockquote|h[1-6])>\n?)+\Z")
MOST_CLOSING = 200
"""Characters of closing tags. What is nested deeper is read anew."""
CODE_END = "</code></pre>\n"
OPENING = re.compile(r"(?:```[^`\n]*|~~~[^\n]*)\n")
FENCE = re.compile(r"\n {0,3}(?:```|~~~)")


def grown(html: str, text: str, new: str) -> str | None:
    """The HTML of a block when `new` follows its `text`; None where only reading all of it can tell.

    `text` may begin with an earlier block. Its last line is the block's, and `html` is the block as rendered.
    """
    return _grown_code(html, text, new) if html.endswith(CODE_END) else _grown_words(html, text, new)


def _grown_words(html: str, text: str, new: str) -> str | None:
    words = text.rstrip(" ")
    last = words[-1:]
    if not WORDS.fullmatch(new.lstrip(" ")) or not WORDS.fullmatch(last) or not LETTER.search(words, words.rfind("\n") + 1):
        return None
    end = CLOSING.search(html, max(0, len(html) - MOST_CLOSING))
    if end is None or len(html) - end.start() == MOST_CLOSING or not html.endswith(escapeHtml(last), 0, end.start()):
        return None
    return html[: end.start()] + escapeHtml(text[len(words) :] + new.rstrip(" ")) + end[0]


def _grown_code(html: str, text: str, new: str) -> str | None:
    """In a fence that is open: one that began with the text, and that nothing has closed."""
    if not OPENING.match(text) or FENCE.search(text):
        return None
    if any(mark in new for mark in "`~\0") or _ends_blank(text) or _ends_blank(text + new):
        return None
    return html.removesuffix(CODE_END) + escapeHtml(new) + CODE_END


def _ends_blank(text: str) -> bool:
    """Whether the last line is of spaces alone, which are not drawn until another line follows."""
    last = text[text.rfind("\n") + 1 :]
    return last != "" and last.isspace()
