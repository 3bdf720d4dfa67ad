"""Secrets: stored, replaced, described, deleted and encrypted again, each act with a row of the audit log."""

from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from stripeflow.actions.named_secrets import NAME_LENGTH
from stripeflow.triggers import encryption
from stripeflow.triggers.encryption import CannotDecrypt
from stripeflow.workflows import permissions
from stripeflow.workflows.access.asking_again import allowing
from stripeflow.workflows.access.setting_off import Operation, refusal
from stripeflow.workflows.audit import kinds
from stripeflow.workflows.audit.acts import NOBODY, Act
from stripeflow.workflows.audit.record import record
from stripeflow.workflows.credentials import named_secrets
from stripeflow.workflows.models import Connection, DestinationSecret, Secret
from stripeflow.workflows.models.secret import validate_value

# Of a value, in characters. A private key in PEM fits.
MOST = 10_000


class SecretRefused(ValueError):
    """The secret cannot be stored, changed or deleted so; the message says why. It holds no value."""


def store(name: str, value: str, *, description: str = "", act: Act = NOBODY) -> Secret:
    """Keep a new secret.

    Raises `SecretRefused`, and `PermissionDenied` where what runs has lost a secret of this name, and the
    person may not replace it.
    """
    _check_value(value)
    with transaction.atomic():
        secret = keep(name, value, description=description, act=act)
        record(kinds.SECRET_STORED, act, secret)
    return secret


def keep(name: str, value: str, *, description: str = "", act: Act = NOBODY) -> Secret:
    """The row of a new secret, whose value may be short. The caller records the act.

    Raises as `store`.
    """
    secret = Secret(name=name, description=description, value=_encrypted(value), created_by=_person(act))
    try:
        secret.full_clean(exclude=["value"])
    except ValidationError as error:
        raise SecretRefused(" ".join(error.messages)) from error
    with transaction.atomic(), _replacing(act.user, name):
        secret.save(force_insert=True)
    return secret


def replace(secret: Secret, value: str, *, act: Act = NOBODY) -> None:
    """Give a secret another value: the next call that names it is given this one.

    Raises `SecretRefused`, and `PermissionDenied` where that changes what moves money or changes customers,
    or where values of events are sent, and the person may not.
    """
    _check_value(value)
    changed = {"value": _encrypted(value), "changed_at": timezone.now(), "changed_by": _person(act)}
    with transaction.atomic(), _replacing(act.user, secret.name):
        if not Secret.objects.filter(pk=secret.pk).update(**changed):
            raise _gone(secret)
        record(kinds.SECRET_REPLACED, act, secret)


def refusal_of(value: str) -> str:
    """Why nobody may store this value, as a sentence that does not hold it, or ""."""
    try:
        _check_value(value)
    except SecretRefused as error:
        return str(error)
    return ""


def refusal_to_replace(user: Any, name: str) -> str:  # noqa: ANN401
    """Why `user` may not give the secret another value, as a sentence, or ""."""
    documents = named_secrets.frozen_documents_using(name)
    return refusal(user, Operation.REPLACE_SECRET, documents) if documents else ""


def describe(secret: Secret, description: str, *, act: Act = NOBODY) -> None:
    """Say what a secret is for. Raises `SecretRefused`."""
    most = Secret._meta.get_field("description").max_length or 0
    if len(description) > most:
        raise SecretRefused(_("The description may have at most %d characters.") % most)
    with transaction.atomic():
        if (
            Secret.objects.filter(pk=secret.pk)
            .exclude(description=description)
            .update(description=description)
        ):
            record(kinds.SECRET_DESCRIBED, act, secret)


def delete(secret: Secret, *, act: Act = NOBODY) -> None:
    """Delete a secret that nothing needs. Raises `SecretRefused` with what does, as `users_shown`."""
    with transaction.atomic():
        if named := users_shown(secret, act.user):
            message = _("The secret “%(name)s” is in use by: %(workflows)s. Choose another one there first.")
            raise SecretRefused(message % {"name": secret.name, "workflows": named})
        if not Secret.objects.filter(pk=secret.pk).delete()[0]:
            raise _gone(secret)
        record(kinds.SECRET_DELETED, act, secret)


def users_shown(secret: Secret, user: Any) -> str:  # noqa: ANN401
    """The workflows and connections that need the secret, for `user`, or for the command line if None.

    "" for none. Their titles; for people who may not read them, only how many there are.
    """
    titles = named_secrets.workflows_using(secret.name)
    rows = Connection.objects.filter(secret=secret.name)
    joined = [_("connection “%s”") % title for title in rows.values_list("title", flat=True)]
    if titles and user is not None and not permissions.may_view(user):
        titles, shown = [], [ngettext("%d workflow", "%d workflows", len(titles)) % len(titles)]
    else:
        shown = [f"“{title}”" for title in titles]
    if joined and user is not None and not permissions.may_see_connections(user):
        joined = [ngettext("%d connection", "%d connections", len(joined)) % len(joined)]
    return ", ".join([*shown, *joined])


def rotate() -> int:
    """Encrypt all secrets, and those that sign events, with the first key of today; how many changed.

    Raises `CannotDecrypt` for one that no key opens, after the others are done.
    """
    changed, lost = 0, None
    for rows in (Secret.objects.all(), DestinationSecret.objects.all()):
        for pk, kept in rows.values_list("pk", "value"):
            try:
                now = encryption.rotated(kept)
            except CannotDecrypt as error:
                lost = error
                continue
            if now != kept:
                changed += rows.filter(pk=pk, value=kept).update(value=now)
    if lost is not None:
        raise lost
    return changed


def free_name(*titles: str, taken: Iterable[str] = ()) -> str:
    """A name that no secret has, nor is `taken` otherwise, made of what it is for."""
    base = slugify("-".join(titles))[: NAME_LENGTH - 4].strip("-_") or "secret"
    taken = {*taken, *Secret.objects.filter(name__startswith=base).values_list("name", flat=True)}
    numbered = (f"{base}-{number}" for number in range(2, len(taken) + 3))
    return base if base not in taken else next(name for name in numbered if name not in taken)


def _replacing(user: Any, name: str) -> AbstractContextManager[None]:  # noqa: ANN401
    documents = named_secrets.frozen_documents_using(name)
    return allowing(user, Operation.REPLACE_SECRET, documents) if documents else nullcontext()


def _gone(secret: Secret) -> SecretRefused:
    return SecretRefused(_("The secret “%s” is not there any more.") % secret.name)


def _check_value(value: str) -> None:
    _check_size(value)
    try:
        validate_value(value)
    except ValidationError as error:
        raise SecretRefused(" ".join(error.messages)) from None


def _check_size(value: str) -> None:
    if not value:
        raise SecretRefused(_("A secret needs a value."))
    if len(value) > MOST:
        raise SecretRefused(_("A secret has at most %d characters.") % MOST)


def _encrypted(value: str) -> str:
    _check_size(value)
    return encryption.encrypted(value)


def _person(act: Act) -> Any:  # noqa: ANN401  a user
    return act.user if getattr(act.user, "is_authenticated", False) else None
