"""Checks permissions again inside the guarded change: one that was withdrawn meanwhile no longer counts.

A request reads its user's permissions once, and may then wait for a row that somebody else has locked.
"""

import copy
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.db import transaction

from stripeflow.workflows.access.setting_off import Operation, check, permission_missing
from stripeflow.workflows.definition.lane import Json

# Where Django's users cache the permissions that were read.
_READ = ("_perm_cache", "_user_perm_cache", "_group_perm_cache")


@contextmanager
def allowing(user: Any, operation: Operation, documents: Iterable[Json]) -> Iterator[None]:
    """A transaction in which `user` does it to what runs on these frozen documents.

    Checks before, and again when all is written and locked, with the permissions of that moment. Raises as
    `setting_off.check`; a proof is asked for once, before.
    """
    known = list(documents)
    check(user, operation, known)
    with transaction.atomic():
        yield
        ask_again(user, operation, known)


def ask_again(user: Any, operation: Operation, documents: Iterable[Json]) -> None:
    """Raise `PermissionDenied` unless the user may still do what `check` has allowed."""
    if refusal := permission_missing(as_of_now(user), operation, documents):
        raise PermissionDenied(refusal)


def as_of_now(user: Any) -> Any:
    """The same person, by the same token, with the permissions of this moment; nobody, if they were deleted.

    None, the command line, stays what it is.
    """
    if getattr(user, "pk", None) is None:
        return user
    twin = copy.copy(user)
    for name in _READ:
        twin.__dict__.pop(name, None)
    try:
        twin.refresh_from_db()
    except ObjectDoesNotExist:
        return AnonymousUser()
    return twin
