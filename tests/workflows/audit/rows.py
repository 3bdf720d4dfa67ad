"""The rows of the audit log that a test leaves."""

from stripeflow.workflows.audit import names
from stripeflow.workflows.models import AuditEntry


class Rows:
    """The rows that were written since it was made."""

    def __init__(self):
        self.last = AuditEntry.objects.values_list("pk", flat=True).first() or 0

    @property
    def kinds(self):
        """What they say was done; each is about a kind of object that has a name for people."""
        rows = list(AuditEntry.objects.filter(pk__gt=self.last).order_by("pk"))
        assert {row.object_kind for row in rows} <= {"", *names.OBJECTS}
        return [row.kind for row in rows]
