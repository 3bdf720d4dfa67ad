"""Who asks for a page of the admin."""

from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

if TYPE_CHECKING:
    # What stands for the model of the settings.
    from django.contrib.auth.models import User


def person_of(request: HttpRequest) -> "User":
    """The account that is signed in. Raises `PermissionDenied` if nobody is."""
    if not request.user.is_authenticated:
        raise PermissionDenied
    return request.user
