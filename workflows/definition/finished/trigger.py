"""A workflow finished: the end of a run starts another workflow."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stripeflow.triggers.catalogue import Field, FieldType
from stripeflow.triggers.types.base import Carried, Settings, TriggerType
from stripeflow.workflows.definition.finished.setting import (
    ENDS,
    ENDS_AS,
    OF_WORKFLOWS,
    EndsSetting,
    WorkflowsSetting,
    ends_in,
    workflows_in,
)
from stripeflow.workflows.states import RunStatus

# `Source.WORKFLOW`, without the module of the rows.
SOURCE = "workflow"


def topic_of(end: RunStatus, workflow_id: int | None = None) -> str:
    """What the end of a run is called: “run.failed” for those who listen to any workflow, “run.failed:7”."""
    topic = f"run.{end.value}"
    return topic if workflow_id is None else f"{topic}:{workflow_id}"


class WorkflowFinished(TriggerType):
    """An end of a run is an event for those who listen to its workflow, and one for those who listen to any.

    A workflow never starts on its own ends.
    """

    type = "workflow_finished"
    label = gettext_lazy("A workflow finished")
    description = gettext_lazy("A run of another workflow succeeds, fails, is canceled, or needs somebody.")
    icon = "check"
    source = SOURCE
    settings = (
        EndsSetting(
            ENDS_AS,
            label=gettext_lazy("It ends as"),
            help_text=gettext_lazy(
                "“Outcome unknown” is no end yet: somebody has to say what happened. A run that is retried "
                "and ends again starts this workflow again."
            ),
        ),
        WorkflowsSetting(
            OF_WORKFLOWS,
            label=gettext_lazy("Of these workflows"),
            help_text=gettext_lazy("Choose none for any other workflow."),
        ),
    )

    def topics(self, settings: Settings) -> tuple[str, ...]:
        """One for each chosen end, of each chosen workflow."""
        ids = [one["id"] for one in workflows_in(settings)] or [None]
        return tuple(topic_of(end, pk) for pk in ids for end in ends_in(settings))

    def normal(self, settings: Settings) -> Settings:
        """The ends in our order, and each workflow once."""
        chosen = {one["id"]: one for one in workflows_in(settings)}
        normal: dict[str, Any] = {**settings, ENDS_AS: [end.value for end in ends_in(settings)]}
        return {**normal, OF_WORKFLOWS: list(chosen.values())} if chosen else normal

    def expects_caused(self, settings: Settings) -> bool:
        """Whether somebody has chosen the workflows that may set this one off."""
        return bool(workflows_in(settings))

    def known(self, settings: Settings) -> Carried:
        """What is known of a run that ended."""
        return Carried(_("Finished run"), fields=_fields())

    def sample(self, settings: Settings, topic: str) -> dict[str, Any]:
        """A run of the first chosen workflow that ended as the topic says."""
        end = topic.removeprefix("run.").partition(":")[0]
        bad = end in (RunStatus.FAILED, RunStatus.OUTCOME_UNKNOWN)
        chosen = next(iter(workflows_in(settings)), {"id": 1, "name": _("Sample workflow")})
        held = {
            "run": "00000000-0000-0000-0000-000000000000",
            "workflow": chosen["name"],
            "workflow_id": chosen["id"],
            "version": 1,
            "status": end,
            "error_message": _("The card was declined.") if bad else None,
            "error_code": "card_declined" if bad else None,
            "failed_step": _("Sample step") if bad else None,
            "link": "https://example.com/admin/",
            "duration_seconds": 3,
            "object_id": "ch_sample",
            "account": None,
            "livemode": False,
            "started_at": 1_767_225_600,
            "finished_at": 1_767_225_603,
        }
        return {"object": held}

    def describe_topic(self, topic: str) -> str:
        """ "A run failed"."""
        return _sentence(_("A run"), [_end_of(topic)])

    def describe(self, settings: Settings) -> str:
        """ "“Refund” failed or succeeded"; "" as long as nobody has chosen."""
        ends = ends_in(settings)
        if not ends:
            return ""
        names = [_("“%s”") % one["name"] for one in workflows_in(settings)]
        return _sentence(_or(names) or _("Another workflow"), ends)

    def describe_fully(self, settings: Settings) -> str:
        """The same with the workflows' IDs, since two may have one name."""
        ids = ", ".join(str(one["id"]) for one in workflows_in(settings))
        return f"{self.describe(settings)} ({ids})" if ids else self.describe(settings)


def _fields() -> tuple[Field, ...]:
    text, whole, time = FieldType.STRING, FieldType.INTEGER, FieldType.TIMESTAMP
    rows: tuple[tuple[str, str, FieldType, bool], ...] = (
        ("workflow", _("Workflow"), text, False),
        ("workflow_id", _("Workflow ID"), whole, False),
        ("version", _("Version"), whole, False),
        ("status", _("Status"), FieldType.ENUM, False),
        ("error_message", _("Error"), text, True),
        ("error_code", _("Error code"), text, True),
        ("failed_step", _("Step that failed"), text, True),
        ("run", _("Run ID"), text, False),
        ("link", _("Link to the run"), text, True),
        ("duration_seconds", _("Duration in seconds"), whole, True),
        ("object_id", _("Object that it was about"), text, True),
        ("account", _("Connected account"), text, True),
        ("livemode", _("Live mode"), FieldType.BOOLEAN, False),
        ("started_at", _("Started at"), time, True),
        ("finished_at", _("Finished at"), time, True),
    )
    return tuple(
        Field(
            name=name,
            path=name,
            label=label,
            type=of_type,
            nullable=nullable,
            enum=tuple(end.value for end in ENDS) if of_type is FieldType.ENUM else (),
        )
        for name, label, of_type, nullable in rows
    )


def _end_of(topic: str) -> RunStatus:
    return RunStatus(topic.removeprefix("run.").partition(":")[0])


def _sentence(who: str, ends: "list[RunStatus] | tuple[RunStatus, ...]") -> str:
    words = {
        RunStatus.SUCCEEDED: _("succeeded"),
        RunStatus.FAILED: _("failed"),
        RunStatus.OUTCOME_UNKNOWN: _("has an unknown outcome"),
        RunStatus.CANCELED: _("was canceled"),
    }
    return _("%(who)s %(ends)s") % {"who": who, "ends": _or([words[end] for end in ends])}


def _or(names: list[str]) -> str:
    if len(names) < 2:
        return "".join(names)
    return _("%(names)s or %(last)s") % {"names": ", ".join(names[:-1]), "last": names[-1]}
