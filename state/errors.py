"""Everything that can go wrong and be said: each error's text is a sentence the page shows as it is."""


def quoted(text: str) -> str:
    """A name from outside as a part of a sentence: in a code span, where Markdown stays text."""
    return f"`{' '.join(text.split()).replace('`', '’')}`"


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
        super().__init__("An answer is still being written here, or waits for you. Stop it or finish it; your text is kept.")


class ModeMissing(RoundtableError):
    """The conversation is of a mode that this version does not have, or is not the one that was asked."""

    def __init__(self, mode: str) -> None:
        super().__init__(
            f"This Roundtable has no mode {quoted(mode)}, so this conversation can be read and downloaded, but not continued. "
            "Start a new one instead."
        )


class AlreadySent(RoundtableError):
    """The very same prompt came again, by a double click or a repeated request: it is one."""

    def __init__(self) -> None:
        super().__init__("That was sent already.")


class NothingToContinue(RoundtableError):
    """An answer that had not begun cannot go on."""

    def __init__(self) -> None:
        super().__init__("Nothing of this answer had arrived, so it cannot go on. Retry it instead.")


class QuestionOver(RoundtableError):
    """An answer came to a question that is answered already, or whose run has ended: nothing comes of it."""

    def __init__(self) -> None:
        super().__init__("That was answered already, or the answer it belongs to was stopped. Nothing was done.")


class PromptTooLong(RoundtableError):
    """More than one prompt may hold."""

    def __init__(self, length: int, limit: int) -> None:
        super().__init__(f"That is {length:,} characters; a prompt takes up to {limit:,}. Shorten it and send it again: your text is kept.")


class AnswerTooLong(RoundtableError):
    """More than an answer to a question may hold."""

    def __init__(self, length: int, limit: int) -> None:
        super().__init__(
            f"That is {length:,} characters; an answer takes up to {limit:,}. Shorten it and send it again: your text is kept."
        )


class TitleRefused(RoundtableError):
    """Nothing, or too much, to be a title."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"A title needs at least one character and at most {limit}. The old one stays.")


class ImportRefused(RoundtableError):
    """An uploaded file is not what it should be; its text says why."""


class FileRefused(RoundtableError):
    """A workspace does not take or give a file of that name or size."""


class LoopUnavailable(RoundtableError):
    """The background loop that drives the agents is not running."""

    def __init__(self) -> None:
        super().__init__("The part of the server that runs agents is down. Your conversations are safe; restart the server.")


# Pictures


class ImageNotFound(RoundtableError):
    """No such picture among this user's own."""

    def __init__(self) -> None:
        super().__init__("There is no such picture among yours. The last conversation that held it may have been deleted.")


class ModelCannotSee(RoundtableError):
    """Pictures for a model that takes none."""

    def __init__(self, model: str) -> None:
        super().__init__(f"{model} takes no pictures. Choose another model in the menu above the box, and send them again.")


class ImageRefused(RoundtableError):
    """A file that cannot go along as a picture. The others of its message still do."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{quoted(name)} was left out: {reason}")
        self.name = name


# Many people


class AccessRefused(RoundtableError):
    """A request that nothing is answered to but this sentence."""


class ShareUsedUp(RoundtableError):
    """A user has taken all that there is for one; the text says when there is more."""


class NotSignedIn(RoundtableError):
    """Nobody is at the page whose conversations could be shown."""

    def __init__(self, sentence: str = "You are not signed in, so there is nothing to show. Reload the page and sign in.") -> None:
        super().__init__(sentence)
