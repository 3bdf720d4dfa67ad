"""Connections: created, changed and deleted, each act with a row of the audit log."""

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from stripeflow.actions import outbound
from stripeflow.actions.connections import auths, kinds
from stripeflow.actions.connections.kinds import ConnectionKind
from stripeflow.actions.errors import ActionError
from stripeflow.actions.outbound.origins import refusal as refusal_of_origin
from stripeflow.workflows import permissions
from stripeflow.workflows.access.asking_again import allowing
from stripeflow.workflows.access.setting_off import Operation, refusal
from stripeflow.workflows.audit import kinds as acts
from stripeflow.workflows.audit.acts import NOBODY, Act
from stripeflow.workflows.audit.record import record
from stripeflow.workflows.credentials import connections, named_secrets, secret_changes
from stripeflow.workflows.credentials.named_secrets import SecretUnusable
from stripeflow.workflows.models import Connection, Secret

# Stands for a secret that is stored in the same act; no secret can have this name.
_ABOUT_TO_BE = "*"


@dataclass(frozen=True)
class Wanted:
    """What a connection is to be. An address of "" is that of its kind, or the one that its secret names."""

    title: str
    kind: str = kinds.HTTP
    address: str = ""
    auth: str = "none"
    settings: Mapping[str, Any] = field(default_factory=dict)
    secret: str = ""


class ConnectionRefused(ValueError):
    """A connection cannot be so, or cannot be deleted. `faults` are sentences by the name of the column."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        self.faults = dict(faults)
        super().__init__(" ".join(self.faults.values()))


def wanted_of(connection: Connection) -> Wanted:
    """What a connection is now."""
    return Wanted(
        connection.title,
        connection.kind,
        connection.address,
        connection.auth,
        connection.settings,
        connection.secret,
    )


def create(name: str, wanted: Wanted, *, act: Act = NOBODY) -> Connection:
    """Keep a new connection.

    Raises `ConnectionRefused`, and `PermissionDenied` where what runs has lost one of this name.
    """
    if Connection.objects.filter(name=name).exists():
        message = _("There is a connection of this name. Change it, or choose another name.")
        raise ConnectionRefused({"name": message})
    row = _checked(Connection(name=name, created_by=_person(act)), wanted)
    with transaction.atomic(), _changing(act.user, name):
        row.save(force_insert=True)
        record(acts.CONNECTION_CREATED, act, row, after=row.facts)
    return row


def change(connection: Connection, wanted: Wanted, *, act: Act = NOBODY) -> Connection:
    """Change a connection: the next call that names it is made so. Its name stays.

    Raises `ConnectionRefused`, and `PermissionDenied` where that changes where values of events are sent, or
    what changes customers or moves money, and the person may not.
    """
    before = Connection.objects.get(pk=connection.pk)
    row = _checked(Connection.objects.get(pk=connection.pk), wanted)
    old, new = before.facts, row.facts
    differing = [name for name in new if new[name] != old[name]]
    if not differing:
        return before
    row.changed_at, row.changed_by = timezone.now(), _person(act)
    # A title is only shown, so what runs does the same as before.
    guard = _changing(act.user, row.name) if differing != ["title"] else nullcontext()
    with transaction.atomic(), guard:
        columns = ("title", "kind", "address", "auth", "settings", "secret", "changed_at", "changed_by")
        if not Connection.objects.filter(pk=row.pk).update(**{one: getattr(row, one) for one in columns}):
            raise _gone(row)
        facts = [{name: one[name] for name in differing} for one in (old, new)]
        record(acts.CONNECTION_CHANGED, act, row, before=facts[0], after=facts[1])
    return row


def keep_with(
    name: str, wanted: Wanted, value: str, *, connection: Connection | None = None, act: Act = NOBODY
) -> Connection:
    """Create or change a connection, with the value of a new secret, or its own secret replaced; "" for none.

    All of it or nothing. Raises as `create`, `change`, and `secret_changes.store`.
    """
    with transaction.atomic():
        if value:
            wanted = replace(wanted, secret=_with_value(name, wanted, value, connection, act))
        if connection is None:
            return create(name, wanted, act=act)
        return change(connection, wanted, act=act)


def typed(wanted: Wanted) -> Wanted:
    """The same with a secret that is about to be stored: for `faults_of`."""
    return replace(wanted, secret=_ABOUT_TO_BE)


def _with_value(name: str, wanted: Wanted, value: str, connection: Connection | None, act: Act) -> str:
    """Store a value: under the name of the connection's own secret, or as a new one. Returns its name."""
    kept = connection.secret if connection is not None and wanted.secret in ("", connection.secret) else ""
    found = Secret.objects.filter(name=kept).first() if kept == name else None
    # Another value in an existing secret has a permission of its own.
    if found is not None and (act.user is None or permissions.may_change_secrets(act.user)):
        secret_changes.replace(found, value, act=act)
        return kept
    new = secret_changes.free_name(name)
    secret_changes.store(new, value, description=wanted.title[:200], act=act)
    return new


def delete(connection: Connection, *, act: Act = NOBODY) -> None:
    """Delete a connection that no workflow needs. Raises `ConnectionRefused` with those that do."""
    with transaction.atomic():
        if named := users_shown(connection, act.user):
            message = _(
                "The connection “%(title)s” is in use by: %(workflows)s. Choose another one in their steps "
                "first."
            )
            raise ConnectionRefused({"name": message % {"title": connection.title, "workflows": named}})
        if not Connection.objects.filter(pk=connection.pk).delete()[0]:
            raise _gone(connection)
        record(acts.CONNECTION_DELETED, act, connection, before=connection.facts)


