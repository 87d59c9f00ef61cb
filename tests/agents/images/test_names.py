"""Names are for reading: no path, nothing unseen."""

import pytest

from agents.images.names import to_name


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("photo.png", "photo.png"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("/", "picture"),
        ("..", "picture"),
        ("", "picture"),
        (" \t.\n", "picture"),
        ("a\x00b\r\nc.png", "a b c.png"),
        ("evil\u202egnp.exe", "evil gnp.exe"),
        ("Zürich 山.heic", "Zürich 山.heic"),
        ("x" * 500 + ".png", "x" * 76 + ".png"),
    ],
)
def test_names(given: str, name: str) -> None:
    assert to_name(given) == name
