"""Deletes old entries of the audit log if the settings say so, and leaves an entry about it."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from stripeflow.workflows import conf
from stripeflow.workflows.audit import kinds
from stripeflow.workflows.audit.acts import Act
from stripeflow.workflows.audit.record import record
from stripeflow.workflows.models import AuditEntry


def prune(act: Act) -> int:
    """Delete what is older than AUDIT_DAYS; returns how many. With 0, the default, nothing is deleted.

    The entry about it comes first: PostgreSQL refuses to delete an entry that no such entry covers.
    """
    days = conf.get("AUDIT_DAYS")
    cutoff = timezone.now() - timedelta(days=days)
    old = AuditEntry.objects.filter(at__lt=cutoff)
    if not days or not old.exists():
        return 0
    with transaction.atomic():
        count = old.count()
        record(kinds.AUDIT_PRUNED, act, after={"before": cutoff.isoformat(), "entries": count})
        # Bypasses the guard of the queryset, which forbids every delete.
        old._raw_delete(old.db)
    return count
