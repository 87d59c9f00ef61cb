"""Tickets: what lets a browser read one conversation's live events, made by the page, which knows the user."""

from itsdangerous import BadData, URLSafeTimedSerializer

from state.users import User

LIFETIME = 600
"""Seconds in which a ticket opens a connection; one that is open stays so. Each rerun of the page brings a new ticket."""


def issue(secret: bytes, user: User, conversation: str) -> str:
    return _serializer(secret).dumps([user.name, conversation])


def holder(secret: bytes, ticket: str, conversation: str) -> User | None:
    """The user a ticket was issued to, or None when it is forged, too old or for another conversation."""
    try:
        name, ticketed = _serializer(secret).loads(ticket, max_age=LIFETIME)
    except (BadData, ValueError):
        return None
    return User(name) if ticketed == conversation else None


def _serializer(secret: bytes) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(secret, salt="events")
