"""What code prints, as it is kept."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.sandbox.output import Output, plain


@pytest.mark.parametrize(
    ("printed", "kept"),
    [
        ("\x1b[1;31mred\x1b[0m and plain\n", "red and plain\n"),
        ("\x1b]0;a title\x07text", "text"),
        ("\x1b]8;;https://example.com\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("10%\r50%\r100%\n", "100%\n"),
        ("a line of Windows\r\nanother\r\n", "a line of Windows\nanother\n"),
        ("bell\x07 and null\x00 and\ttab", "bell and null and\ttab"),
        ("\x1b(Bcharset\x1b=keys", "charsetkeys"),
    ],
)
def test_text_is_left_as_a_terminal_would_leave_it(printed: str, kept: str) -> None:
    assert plain(printed) == kept


def test_it_is_handed_on_line_by_line() -> None:
    """A colour or a letter that comes in two parts is one."""
    heard: list[str] = []
    output = Output(1000, 1000, heard.append)
    for piece in (b"one\ntw", b"o \x1b[3", b"1mred\xc3", b"\xa9\n", b"rest"):
        output.take(piece)

    assert heard == ["one\n", "two redé\n"]
    output.end()
    assert output.text == "one\ntwo redé\nrest"


def test_a_long_line_does_not_wait_for_its_end() -> None:
    heard: list[str] = []
    Output(100_000, 100_000, heard.append).take(b"x" * 50_000)

    assert "".join(heard) == "x" * 50_000


@given(st.lists(st.binary(max_size=300)))
def test_any_bytes_give_text_that_can_be_stored(pieces: list[bytes]) -> None:
    output = Output(500, 1000)
    for piece in pieces:
        output.take(piece)
    output.end()
    total = sum(map(len, pieces))

    assert len(output.text.encode("utf-8")) <= 1500  # a byte that is no text becomes a sign of three
    assert "\x1b" not in output.text
    assert (output.is_truncated, output.is_flood) == (total > 500, total > 1000)
