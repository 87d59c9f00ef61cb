"""The blocks of code that a message means to be run."""

from collections.abc import Container

from autogen_core.code_executor import CodeBlock
from markdown_it import MarkdownIt
from markdown_it.token import Token

_parser = MarkdownIt("commonmark")


def code_blocks(text: str, languages: Container[str]) -> list[CodeBlock]:
    """The closed blocks in one of the languages, in order, but none that is quoted or stands in another block.

    AutoGen's own search knows neither: it finds code in a quotation, and in a block of Markdown that shows how code is written.
    """
    lines, found = text.split("\n"), list[CodeBlock]()
    for token in _parser.parse(text):
        language = next(iter(token.info.lower().split()), "")
        if token.type == "fence" and language in languages and _is_closed(token, lines):
            found.append(CodeBlock(code=token.content, language=language))
    return found


def _is_closed(token: Token, lines: list[str]) -> bool:
    """Whether a line of its own ends it: a message may break off in it, and in a quotation that line begins with the quotation's sign."""
    begin, end = token.map or (0, 0)
    last = lines[end - 1].strip() if end - 1 > begin else ""
    return last.startswith(token.markup) and not last.strip(token.markup[0])
