"""Everything that can go wrong and be said: each error's text is a sentence the page shows as it is."""


class RoundtableError(Exception):
    """A failure with a sentence for the person at the page."""


class SettingsError(RoundtableError):
    """The environment or `.env` holds a value the application cannot start with."""


class DataFolderInUse(RoundtableError):
    """Another Roundtable process already works on this data folder."""


class StoreUnavailable(RoundtableError):
    """The disk refused to read or write: full, read-only or gone."""


class ConversationNotFound(RoundtableError):
    """No such conversation among this user's own."""

    def __init__(self) -> None:
        super().__init__("There is no such conversation among yours. It may have been deleted, or the address is wrong.")


class ConversationBusy(RoundtableError):
    """The conversation already has a run: one at a time, whichever tab asks."""

    def __init__(self) -> None:
        super().__init__("An answer is still being written here. Stop it or wait for it; your text is kept.")


class PromptTooLong(RoundtableError):
    """More than one prompt may hold."""

    def __init__(self, length: int, limit: int) -> None:
        super().__init__(f"That is {length:,} characters; a prompt takes up to {limit:,}. Shorten it and send it again: your text is kept.")


class TitleRefused(RoundtableError):
    """Nothing, or too much, to be a title."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"A title needs at least one character and at most {limit}. The old one stays.")


class FileRefused(RoundtableError):
    """A workspace does not take or give a file of that name or size."""


class LoopUnavailable(RoundtableError):
    """The background loop that drives the agents is not running."""

    def __init__(self) -> None:
        super().__init__("The part of the server that runs agents is down. Your conversations are safe; restart the server.")
