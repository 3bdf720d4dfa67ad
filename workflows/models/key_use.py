from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from stripeflow.triggers.sql.inserts import insert_where_new
from stripeflow.triggers.widths import WIDTH
from stripeflow.workflows.models.run import Run

if TYPE_CHECKING:
    from typing import Self

# No period is longer, so older rows tell nothing.
LONGEST = timedelta(days=400)


class KeyUseQuerySet(models.QuerySet["KeyUse"]):
    """What is asked of uses of keys."""

    def of(self, run: Run, step_key: str, key: str) -> "Self":
        """The use of a key at a step, in the mode and account of the run; there is one at most."""
        return self.filter(**_identity(run, step_key, key))

    def claim(self, run: Run, *, step_key: str, path: str, key: str, every: timedelta, now: datetime) -> bool:
        """Use the key for the run, unless another run has used it since `every` ago; whether it may pass.

        Each way is one guarded statement, so of several runs at the same moment one passes. The run whose use
        it is passes again, at the same path: its worker may have died before it was recorded.
        """
        mine = {"run_id": run.pk, "path": path}
        rows = self.of(run, step_key, key)
        if rows.filter(Q(used_at__lte=now - every) | Q(**mine)).update(**mine, used_at=now):
            return True
        return insert_where_new(self.model(**_identity(run, step_key, key), **mine, used_at=now))


class KeyUse(models.Model):
    """When a step that lets runs pass once for each key has last let one pass.

    Only a digest of the key is kept, which may be an address of a person.
    """

    workflow = models.ForeignKey("Workflow", on_delete=models.CASCADE, related_name="+", db_index=False)
    step_key = models.CharField(max_length=60)
    livemode = models.BooleanField()
    account = models.CharField(max_length=WIDTH, blank=True)
    digest = models.CharField(max_length=64)
    # The run may be gone sooner.
    run_id = models.UUIDField()
    path = models.CharField(max_length=300)
    used_at = models.DateTimeField()

    objects = KeyUseQuerySet.as_manager()

    class Meta:
        verbose_name = _("use of a key")
        verbose_name_plural = _("uses of keys")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=("workflow", "step_key", "livemode", "account", "digest"),
                name="stripeflow_key_used_once",
            ),
        ]
        indexes = [
            # Used to delete what is old.
            models.Index(fields=("used_at",), name="stripeflow_key_use_age"),
        ]

    def __str__(self) -> str:
        return f"{self.step_key} {self.used_at:%Y-%m-%d %H:%M:%S}"


def _identity(run: Run, step_key: str, key: str) -> dict[str, object]:
    return {
        "workflow_id": run.workflow_id,
        "step_key": step_key,
        "livemode": run.livemode,
        "account": run.account,
        "digest": sha256(key.encode("utf-8", "surrogatepass")).hexdigest(),
    }
