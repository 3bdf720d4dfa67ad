"""The rows of the audit log that a test leaves."""

from stripeflow.workflows.models import AuditEntry


class Rows:
    """The rows that were written since it was made."""

    def __init__(self):
        self.last = AuditEntry.objects.values_list("pk", flat=True).first() or 0

    @property
    def kinds(self):
        return list(AuditEntry.objects.filter(pk__gt=self.last).order_by("pk").values_list("kind", flat=True))
