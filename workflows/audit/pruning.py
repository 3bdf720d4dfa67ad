"""Deletes old entries of the audit log where the settings say so, and leaves a row that tells of it."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from stripeflow.workflows import conf
from stripeflow.workflows.audit import kinds
from stripeflow.workflows.audit.acts import Act
from stripeflow.workflows.audit.record import record
from stripeflow.workflows.models import AuditEntry


def prune(act: Act) -> int:
    """Delete what is older than AUDIT_DAYS; returns how many. With 0, the default, nothing ever goes.

    The entry that tells of it comes first: PostgreSQL lets no entry go that it does not cover.
    """
    days = conf.get("AUDIT_DAYS")
    cutoff = timezone.now() - timedelta(days=days)
    old = AuditEntry.objects.filter(at__lt=cutoff)
    if not days or not old.exists():
        return 0
    with transaction.atomic():
        count = old.count()
        record(kinds.AUDIT_PRUNED, act, after={"before": cutoff.isoformat(), "entries": count})
        # Past the guard of the queryset; there is no other way to delete one.
        old._raw_delete(old.db)
    return count
