"""The connections that steps name: what is stored of them, who uses them, and opening one for a call."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from stripeflow.actions.base import Action
from stripeflow.actions.connections import Connected, auths, kinds
from stripeflow.actions.errors import ActionError
from stripeflow.triggers.redaction import hiding
from stripeflow.workflows.credentials import named_secrets
from stripeflow.workflows.credentials.named_secrets import NOTED_EVERY, SecretUnusable
from stripeflow.workflows.definition.connection_names import Known, named_in, names_in, places_in
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.definition.titles import step_title
from stripeflow.workflows.models import Connection, Workflow


class ConnectionUnusable(Exception):
    """A connection that a step names cannot be used; the message says why."""


def stored(names: set[str]) -> dict[str, Known]:
    """What is stored under these names."""
    rows = list(Connection.objects.filter(name__in=names))
    secrets = named_secrets.stored({row.secret for row in rows if row.secret})
    return {row.name: Known(row.title, row.kind, _fault(row, secrets)) for row in rows}


def offered(kind: str) -> list[tuple[str, str]]:
    """Name and title of each connection of a kind, for a choice."""
    rows = Connection.objects.filter(kind=kind).values_list("name", "title")
    return [(name, f"{title} ({name})") for name, title in rows]


@contextmanager
def given(action: Action, inputs: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The inputs with each named connection opened, and each named secret's value, for one call.

    Within the `with` block neither a log line nor a kept error holds one of the secrets. Raises
    `SecretUnusable` and `ConnectionUnusable`.
    """
    opened = {field: connected(name) for field, name in named_in(action, inputs).items()}
    secrets = [text for one in opened.values() for text in one.hidden()]
    with hiding(secrets), named_secrets.given(action, {**inputs, **opened}) as whole:
        yield whole


def connected(name: str) -> Connected:
    """Open a connection for a call that is about to be made. Raises `ConnectionUnusable`."""
    row = Connection.objects.filter(name=name).first()
    if row is None:
        message = _("There is no connection “%s”. Create it, or choose another one in the step.")
        raise ConnectionUnusable(message % name)
    auth = auths.find(row.auth)
    if auth is None or kinds.find(row.kind) is None:
        raise ConnectionUnusable(_("The connection “%s” is of a kind that is not installed.") % row.title)
    try:
        settings = auth.clean(row.settings)
        secret = named_secrets.value_of(row.secret) if auth.needs_secret else ""
    except (ActionError, SecretUnusable) as error:
        message = _("The connection “%(title)s” cannot be used. %(why)s")
        raise ConnectionUnusable(message % {"title": row.title, "why": error}) from error
    now = timezone.now()
    if row.last_used_at is None or row.last_used_at < now - NOTED_EVERY:
        Connection.objects.filter(pk=row.pk).update(last_used_at=now)
    return Connected(row.name, row.address, auth, settings, secret)


def by_secret(name: str) -> list[Connection]:
    """The connections that name a secret."""
    return list(Connection.objects.filter(secret=name))


def users_of(name: str) -> dict[str, list[str]]:
    """The workflows that need a connection, by title, each with the titles of its steps.

    Their draft, what is active, and what still runs.
    """
    found: dict[int, dict[str, None]] = {}
    for workflow_id, document in named_secrets.documents_in_use([], connecting=True):
        for step, named in places_in(document):
            if named == name:
                found.setdefault(workflow_id, {})[step_title(step)] = None
    titles = dict(Workflow.objects.filter(pk__in=found).values_list("pk", "name"))
    return {
        title: list(found[pk]) for pk, title in sorted(titles.items(), key=lambda item: (item[1], item[0]))
    }


def frozen_documents_using(name: str) -> list[Json]:
    """The versions that need a connection: what is active, and what still runs."""
    return [document for document in named_secrets.frozen_documents() if name in names_in(document)]


def _fault(row: Connection, secrets: set[str]) -> str:
    auth = auths.find(row.auth)
    if auth is None or kinds.find(row.kind) is None:
        return _("It is of a kind that is not installed.")
    if auth.needs_secret and row.secret not in secrets:
        return (
            _("Its secret “%s” is not there. Store it, or choose another one in the connection.") % row.secret
        )
    return ""
