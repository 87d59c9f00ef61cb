"""A model's text made safe and plain for Streamlit."""

import html
from unittest.mock import Mock

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from pages.ui import markdown
from pages.ui.markdown import REMEMBERED, _made_once, escaped, to_markdown
from pages.web.formulas import FORMULA

parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
IMAGES = ["!", "[x]", "![x](http://evil/x.png)", "(http://evil)"]
MARKS = ["`", "``", "```", "~~~", "\\", "\n", "\n\n", "# ", "- ", "> ", "    ", "a", "| a |", "\\(", "\\)", "\\[", "\\]", "$"]
pieces = st.sampled_from(IMAGES + MARKS)


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("![a cat](http://evil/cat.png)", "[a cat](http://evil/cat.png)"),
        ("!![a](b)", "[a](b)"),
        ("[![a](b)](c)", "[[a](b)](c)"),
        ("![a][1]\n\n[1]: http://evil/a.png", "[a][1]\n\n[1]: http://evil/a.png"),
        (":red[warm] and :blue-background[cold]", "\\:red[warm] and \\:blue-background[cold]"),
        (":smile: at 12:30:45", "\\:smile: at 12\\:30:45"),
        (":material/home: sweet home", "\\:material/home: sweet home"),
        ("from $5 to $10", "from \\$5 to \\$10"),
        ("already \\$5 and \\:smile:", "already \\$5 and \\:smile:"),
    ],
)
def test_what_streamlit_or_a_browser_would_make_of_text_is_taken_away(text: str, made: str) -> None:
    assert to_markdown(text) == made


@pytest.mark.parametrize(
    "text",
    [
        "# A heading\n\n- **bold** and *italic*\n- [a link](https://example.org)\n\n| a | b |\n|---|---|\n| 1 | 2 |\n",
        "Wow! That [link](b) costs: nothing. Note: it's $x^2$.",
        "`![a](b) :red[x] $5`",
        "``![a](b) ` :smile:`` and `$1`",
        "```python\ncost = '$5'  # :smile:\nimage = '![a](b)'\n```",
        "~~~\n![a](b) $5\n```\n:red[x]\n~~~",
        "```\n![a](b) still being written $5",
        "  ````md\n```\n$5\n```\n  ````",
        "1. a\n\n    ```sh\n    echo $1\n\n    echo $x$ :a:\n    ```\n\n2. $x$",
        "> ```sh\n> echo $1\n>\n> ```\n> echo $x$\n>\n\n$x$",
        "- a\n  - > ```\n    > $1\n\n  - $x$",
        "1.  - ```\n      $1\n\n      $2\n      ```\n\n$x$",
        "```\n> ```\n$1\n    ```\n$2\n```\n$x$",
        "a https://g.com/u?$select=id&$filter=x&$top=5 b",
        "",
    ],
)
def test_markdown_and_code_stay_as_they_are(text: str) -> None:
    assert to_markdown(text) == text


def test_text_between_code_is_treated_and_code_is_not() -> None:
    text = "$1 `$2` $3\n\n```\n$4\n```\n\n$5 ![a](`b`)"

    assert to_markdown(text) == "\\$1 `$2` \\$3\n\n```\n$4\n```\n\n\\$5 [a](`b`)"


@pytest.mark.parametrize(
    ("text", "made"),
    [
        (r"so \( 2x^2 \) costs $5", r"so $2x^2$ costs \$5"),
        ("\\[\nE = mc^2\n\\]", "$$\nE = mc^2\n$$"),
        (r"\[a_1\] and \(b\)", r"$$a_1$$ and $b$"),
        (r"`\(x\)` and \\(no\\) and \(open", r"`\(x\)` and \\(no\\) and \(open"),
        ("\\(a\n\nb\\)", "\\(a\n\nb\\)"),
        (r"\(![x](http://evil/x.png)\)", "$[x](http://evil/x.png)$"),
        (r"$a<b$, $\alpha:b:c$ and $2^n$", r"$a<b$, $\alpha:b:c$ and $2^n$"),
        ("$x$ of $HOME and $PATH, 5 $ or 6 $", r"$x$ of \$HOME and \$PATH, 5 \$ or 6 \$"),
        ("$HOME and $PATH", "$HOME and $PATH"),
        ("so:\n$$x_1$$\nand $$y$$.", "so:\n$$\nx_1\n$$\nand $$y$$."),
        ("1. a\n   $$x$$\n\n> - $$y$$", "1. a\n   $$\n   x\n   $$\n\n> - $$\n>   y\n>   $$"),
        ("$$\na\n\n= b\n$$", "$$\na = b\n$$"),
        ("\\(a\nb\\)", "$a b$"),
        ("`$a$ $5`$5 $$x$$`c`", "`$a$ $5`\\$5 $$x$$`c`"),
        ("> $$\n> x\n> $$", "> $$\n> x\n> $$"),
        ("> \\[\n> x > 1\n> \\]", "> $$\n> x > 1\n> $$"),
        ("> so \\(a\n> = b\\) ok", "> so $a = b$ ok"),
        ("- > \\[\n  > x\n  > \\]", "- > $$\n  > x\n  > $$"),
        ("> > \\[\n> > > x\n>> \\]", "> > $$\n> > > x\n> > $$"),
        ("\\(a\n> b\\)", "$a > b$"),
        ("$$\na % c\n+ b\n$$", "$$\na + b\n$$"),
        ("\\(5 \\% \\\\% c\n%\n+ b % d\\)", "$5 \\% \\\\ + b % d$"),
        (r"$$\text{cost} = 3 \times \$5$$", "$$\n\\text{cost} = 3 \\times \\$5\n$$"),
        ("$$\n3 \\times \\$5\n= 15\\$\n$$", "$$\n3 \\times \\$5 = 15\\$\n$$"),
        (r"\(5 \$\) and \[\$5\], \(open \$5, $$\$", r"$$5 \$ $$ and $$\$5$$, \(open \$5, \$\$\$"),
        (r"$x$ https://g.com/u?$select=id&$filter=x&$top=5 $y$", r"$x$ https://g.com/u?$select=id&$filter=x&$top=5 $y$"),
        (r"<https://a/$b$> [a](/$b$/\(c\)) $c$", r"<https://a/$b$> [a](/$b$/\(c\)) $c$"),
        ("> ```\n> $1\n\n$5", "> ```\n> $1\n\n\\$5"),
        ("- ```\n  $1\n\n$5\n\n    ~~~\n$6", "- ```\n  $1\n\n\\$5\n\n    ~~~\n\\$6"),
        ("$$\\text{a `b` c}$$ and $$\nx `y`\n$$", "$$\\text{a `b` c}$$ and $$x `y`$$"),
        ("$$\nx\n\n`y` = z\n$$ `$$` $$ `a", "$$x `y` = z$$ `$$` \\$\\$ `a"),
        ("$$\n~~~\n$$\n$x$", "$$\n~~~\n$$\n$x$"),
        ("\\( \\), \\[ \\] and\n$$ $$ of $x$", "\\( \\), \\[ \\] and\n\\$\\$ \\$\\$ of $x$"),
        ("$$\n% nothing\n% else\n$$ and $%$", "$$% else$$ and $%$"),
    ],
)
def test_formulas_as_models_write_them_are_drawn(text: str, made: str) -> None:
    assert to_markdown(text) == made


