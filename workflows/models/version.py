from collections.abc import Iterable
from datetime import datetime
from typing import Any, cast

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.expressions import Combinable
from django.db.models.functions import StrIndex
from django.utils.translation import gettext_lazy as _

from stripeflow.triggers.models import Source
from stripeflow.triggers.widths import SOURCE_WIDTH, TOPIC_WIDTH
from stripeflow.workflows.definition.choices import Accounts
from stripeflow.workflows.models.names import name_of


class WorkflowVersion(models.Model):
    """The frozen definition of a workflow: one JSON document, never changed after its insert.

    But for one thing, which changes nothing that it does:
    see `stripeflow.workflows.credentials.secret_adoption`.
    The document is what the rows said. What its conditions are judged by lies beside it.
    A run belongs to its version for life.
    """

    workflow = models.ForeignKey(
        "Workflow", on_delete=models.CASCADE, related_name="versions", verbose_name=_("workflow")
    )
    number = models.PositiveIntegerField(_("number"))
    # The column was "document" while it held the types as well. A process of that version now fails, and its
    # work is done later. If it found the column, it would find no types, and take conditions for unknown.
    document = models.JSONField(_("definition"), db_column="definition")
    # Found when it was activated: see `stripeflow.workflows.definition.condition_types`.
    types = models.JSONField(_("types of its conditions"), default=dict, blank=True, editable=False)
    note = models.CharField(_("note"), max_length=500, blank=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("author"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    # As the author was called then: kept when the user goes.
    author_name = models.CharField(_("author"), max_length=150, blank=True, default="", db_default="")
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        verbose_name = _("version")
        verbose_name_plural = _("versions")
        ordering = ("-number",)
        constraints = [
            models.UniqueConstraint(fields=("workflow", "number"), name="stripeflow_version_number_unique"),
        ]

    def __str__(self) -> str:
        return f"v{self.number}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise TypeError("A version is immutable. Activate the workflow to make a new one.")
        self.author_name = self.author_name or name_of(self.author)
        super().save(*args, **kwargs)


def padded(accounts: Iterable[str]) -> str:
    """Account ids with a space on either side of each; of none, what no list of ids has in it."""
    return f" {' '.join(accounts)} "


class ActivationQuerySet(models.QuerySet["Activation"]):
    def at(
        self, source: str | Combinable, topic: str | Combinable, moment: datetime | Combinable
    ) -> "ActivationQuerySet":
        """The activations on events of this source and type, whose interval holds `moment`, their `created`.

        An interval starts at the full second, so that an event of the same second is not lost.
        Each row knows whether its workflow is `paused`, and its `run_seed`.
        """
        return self.annotate(
            paused=Q(workflow__paused_at__isnull=False),
            run_seed=F("workflow__run_seed"),
        ).filter(
            Q(ended_at__isnull=True) | Q(ended_at__gt=moment),
            source=source,
            topic=topic,
            started_at__lte=moment,
        )

    def on_ends(self) -> "ActivationQuerySet":
        """The open ones that listen for ends of runs, by the small index `stripeflow_activation_ends`.

        In the literals of the index's condition: SQLite does not see that parameters say the same.
        """
        # Without the table, whose name differs in a subquery.
        condition = "source = 'workflow' AND ended_at IS NULL"
        return cast(ActivationQuerySet, self.extra(where=[condition]))  # noqa: S610

    def taking(self, livemode: Any, side: Any, account: Any) -> "ActivationQuerySet":
        """Those whose scope has events of this mode and account.

        `side` is "own" or "connected"; `account` is the event's, `padded`.
        """
        return self.annotate(place=StrIndex("listed", account)).filter(
            Q(livemode__isnull=True) | Q(livemode=livemode),
            Q(accounts=Accounts.ALL) | Q(accounts=side) | Q(accounts=Accounts.LISTED, place__gt=0),
        )


class Activation(models.Model):
    """An interval in which a version was the active one of its workflow: a row for each of its topics.

    The scope of its trigger stands here as well, so that matching reads only what takes the event.
    """

    workflow = models.ForeignKey("Workflow", on_delete=models.CASCADE, related_name="activations")
    version = models.ForeignKey("WorkflowVersion", on_delete=models.CASCADE, related_name="activations")
    # `Event.source` and `Event.type` of what starts it.
    source = models.CharField(max_length=SOURCE_WIDTH, default=Source.STRIPE)
    topic = models.CharField(max_length=TOPIC_WIDTH)
    # None: both modes.
    livemode = models.BooleanField(null=True, blank=True)
    accounts = models.CharField(max_length=9, choices=Accounts, default=Accounts.ALL)
    # The listed accounts with a space on either side of each, so that `padded` finds whole ids only.
    listed = models.TextField(blank=True)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = ActivationQuerySet.as_manager()

    class Meta:
        verbose_name = _("activation")
        verbose_name_plural = _("activations")
        ordering = ("started_at", "id")
        indexes = [
            # Used by matching: the versions that were active when an event was created.
            models.Index(
                fields=("topic", "source", "ended_at", "started_at"), name="stripeflow_activation_match"
            ),
            # Used with each run that a worker takes: whether anybody listens for ends of runs.
            models.Index(
                fields=("topic",),
                name="stripeflow_activation_ends",
                condition=Q(source="workflow", ended_at__isnull=True),
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=("workflow", "topic"),
                condition=Q(ended_at__isnull=True),
                name="stripeflow_activation_one_open",
            ),
            models.CheckConstraint(
                name="stripeflow_activation_ends_after_start",
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("started_at")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.topic} {self.started_at:%Y-%m-%d %H:%M:%S}"
