from django.db import models
from django.utils.translation import gettext_lazy as _

from stripeflow.workflows.definition.choices import Match
from stripeflow.workflows.definition.same_object import heading


class CancelEvent(models.Model):
    """One event that ends a run, whichever step it is at. Its condition rows are asked of the event."""

    trigger = models.ForeignKey("Trigger", on_delete=models.CASCADE, related_name="cancel_events")
    # Its place in the document, from 0 and without gaps: they are always saved together.
    position = models.PositiveIntegerField(_("position"), default=0)
    event = models.CharField(_("event"), max_length=100)
    # A key of `definition.same_object`; "" for an event of any object.
    same_as = models.CharField(_("same object"), max_length=32, blank=True)
    match = models.CharField(_("cancels only if"), max_length=4, choices=Match, default=Match.ALL)

    class Meta:
        verbose_name = _("event that cancels")
        verbose_name_plural = _("events that cancel")
        ordering = ("position", "id")
        default_permissions = ()

    def __str__(self) -> str:
        return heading(self.event, self.same_as)