@pytest.mark.parametrize("text", ["`a\n$$\nb\n$$\n![x](/y)`", "$$\n```\n$$\n![x](/y)\n```", "`a\n:::b\n![x](/y)`", "`a\n> [^1]: ![x](/y)`"])
def test_what_only_streamlit_knows_hides_no_image(text: str) -> None:
    """Its formulas, boxes and footnotes end what is code for everybody else."""
    assert "![" not in to_markdown(text)


@pytest.mark.parametrize("piece", ["` ", "`a ", "``a ", "~~~\n", "```\n", "`$x$` $x$ ", "- ```\n", "    ~~~\n", "> ~~~\n\n"])
def test_whether_there_are_formulas_is_asked_once_for_the_whole_text(monkeypatch: pytest.MonkeyPatch, piece: str) -> None:
    """Asked for each piece between code, a text of much code took minutes."""
    searched = Mock(wraps=FORMULA)
    monkeypatch.setattr(markdown, "FORMULA", searched)
    to_markdown(piece * 25_000)

    assert searched.search.call_count == 1


def test_a_formula_may_have_lines_of_its_own() -> None:
    assert to_markdown("\\[ a \\\\[2pt] b \\]") == "$$\na \\\\[2pt] b\n$$"


@given(st.lists(pieces, max_size=12).map("".join))
@example("```a``` ![x](http://evil/x.png)")
@example("`\n\n![x](http://evil/x.png)\n\n`")
@example("\\`![x](http://evil/x.png)`")
@example("`\n# ![x](http://evil/x.png)\n`")
@example("`!!!!![x](http://evil/x.png)")
@example("!" * 100_000)
@example("\\(a" * 33_000)
@example("\\[a" * 33_000)
def test_no_text_leaves_an_image(text: str) -> None:
    """Not even one that pretends to stand in code."""
    tokens = parser.parse(to_markdown(text))

    assert not [child for token in tokens for child in token.children or () if child.type == "image"]


@given(st.text(alphabet=st.sampled_from("ab \\`*_[]<>#:$~|!&;()-+.1\"'éß😀"), max_size=30).map(str.strip))
@example("&copy; <b>x</b> [a](http://b) **c** `d` ![e](f) :smile: $5 http://g")
def test_escaped_text_is_shown_as_it_is(text: str) -> None:
    """A title is what the person wrote, whatever it would mean in Markdown."""
    assert parser.renderInline(f"**{escaped('x' + text + 'x')}**") == f"<strong>x{html.escape(text).replace('&#x27;', chr(39))}x</strong>"


@pytest.mark.parametrize("text", ["---", "- - -", "+ x", "# x", "x\n===", "x\n---", "> x", "***"])
def test_escaped_text_is_no_line_and_no_heading(text: str) -> None:
    """A title of dashes alone was a conversation without a link."""
    assert parser.render(escaped(text)) == f"<p>{html.escape(text)}</p>\n"


@pytest.mark.parametrize("text", [":smile:", ":red[x]", "$5 and $6", ":material/home:"])
def test_escaped_text_means_nothing_to_streamlit(text: str) -> None:
    assert "\\" + text[0] in escaped(text)
    assert escaped(text).replace("\\", "") == text


def test_what_is_drawn_again_and_again_is_made_once() -> None:
    """But of a very long text nothing is kept."""
    before = _made_once.cache_info()
    for text in ("The same words.", "The same words.", "x" * (REMEMBERED + 1)):
        to_markdown(text)
    after = _made_once.cache_info()

    assert (after.hits - before.hits, after.misses - before.misses) == (1, 1)
