"""The secrets that steps name: which workflows need one, and their values for one call.

The one place where a value is decrypted. It is given to the action, and to nothing that keeps or shows it.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from stripeflow.actions import registry
from stripeflow.actions.base import Action
from stripeflow.triggers import encryption
from stripeflow.triggers.encryption import CannotDecrypt
from stripeflow.triggers.redaction import hiding
from stripeflow.workflows.definition import connection_names
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.definition.secret_names import named_in, names_in
from stripeflow.workflows.models import Connection, Run, Secret, Workflow, WorkflowVersion

# The time of the last use is written at most this often.
NOTED_EVERY = timedelta(minutes=5)


class SecretUnusable(Exception):
    """A secret that a step names is not there, or no key in the settings opens it; the message says so."""


def stored(names: set[str]) -> set[str]:
    """Those of the names under which a secret is stored."""
    return set(Secret.objects.filter(name__in=names).values_list("name", flat=True))


def value_of(name: str, *, noted: bool = True) -> str:
    """The value of a secret, for a call that is about to be made. Raises `SecretUnusable`.

    With `noted`, the row says that it was used.
    """
    row = Secret.objects.filter(name=name).first()
    if row is None:
        message = _("There is no secret “%s”. Store it, or choose another one in the step.")
        raise SecretUnusable(message % name)
    try:
        value = encryption.decrypted(row.value)
    except CannotDecrypt as error:
        message = _("No key in the settings opens the secret “%s”. Add the key, or store the secret again.")
        raise SecretUnusable(message % name) from error
    now = timezone.now()
    if noted and (row.last_used_at is None or row.last_used_at < now - NOTED_EVERY):
        Secret.objects.filter(pk=row.pk).update(last_used_at=now)
    return value


@contextmanager
def given(action: Action, inputs: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The inputs with each named secret's value, for the call in the `with` block alone.

    Within it neither a log line nor a kept error holds one of the values. Raises `SecretUnusable`.
    """
    values = {field: value_of(name) for field, name in named_in(action, inputs).items()}
    with hiding(values.values()):
        yield {**inputs, **values}


def workflows_using(name: str) -> list[str]:
    """The titles of the workflows that need the secret: their draft, what is active, and what still runs."""
    titles = {}
    via = _connections_with(name)
    for workflow_id, document in documents_in_use(_secret_kinds(), connecting=bool(via)):
        if workflow_id not in titles and _needs(document, name, via):
            titles[workflow_id] = True
    return sorted(Workflow.objects.filter(pk__in=titles).values_list("name", flat=True))


def frozen_documents_using(name: str) -> list[Json]:
    """The versions that need the secret: what is active, and what still runs."""
    via = _connections_with(name)
    return [document for document in frozen_documents() if _needs(document, name, via)]


def frozen_documents() -> Iterator[Json]:
    """Every version that is active, or that still runs."""
    yield from (document for _workflow, document in _frozen_in_use())


def documents_in_use(kinds: list[str], *, connecting: bool = False) -> Iterator[tuple[int, Json]]:
    """Every document in use, with its workflow's primary key: frozen ones, and drafts with these actions.

    With `connecting`, drafts whose actions name connections as well.
    """
    yield from _drafts_in_use([*kinds, *(_connecting_kinds() if connecting else ())])
    yield from _frozen_in_use()


def _secret_kinds() -> list[str]:
    return [action.key for action in registry.all() if any(one.secret for one in action.inputs)]


def _connecting_kinds() -> list[str]:
    return [action.key for action in registry.all() if any(one.names_connection for one in action.inputs)]


def _connections_with(secret: str) -> set[str]:
    """The names of the connections whose secret it is."""
    return set(Connection.objects.filter(secret=secret).values_list("name", flat=True))


def _needs(document: Json, name: str, via: set[str]) -> bool:
    """Whether a definition uses a secret itself, or one of the connections that have it."""
    return name in names_in(document) or bool(via and via & connection_names.names_in(document))


def _drafts_in_use(kinds: list[str]) -> Iterator[tuple[int, Json]]:
    from stripeflow.workflows.drafts.rows import documents_of

    if kinds:
        yield from documents_of(Workflow.objects.filter(steps__action__in=kinds).distinct()).items()


def _frozen_in_use() -> Iterator[tuple[int, Json]]:
    running = Run.objects.unfinished().values("version_id")
    needed = Q(pk__in=running) | Q(
        pk__in=Workflow.objects.exclude(active_version=None).values("active_version")
    )
    yield from WorkflowVersion.objects.filter(needed).values_list("workflow_id", "document")
