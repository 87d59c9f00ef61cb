"""Texts from outside, made fit for labels, tables and calendars."""


def one_line(text: str) -> str:
    """Put a text on one line and leave out what cannot be shown: control characters, lone surrogates, marks that turn the writing round."""
    return "".join(sign for sign in " ".join(text.split()) if sign.isprintable())
