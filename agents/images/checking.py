"""Pictures that come prepared, in a stranger's file: taken only if they are what ours would be."""

from agents.images.kinds import JPEG, PNG, kind_of
from agents.images.limits import Pieces, complaint_of_file, has_too_many_scans
from agents.images.metadata import exif_of, removed_from
from agents.images.pixels import LONGEST_SIDE
from agents.images.preparing import decoded
from state.images import StoredImage


def is_prepared(data: bytes, image: StoredImage) -> bool:
    """Whether bytes are the picture that an event tells of: sound, within the size, and pixels only."""
    kind = kind_of(data)
    if complaint_of_file(data) or kind not in (PNG, JPEG) or image.media_type != f"image/{kind.name.lower()}":
        return False
    if kind is JPEG and has_too_many_scans(data):
        return False
    try:
        return decoded(lambda: _is_sound(data, image))
    except Exception:  # as in preparing: decoders raise whatever they happen to, and an import says that a picture is damaged
        return False


def is_picture(data: bytes) -> bool:
    """Whether bytes that lie here as a picture decode."""
    try:
        return decoded(lambda: _loads(data))
    except Exception:  # as above
        return False


def _loads(data: bytes) -> bool:
    kind = kind_of(data)
    if kind is None:
        return False
    with kind.open(Pieces(data)) as picture:
        picture.load()
    return True


def _is_sound(data: bytes, image: StoredImage) -> bool:
    kind = kind_of(data)
    if kind is None:
        return False
    with kind.open(Pieces(data)) as picture:
        if picture.size != (image.width, image.height) or max(picture.size) > LONGEST_SIDE or len(data) != image.size:
            return False
        picture.load()
        return removed_from(picture, exif_of(picture)) is None
