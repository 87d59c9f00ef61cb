"""Tickets: what lets a browser read one conversation's live events, or one picture. The page makes them, which knows the user."""

from datetime import date

from itsdangerous import BadData, URLSafeSerializer, URLSafeTimedSerializer

from state.users import User

LIFETIME = 600
"""Seconds in which a ticket opens a connection; one that is open stays so. Each rerun of the page brings a new ticket."""


def issue(secret: bytes, user: User, conversation: str, sign_in: str = "") -> str:
    """With OpenID Connect, `sign_in` names the browser's sign-in."""
    return _serializer(secret).dumps([user.name, conversation, sign_in])


def holder(secret: bytes, ticket: str, conversation: str, sign_in: str = "") -> User | None:
    """The user a ticket was issued to, or None when it is forged, too old, for another conversation or another sign-in."""
    try:
        name, *ticketed = _serializer(secret).loads(ticket, max_age=LIFETIME)
    except (BadData, ValueError):
        return None
    return User(name) if ticketed == [conversation, sign_in] else None


def issue_for_image(secret: bytes, user: User, image: str, today: date, sign_in: str = "") -> str:
    """The same all day long, so that a browser which has the picture asks for it no more."""
    return _image_serializer(secret).dumps([user.name, today.isoformat(), image, sign_in])


def holder_for_image(secret: bytes, ticket: str, image: str, today: date, sign_in: str = "") -> User | None:
    """The user a picture's ticket was issued to, today or the day before; None as above."""
    try:
        name, day, *ticketed = _image_serializer(secret).loads(ticket)
        age = (today - date.fromisoformat(day)).days
    except (BadData, ValueError):
        return None
    return User(name) if ticketed == [image, sign_in] and 0 <= age <= 1 else None


def _serializer(secret: bytes) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(secret, salt="events")


def _image_serializer(secret: bytes) -> URLSafeSerializer:
    return URLSafeSerializer(secret, salt="images")
