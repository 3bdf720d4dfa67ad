from django.db import models
from django.utils.translation import gettext_lazy as _

from stripeflow.triggers.widths import WIDTH
from stripeflow.workflows.models.run import Run
from stripeflow.workflows.states import ItemStatus


class Loop(models.Model):
    """The list that one loop of a run goes through, as far as it was read. It is never read again."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="loops", db_index=False)
    # Of the loop's own step: inside another loop it carries the key of that loop's item.
    path = models.CharField(_("step"), max_length=300)
    # How many items were read, without those that were left out.
    count = models.PositiveIntegerField(default=0)
    # How many were left out since an item with the same id came before.
    duplicates = models.PositiveIntegerField(default=0)
    # Whether nothing more is to be read.
    is_complete = models.BooleanField(default=True)
    # Whether the list has more items than the step takes.
    is_cut = models.BooleanField(default=False)
    # What the next page of the list starts after.
    cursor = models.CharField(max_length=WIDTH, blank=True)
    pages = models.PositiveIntegerField(default=1)
    # How often the next page was asked for without an answer, and since when. Set back once it is recorded.
    attempts = models.PositiveSmallIntegerField(default=0, db_default=0)
    asked_since = models.DateTimeField(null=True, blank=True)
    first_read_at = models.DateTimeField()
    last_read_at = models.DateTimeField()

    class Meta:
        verbose_name = _("loop")
        verbose_name_plural = _("loops")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=("run", "path"), name="stripeflow_loop_once"),
        ]

    def __str__(self) -> str:
        return self.path

    def prefix_of(self, key: str) -> str:
        """What the paths of the steps of an item begin with."""
        return f"{self.path}/{key}/"


class LoopItem(models.Model):
    """One item of a loop, with its value as it was when the list was read."""

    # No index of its own: those of the constraints begin with it.
    loop = models.ForeignKey(Loop, on_delete=models.CASCADE, related_name="items", db_index=False)
    # Its place in the list, from 0.
    number = models.PositiveIntegerField(_("number"))
    # What finds it in the list, whatever its place: its Stripe id, or else its number.
    key = models.CharField(max_length=40)
    # Its own id, "" if it has none.
    object_id = models.CharField(_("object"), max_length=WIDTH, blank=True)
    value = models.JSONField(_("value"), null=True, blank=True)
    status = models.CharField(_("status"), max_length=16, choices=ItemStatus, default=ItemStatus.PENDING)
    error = models.JSONField(_("error"), null=True, blank=True)
    # How often a person has had it tried again.
    retries = models.PositiveIntegerField(default=0)
    # When it began, in a loop that takes several at once: what has begun is finished, also if the loop stops.
    started_at = models.DateTimeField(_("started at"), null=True, blank=True)
    # Until when it waits for the next attempt at its step; others may be due before.
    due_at = models.DateTimeField(_("next attempt at"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)

    class Meta:
        verbose_name = _("item of a loop")
        verbose_name_plural = _("items of loops")
        default_permissions = ()
        ordering = ("loop", "number")
        constraints = [
            models.UniqueConstraint(fields=("loop", "number"), name="stripeflow_item_once_by_number"),
            models.UniqueConstraint(fields=("loop", "key"), name="stripeflow_item_once_by_key"),
        ]
        indexes = [
            # Used to find the next item, and by the lists of those that failed.
            models.Index(fields=("loop", "status", "number"), name="stripeflow_item_by_status"),
        ]

    def __str__(self) -> str:
        return self.object_id or str(self.number + 1)

    @property
    def state(self) -> ItemStatus:
        return ItemStatus(self.status)

    @property
    def prefix(self) -> str:
        """What the paths of its steps begin with."""
        return self.loop.prefix_of(self.key)


def without_keys(path: str) -> str:
    """The path of a step with “…” in place of the keys of items; their numbers stay.

    The key of an item is its id, which a payload has named.
    """
    parts = path.split("/")
    return "/".join(part if number % 2 == 0 or part.isdecimal() else "…" for number, part in enumerate(parts))
