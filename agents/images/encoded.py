"""AutoGen's image, encoded once."""

import base64
from functools import cached_property
from io import BytesIO

from autogen_core import Image
from PIL import Image as PILImage

from state.images import MediaType


class EncodedImage(Image):
    """Bytes of a JPEG or PNG that go to every model as they are.

    AutoGen's own keeps pixels and makes a PNG of them at every use: each request, each event of a team, each saved state, and all on
    the loop. Figures stand in docs/decisions/0012-the-path-of-a-picture.md.
    """

    def __init__(self, data: bytes) -> None:
        self.data = data

    @classmethod
    def from_base64(cls, base64_str: str) -> "EncodedImage":
        return cls(base64.b64decode(base64_str))

    @property
    def media_type(self) -> MediaType:
        return media_type_of_bytes(self.data)

    @property
    def image(self) -> PILImage.Image:  # type: ignore[override]  # an attribute there, of pixels that nothing of ours needs
        """The picture, opened anew and decoded where it is looked at: AutoGen asks for its size, the demo model for its pixels."""
        return PILImage.open(BytesIO(self.data), formats=["JPEG", "PNG"])

    @cached_property
    def _base64(self) -> str:
        return base64.b64encode(self.data).decode("ascii")

    def to_base64(self) -> str:
        return self._base64

    @property
    def data_uri(self) -> str:
        return f"data:{self.media_type};base64,{self._base64}"


def media_type_of_bytes(data: bytes) -> MediaType:
    """What prepared pictures are, told by their first bytes."""
    return "image/png" if data.startswith(b"\x89PNG") else "image/jpeg"


def media_type_of(image: Image) -> MediaType:
    """What the bytes of `image.to_base64()` are: AutoGen's own images make PNGs."""
    return image.media_type if isinstance(image, EncodedImage) else "image/png"
