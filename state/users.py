"""Who a conversation belongs to."""

import hashlib
import re
from dataclasses import dataclass


@dataclass(frozen=True)
class User:
    """A person, as the sign-in named them."""

    name: str

    @property
    def key(self) -> str:
        """A folder name that is safe and unique for any `name`: a readable part and a digest.

        The digest alone tells users apart, so case, slashes, dots and Unicode in a name cannot collide or leave the folder.
        """
        readable = re.sub(r"[^a-z0-9]+", "-", self.name.lower()).strip("-")[:40]
        digest = hashlib.sha256(self.name.encode("utf-8", "surrogatepass")).hexdigest()[:16]
        return f"{readable or 'user'}-{digest}"


LOCAL_USER = User("local")
