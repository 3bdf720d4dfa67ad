"""How people are called in rows that outlive them."""

from typing import Any

LENGTH = 150


def name_of(user: Any) -> str:
    """The user name, as long as a column takes; "" for nobody, such as the command line."""
    return user.get_username()[:LENGTH] if getattr(user, "is_authenticated", False) else ""
