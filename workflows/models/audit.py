"""The audit log: who did what, when. Rows are added, and never changed."""

from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Via(models.TextChoices):
    """The door through which somebody came."""

    ADMIN = "admin", _("Admin")
    API = "api", _("API")
    COMMAND = "command", _("Command line")
    SYSTEM = "system", _("By itself")


class AppendOnly(TypeError):
    """Code was about to change or delete a row of the audit log."""

    def __init__(self) -> None:
        super().__init__("Rows of the audit log are added, and never changed or deleted.")


class AuditEntryQuerySet(models.QuerySet["AuditEntry"]):
    def update(self, **kwargs: Any) -> int:
        raise AppendOnly

    def delete(self) -> tuple[int, dict[str, int]]:
        raise AppendOnly

    # Django's mark, as on its own: a manager does not offer it, and templates do not call it.
    delete.alters_data = True  # type: ignore[attr-defined]  # a mark on the method
    delete.queryset_only = True  # type: ignore[attr-defined]  # a mark on the method
    update.alters_data = True  # type: ignore[attr-defined]  # a mark on the method

    def bulk_update(self, *args: Any, **kwargs: Any) -> int:
        raise AppendOnly


class AuditEntry(models.Model):
    """One act: who, by what and from where, what, on what, before and after.

    It refers to no other row, so that it stays as it is when the person or the object goes. `before` and
    `after` hold numbers, names and titles, and never a value of an event or a secret.
    """

    at = models.DateTimeField(_("when"), default=timezone.now, db_index=True)
    # A key of `stripeflow.workflows.audit.kinds`.
    kind = models.CharField(_("what"), max_length=60)

    user_id = models.CharField(_("user id"), max_length=64, blank=True)
    user_name = models.CharField(_("who"), max_length=150, blank=True)
    via = models.CharField(_("by"), max_length=10, choices=Via, default=Via.SYSTEM)
    token_id = models.BigIntegerField(_("token id"), null=True, blank=True)
    token = models.CharField(_("token"), max_length=20, blank=True)
    session = models.CharField(_("session"), max_length=16, blank=True)
    command = models.CharField(_("command"), max_length=60, blank=True)
    address = models.CharField(_("address"), max_length=100, blank=True)
    request_id = models.CharField(_("request id"), max_length=64, blank=True)

    object_kind = models.CharField(_("kind of object"), max_length=40, blank=True)
    object_id = models.CharField(_("object id"), max_length=64, blank=True)
    object_title = models.CharField(_("on what"), max_length=200, blank=True)
    # The workflow that it concerns, also where the object is one of its runs.
    workflow_id = models.BigIntegerField(_("workflow id"), null=True, blank=True)

    before = models.JSONField(_("before"), null=True, blank=True)
    after = models.JSONField(_("after"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=500, blank=True)

    objects = AuditEntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("audit log entry")
        verbose_name_plural = _("audit log entries")
        default_permissions = ("view",)
        base_manager_name = "objects"
        ordering = ("-id",)
        indexes = [
            models.Index(fields=("workflow_id", "-id"), name="stripeflow_audit_workflow"),
            models.Index(fields=("object_kind", "object_id", "-id"), name="stripeflow_audit_object"),
            models.Index(fields=("user_id", "-id"), name="stripeflow_audit_user"),
            models.Index(fields=("kind", "-id"), name="stripeflow_audit_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.object_title}".strip()

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise AppendOnly
        super().save(*args, **{**kwargs, "force_insert": True})

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise AppendOnly
