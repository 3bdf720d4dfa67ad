"""Who may read what monitoring says: the bearer of a token of the settings, or a member of staff."""

from django.http import HttpRequest
from django.utils.crypto import constant_time_compare


def has_token(request: HttpRequest, token: str) -> bool:
    """Whether the request carries `Authorization: Bearer <token>`; never, if the token is empty."""
    scheme, _space, given = request.headers.get("Authorization", "").partition(" ")
    return bool(token) and scheme.lower() == "bearer" and constant_time_compare(given.strip(), token)


def is_staff(request: HttpRequest) -> bool:
    """Whether a member of staff is logged in. Reads the session, so it needs the database."""
    user = getattr(request, "user", None)
    return user is not None and user.is_active and user.is_staff