def users_shown(connection: Connection, user: Any) -> str:  # noqa: ANN401
    """The workflows and steps that need it, for `user`, or for the command line if None; "" for none.

    By titles; for people who may not read workflows, only how many there are.
    """
    users = connections.users_of(connection.name)
    if users and user is not None and not permissions.may_view(user):
        return ngettext("%d workflow", "%d workflows", len(users)) % len(users)
    return ", ".join(f"“{title}” ({', '.join(steps)})" for title, steps in users.items())


def refusal_to_change(user: Any, name: str) -> str:  # noqa: ANN401
    """Why `user` may not change where a connection leads, as a sentence, or ""."""
    documents = connections.frozen_documents_using(name)
    return refusal(user, Operation.CHANGE_CONNECTION, documents) if documents else ""


def faults_of(wanted: Wanted) -> dict[str, str]:
    """What is wrong with a connection, as sentences by the names of columns, and of settings."""
    kind, auth = kinds.find(wanted.kind), auths.find(wanted.auth)
    if kind is None:
        return {"kind": _("There is no such kind of connection.")}
    if auth is None or wanted.auth not in kind.auths:
        return {"auth": _("“%s” does not offer this authentication.") % kind.label}
    found = {}
    if not wanted.title.strip():
        found["title"] = _("A connection needs a title.")
    if fault := _address_fault(kind, _address_of(kind, auth, wanted)):
        found["address"] = fault
    for problem in auth.check(wanted.settings):
        found.setdefault(problem.path.split(".")[0], str(problem.message))
    if fault := _secret_fault(kind, auth, wanted):
        found["secret"] = fault
    return found


def _checked(row: Connection, wanted: Wanted) -> Connection:
    """The row with what is wanted of it. Raises `ConnectionRefused`."""
    found = faults_of(wanted)
    if found:
        raise ConnectionRefused(found)
    kind, auth = kinds.find(wanted.kind), auths.find(wanted.auth)
    assert kind is not None  # noqa: S101  a fault otherwise
    assert auth is not None  # noqa: S101
    row.title, row.kind, row.auth = wanted.title.strip(), wanted.kind, wanted.auth
    row.address = str(outbound.origin_of(_address_of(kind, auth, wanted)))
    row.settings = {name: value for name, value in auth.clean(wanted.settings).items() if value}
    row.secret = wanted.secret if auth.needs_secret else ""
    try:
        row.full_clean(validate_unique=False)
    except ValidationError as error:
        raise ConnectionRefused(
            {name: " ".join(said) for name, said in error.message_dict.items()}
        ) from error
    return row


def _address_of(kind: ConnectionKind, auth: auths.Auth, wanted: Wanted) -> str:
    """Where it leads: what is wanted, what its secret names, or where all of its kind are."""
    if wanted.address or kind.address or not auth.names_address:
        return wanted.address.rstrip("/") or kind.address
    return auth.address_in(_value(wanted.secret))


def _value(name: str) -> str:
    """The value of a secret; "" for one that is not there, or not yet."""
    try:
        return named_secrets.value_of(name, noted=False) if name not in ("", _ABOUT_TO_BE) else ""
    except SecretUnusable:
        return ""


def _address_fault(kind: ConnectionKind, address: str) -> str:
    if kind.address:
        is_own = address.rstrip("/") in ("", kind.address)
        return "" if is_own else _("The address of “%s” is always the same.") % kind.label
    try:
        origin = outbound.origin_of(address.rstrip("/"))
    except ActionError as error:
        return error.message
    if str(origin) != address.rstrip("/").lower():
        return _("The address is scheme and host alone, such as %s. Steps add the path.") % origin
    return refusal_of_origin(origin)


def _secret_fault(kind: ConnectionKind, auth: auths.Auth, wanted: Wanted) -> str:
    name = wanted.secret
    if not auth.needs_secret:
        return _("“%s” needs no secret.") % auth.label if name else ""
    if not name:
        return _("“%s” needs a secret.") % auth.label
    if name == _ABOUT_TO_BE:
        return ""
    try:
        value = named_secrets.value_of(name, noted=False)
    except SecretUnusable as error:
        return str(error)
    return auth.secret_fault(value) or kind.secret_fault(value) or _host_fault(kind, auth, wanted, value)


def _host_fault(kind: ConnectionKind, auth: auths.Auth, wanted: Wanted, value: str) -> str:
    if not auth.names_address or auth.address_in(value) == _address_of(kind, auth, wanted).lower():
        return ""
    return _("The secret “%(name)s” is for another host than %(address)s.") % {
        "name": wanted.secret,
        "address": _address_of(kind, auth, wanted),
    }


def _changing(user: Any, name: str) -> AbstractContextManager[None]:  # noqa: ANN401
    documents = connections.frozen_documents_using(name)
    return allowing(user, Operation.CHANGE_CONNECTION, documents) if documents else nullcontext()


def _gone(connection: Connection) -> ConnectionRefused:
    return ConnectionRefused({"name": _("The connection “%s” is not there any more.") % connection.title})


def _person(act: Act) -> Any:  # noqa: ANN401  a user
    return act.user if getattr(act.user, "is_authenticated", False) else None
