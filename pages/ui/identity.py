"""Who is at the page."""

from state.users import LOCAL_USER, User


def current_user() -> User:
    return LOCAL_USER
