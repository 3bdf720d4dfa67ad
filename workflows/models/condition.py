from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from stripeflow.workflows.definition.choices import Match


class ConditionKind(models.TextChoices):
    TEST = "test", _("Condition")
    GROUP = "group", _("Group of conditions")
    LIST = "list", _("Conditions on the items of a list")


class Quantifier(models.TextChoices):
    ANY = "any", _("any item")
    ALL = "all", _("every item")
    NONE = "none", _("no item")


class ReadAs(models.TextChoices):
    NUMBER = "number", _("a number")
    DATE = "date", _("a date")
    BOOLEAN = "boolean", _("yes or no")
    COUNT = "count", _("the number of items")


HOMES = ("trigger", "branch", "cancel_event", "parent")


def _in_one(home: str) -> Q:
    """The condition stands in this, and in nothing else."""
    return Q(**{f"{one}__isnull": one != home for one in HOMES})


class Condition(models.Model):
    """One node of a condition tree: a test, a group, or a test of a list's items.

    It belongs to exactly one of a trigger, a branch, an event that ends runs, or a parent condition.
    """

    trigger = models.ForeignKey(
        "Trigger", null=True, blank=True, on_delete=models.CASCADE, related_name="conditions"
    )
    branch = models.ForeignKey(
        "Branch", null=True, blank=True, on_delete=models.CASCADE, related_name="conditions"
    )
    cancel_event = models.ForeignKey(
        "CancelEvent", null=True, blank=True, on_delete=models.CASCADE, related_name="conditions"
    )
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.CASCADE, related_name="children"
    )
    # Positions are not unique: two rows that swap would break the constraint between two saves.
    position = models.PositiveIntegerField(_("position"), default=0)
    kind = models.CharField(_("kind"), max_length=8, choices=ConditionKind, default=ConditionKind.TEST)
    field = models.CharField(_("field"), max_length=300, blank=True)
    operator = models.CharField(_("operator"), max_length=50, blank=True)
    value = models.JSONField(_("value"), null=True, blank=True)
    # What a text or a list is compared as; "" for what it is.
    read_as = models.CharField(_("compared as"), max_length=8, blank=True, choices=ReadAs)
    match = models.CharField(_("met if"), max_length=4, choices=Match, default=Match.ALL)
    quantifier = models.CharField(_("for"), max_length=4, choices=Quantifier, default=Quantifier.ANY)

    class Meta:
        verbose_name = _("condition")
        verbose_name_plural = _("conditions")
        ordering = ("position", "id")
        constraints = [
            models.CheckConstraint(
                name="stripeflow_condition_has_one_home",
                condition=(
                    _in_one("trigger") | _in_one("branch") | _in_one("cancel_event") | _in_one("parent")
                ),
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.field}".strip()
