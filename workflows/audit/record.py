"""Records an act, in the transaction of the act itself: both exist, or neither."""

import logging
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from django.db import models, transaction

from stripeflow.triggers.trail import Done
from stripeflow.workflows.audit import kinds
from stripeflow.workflows.audit.acts import Act
from stripeflow.workflows.audit.kinds import Kind
from stripeflow.workflows.models.api_token import PREFIX
from stripeflow.workflows.models.audit import AuditEntry
from stripeflow.workflows.models.names import name_of
from stripeflow.workflows.models.run import Run

logger = logging.getLogger(__name__)

# Numbers, names and titles, and no values of events or secrets.
Fact = str | int | bool | None | list[str] | list[int]
Facts = Mapping[str, Fact]


class NoTransaction(RuntimeError):
    """There is no transaction, so the act and its entry could exist without each other."""


@dataclass(frozen=True)
class Subject:
    """The object of an act, if it has no row, or one that is about to be deleted."""

    kind: str
    id: str = ""
    title: str = ""
    workflow_id: int | None = None

    @classmethod
    def of(cls, row: models.Model) -> "Subject":
        """A row, with the workflow that it belongs to, if any. A run has the name of its workflow."""
        kind = row._meta.model_name or ""
        workflow_id = row.pk if kind == "workflow" else getattr(row, "workflow_id", None)
        named = row.workflow if isinstance(row, Run) else row
        return cls(kind, str(row.pk), str(named), workflow_id)


def record(
    kind: Kind,
    act: Act,
    on: models.Model | Subject | None = None,
    *,
    before: Facts | None = None,
    after: Facts | None = None,
) -> AuditEntry:
    """Record that `act` did this to `on`, with the facts before and after.

    Raises `NoTransaction` outside of one, and `kinds.UnknownKind`.
    """
    if not transaction.get_connection().in_atomic_block:
        raise NoTransaction(f"{kind.key} is to be recorded in the transaction of the act.")
    entry = AuditEntry(
        kind=kinds.get(kind.key).key,
        **_who(act),
        **_what(on),
        before=dict(before) if before else None,
        after=dict(after) if after else None,
        note=act.note[:500],
    )
    entry.save()
    transaction.on_commit(lambda: _log(entry), robust=True)
    return entry


def record_done(command: object, done: Done) -> AuditEntry:
    """Record what a command of `triggers` did; see `stripeflow.triggers.trail`."""
    subject = Subject(done.object_kind, done.object_id, done.object_id)
    return record(kinds.get(done.kind), Act.by(command), subject, after=done.facts)


def _who(act: Act) -> dict[str, Any]:
    user = act.user if getattr(act.user, "is_authenticated", False) else None
    return {
        "user_id": str(user.pk) if user else "",
        "user_name": name_of(user),
        **asdict(act.origin),
    }


def _what(on: models.Model | Subject | None) -> dict[str, Any]:
    if on is None:
        return {}
    subject = on if isinstance(on, Subject) else Subject.of(on)
    return {
        "object_kind": subject.kind[:40],
        "object_id": subject.id[:64],
        "object_title": subject.title[:200],
        "workflow_id": subject.workflow_id,
    }


def _log(entry: AuditEntry) -> None:
    """One log line after the commit, for log collectors. Without the note, which people typed."""
    facts = {
        "audit_id": entry.pk,
        "act": entry.kind,
        "user_id": entry.user_id,
        "user": entry.user_name,
        "via": entry.via,
        "token": entry.token.removeprefix(PREFIX),
        "command": entry.command,
        "address": entry.address,
        "request_id": entry.request_id,
        "object_kind": entry.object_kind,
        "object_id": entry.object_id,
    }
    logger.info("workflows.audit.recorded", extra={name: fact for name, fact in facts.items() if fact != ""})
