from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from stripeflow.workflows.api.fields import IdField, PathField, TimeField
from stripeflow.workflows.api.secrets import masked_inputs
from stripeflow.workflows.api.shapes.approvals import ApprovalShape
from stripeflow.workflows.history.items import (
    loops_of_item,
    loops_outside_loops,
    rows_of_item,
    rows_outside_loops,
)
from stripeflow.workflows.history.notes import notes_of
from stripeflow.workflows.history.started import cause_of_run, ids_of, runs_started_by
from stripeflow.workflows.models import LoopItem, Run, RunOperation, StepRun, failures
from stripeflow.workflows.models.audit import Via
from stripeflow.workflows.models.operation import OperationKind
from stripeflow.workflows.models.run import HeldReason
from stripeflow.workflows.models.step_run import LookUp
from stripeflow.workflows.operations.choosing import choice_of
from stripeflow.workflows.operations.waiting import wait_of
from stripeflow.workflows.states import ItemStatus, RunStatus, StepStatus

# As many notes of a run are answered with.
MOST_NOTES = 1000
NEEDS = "Null without the permission to see payloads."
_KEYS_NEED = "Without the permission to see payloads, “…” stands in place of the keys of items."
WORDS_NEED = "What it says needs the permission to see payloads."
_VALUES = {"type": ["object", "array", "null"], "items": {}, "additionalProperties": True}


class WorkflowReference(serializers.Serializer):
    id = serializers.IntegerField()
    name = serializers.CharField()


class EventReference(serializers.Serializer):
    id = serializers.IntegerField(help_text="Ours, in addresses.")
    event_id = serializers.CharField(source="external_id", help_text="Stripe's.")
    type = serializers.CharField()


class RunError(serializers.Serializer):
    """Why a run or step ended or waits. `details` need the permission to see payloads."""

    code = serializers.CharField()
    message = serializers.CharField(
        help_text="A sentence. Without the permission to see payloads, “…” stands in place of each value."
    )
    step = serializers.CharField(help_text="Key of the step; empty if there is none.")
    details = serializers.JSONField(allow_null=True)


class RunSummary(serializers.Serializer):
    """A run without its steps. `context["payloads"]` says whether values may be shown."""

    id = serializers.UUIDField()
    workflow = WorkflowReference()
    version = serializers.IntegerField(source="version.number")
    status = serializers.ChoiceField(RunStatus.choices)
    revision = serializers.IntegerField(
        help_text="Distinguishes what the run asks a person from a later question of the same run. Send it "
        "to resolve an unknown outcome, or to choose a branch."
    )
    held_reason = serializers.ChoiceField(
        HeldReason.choices, allow_blank=True, help_text="Why it is held; empty if it is not."
    )
    event = EventReference()
    object_id = serializers.CharField(help_text="The Stripe object that the event is about.")
    account = serializers.CharField(help_text="The connected account whose it is; empty: our own.")
    livemode = serializers.BooleanField()
    rerun_of = serializers.UUIDField(source="rerun_of_id", allow_null=True)
    depth = serializers.IntegerField(
        help_text="How many runs, one causing the next by its own call to Stripe, came before it."
    )
    error = serializers.SerializerMethodField()
    created_at = TimeField()
    started_at = TimeField(allow_null=True)
    finished_at = TimeField(allow_null=True)
    due_at = TimeField(allow_null=True, help_text="When it is tried again, or goes on after a wait.")
    pruned_at = TimeField(
        allow_null=True,
        help_text="When its inputs, outputs and explanations were emptied because of their age.",
    )
    duration_seconds = serializers.SerializerMethodField(help_text="From start to finish.")

    @extend_schema_field(RunError(allow_null=True))
    def get_error(self, run: Run) -> dict[str, Any] | None:
        return error_of(run.error, payloads=self.context["payloads"])

    def get_duration_seconds(self, run: Run) -> float | None:
        if run.started_at is None or run.finished_at is None:
            return None
        return (run.finished_at - run.started_at).total_seconds()


class StepDetail(serializers.Serializer):
    """One step of a run, in the order in which they ran."""

    path = PathField(help_text=_KEYS_NEED)
    key = serializers.CharField(source="step_key")
    name = serializers.CharField()
    kind = serializers.CharField(help_text="`action`, `branch`, or another kind that is installed.")
    action = serializers.CharField()
    status = serializers.ChoiceField(
        StepStatus.choices,
        help_text="`waiting` of a run that has ended: the run ended while the step had no outcome.",
    )
    branch = serializers.CharField(source="branch_key", help_text="Key of the branch that was taken.")
    attempts = serializers.IntegerField()
    group = serializers.IntegerField(
        help_text="Counts how often it was started again, by a person or after a look-up that found nothing."
    )
    superseded = serializers.SerializerMethodField(help_text="Whether a later group takes its place.")
    handled = serializers.BooleanField(
        help_text="Whether it failed and the run goes on all the same: with the next step, or with its error "
        "branch."
    )
    idempotency_key = PathField(help_text=_KEYS_NEED)
    look_up = serializers.ChoiceField(
        LookUp.choices,
        allow_blank=True,
        help_text="What a look-up said of it once its key could tell nothing; empty if there was none.",
    )
    inputs = serializers.SerializerMethodField(help_text=f"As sent, secrets hidden. {NEEDS}")
    outputs = serializers.SerializerMethodField(help_text=NEEDS)
    explanation = serializers.SerializerMethodField(
        help_text=f"Of a branch: what was evaluated, with the values seen. {NEEDS}"
    )
    error = serializers.SerializerMethodField()
    started_at = TimeField()
    due_at = TimeField(allow_null=True, help_text="Until when a step that waits does so, or did.")
    woken_by = serializers.IntegerField(
        source="woken_by_id",
        allow_null=True,
        help_text="Of a step that waited for events: our ID of the one that ended the wait.",
    )
    finished_at = TimeField(allow_null=True)

    def get_superseded(self, step: StepRun) -> bool:
        return step.superseded_at is not None

    @extend_schema_field(_VALUES)
    def get_inputs(self, step: StepRun) -> Any:
        return masked_inputs(step.head, step.inputs) if self.context["payloads"] else None

    @extend_schema_field(_VALUES)
    def get_outputs(self, step: StepRun) -> Any:
        return step.outputs if self.context["payloads"] else None

    @extend_schema_field(_VALUES)
    def get_explanation(self, step: StepRun) -> Any:
        return step.explanation if self.context["payloads"] else None

    @extend_schema_field(RunError(allow_null=True))
    def get_error(self, step: StepRun) -> dict[str, Any] | None:
        return error_of(step.error, payloads=self.context["payloads"])


class NoteShape(serializers.Serializer):
    """A sentence that a step has added to the history of its run."""

    step = serializers.CharField(help_text="Key of the step.")
    path = PathField(help_text=_KEYS_NEED)
    title = serializers.CharField()
    text = serializers.CharField(
        help_text="Without the permission to see payloads, “…” stands in place of each value."
    )
    at = TimeField(allow_null=True)


class OperationShape(serializers.Serializer):
    """What a person did to the run."""

    kind = serializers.ChoiceField(OperationKind.choices)
    step = PathField(help_text=f"The path of the step; empty for the whole run. {_KEYS_NEED}")
    branch = serializers.CharField(help_text="Key of the branch that was chosen; empty for all else.")
    note = serializers.CharField()
    user = serializers.SerializerMethodField(help_text="User name then; null: the command line.")
    via = serializers.ChoiceField(
        Via.choices,
        allow_blank=True,
        help_text="Admin, API or command line. Empty in records of older versions.",
    )
    at = TimeField()

    def get_user(self, operation: RunOperation) -> str | None:
        return operation.user_name or None


class WayShape(serializers.Serializer):
    """A branch that a person may choose."""

    key = serializers.CharField()
    title = serializers.CharField(help_text="Its name, or its conditions in words.")


class UndecidedShape(serializers.Serializer):
    """What an undecided run asks: which branch it takes. Its step's `explanation` says what is unknown."""

    step = serializers.CharField(source="record.step_key", help_text="Key of the branch step.")
    title = serializers.CharField()
    branches = WayShape(many=True, source="ways")


class WaitShape(serializers.Serializer):
    """At which step a run waits for a time."""

    step = serializers.CharField(source="record.step_key", help_text="Key of the step.")
    title = serializers.CharField()
    since = TimeField(source="record.started_at")
    until = TimeField(source="record.due_at")


class LoopShape(serializers.Serializer):
    """How far a loop is. Its items are a list of their own."""

    path = PathField(source="loop.path", help_text=_KEYS_NEED)
    count = serializers.IntegerField(source="loop.count", help_text="How many items were read so far.")
    succeeded = serializers.IntegerField()
    failed = serializers.IntegerField()
    pending = serializers.IntegerField()
    duplicates = serializers.IntegerField(
        source="loop.duplicates", help_text="How many were left out, since their id had come before."
    )
    is_complete = serializers.BooleanField(
        source="loop.is_complete", help_text="Whether nothing more of the list is to be read."
    )
    is_cut = serializers.BooleanField(
        source="loop.is_cut", help_text="Whether the list had more items than the step takes."
    )
    pages = serializers.IntegerField(
        source="loop.pages", help_text="How many pages of the list were read. What is read is not read again."
    )
    first_read_at = TimeField(source="loop.first_read_at")
    last_read_at = TimeField(source="loop.last_read_at")


class ItemSummary(serializers.Serializer):
    """One item of a loop, without its steps."""

    id = serializers.IntegerField()
    loop = PathField(source="loop.path", help_text=f"The path of the loop's step. {_KEYS_NEED}")
    number = serializers.IntegerField(help_text="Its place in the list, from 0.")
    key = IdField(allow_null=True, help_text=f"What the paths of its steps carry. {NEEDS}")
    object_id = IdField(allow_null=True, help_text=f"Its own id; empty if it has none. {NEEDS}")
    status = serializers.ChoiceField(ItemStatus.choices)
    retries = serializers.IntegerField(help_text="How often a person has had it tried again.")
    error = serializers.SerializerMethodField()
    started_at = TimeField(
        allow_null=True,
        help_text="When it began, in a loop that takes several items at once. Null in others.",
    )
    finished_at = TimeField(allow_null=True)

    @extend_schema_field(RunError(allow_null=True))
    def get_error(self, item: LoopItem) -> dict[str, Any] | None:
        return error_of(item.error, payloads=self.context["payloads"])


class ItemDetail(ItemSummary):
    """One item of a loop, with its steps, and the loops inside."""

    value = serializers.SerializerMethodField(
        "value_of", help_text=f"As it was when the list was read. {NEEDS}"
    )
    steps = serializers.SerializerMethodField(help_text="Its own, but not those of loops inside.")
    loops = serializers.SerializerMethodField(help_text="The loops inside.")

    @extend_schema_field({})
    def value_of(self, item: LoopItem) -> Any:
        return item.value if self.context["payloads"] else None

    @extend_schema_field(StepDetail(many=True))
    def get_steps(self, item: LoopItem) -> Any:
        return StepDetail(rows_of_item(item), many=True, context=self.context).data

    @extend_schema_field(LoopShape(many=True))
    def get_loops(self, item: LoopItem) -> Any:
        return LoopShape(loops_of_item(item), many=True, context=self.context).data


class RunDetail(RunSummary):
    """A run with its steps, but for those of items of loops."""

    payload_hidden = serializers.SerializerMethodField(
        help_text="Whether inputs, outputs, explanations and details are left out for lack of permission."
    )
    explanation = serializers.SerializerMethodField(
        help_text=f"Why the trigger's conditions were met, with the values seen. {NEEDS}"
    )
    undecided = serializers.SerializerMethodField(
        help_text="Of a run that is held as undecided: what a person has to choose from. Null for all others."
    )
    canceled_by = serializers.IntegerField(
        source="canceled_by_id",
        allow_null=True,
        help_text="Our ID of the event that ended the run (`cancel_when`), if one did.",
    )
    wait = serializers.SerializerMethodField(
        help_text="Of a run that waits for a time: at which step, since when, and until when. Null for all "
        "others."
    )
    caused_by = serializers.SerializerMethodField(
        help_text="The run that has started it, by a step or by its end. Null if none has."
    )
    started_runs = serializers.SerializerMethodField(
        help_text="The runs that it has started, by a step or by its end; the first 50."
    )
    approvals = serializers.SerializerMethodField(help_text="What people were asked about it, in order.")
    notes = serializers.SerializerMethodField(
        help_text=f"What steps have added to its history, in their order: the first {MOST_NOTES:,}."
    )
    steps = serializers.SerializerMethodField(help_text="But for those of items of loops.")
    loops = serializers.SerializerMethodField(help_text="How far its loops are, but for those inside items.")
    operations = OperationShape(many=True)

    @extend_schema_field(StepDetail(many=True))
    def get_steps(self, run: Run) -> Any:
        return StepDetail(rows_outside_loops(run), many=True, context=self.context).data

    @extend_schema_field(LoopShape(many=True))
    def get_loops(self, run: Run) -> Any:
        return LoopShape(loops_outside_loops(run), many=True, context=self.context).data

    def get_payload_hidden(self, run: Run) -> bool:
        return not self.context["payloads"]

    @extend_schema_field(NoteShape(many=True))
    def get_notes(self, run: Run) -> Any:
        notes = notes_of(run, most=MOST_NOTES, payloads=self.context["payloads"])
        return NoteShape(notes, many=True).data

    @extend_schema_field(UndecidedShape(allow_null=True))
    def get_undecided(self, run: Run) -> Any:
        choice = choice_of(run)
        return UndecidedShape(choice).data if choice else None

    @extend_schema_field(WaitShape(allow_null=True))
    def get_wait(self, run: Run) -> Any:
        wait = wait_of(run)
        return WaitShape(wait).data if wait else None

    def get_caused_by(self, run: Run) -> UUID | None:
        cause = cause_of_run(run)
        return cause.pk if cause else None

    def get_started_runs(self, run: Run) -> list[UUID]:
        return ids_of(runs_started_by(run))

    @extend_schema_field(ApprovalShape(many=True))
    def get_approvals(self, run: Run) -> Any:
        return ApprovalShape(run.approvals.all(), many=True, context=self.context).data

    @extend_schema_field(_VALUES)
    def get_explanation(self, run: Run) -> Any:
        return run.explanation if self.context["payloads"] else None


class RetryPreviewShape(serializers.Serializer):
    """What a retry of a run whose loop has failed would take again. Failed items are listed by `items/`."""

    step = serializers.CharField(help_text="Key of the loop.")
    title = serializers.CharField()
    failed = serializers.IntegerField(source="loop.failed", help_text="Items that run again.")
    pending = serializers.IntegerField(source="loop.pending", help_text="Items that had not begun, and run.")
    succeeded = serializers.IntegerField(
        source="loop.succeeded", help_text="Items that are done, and are not repeated."
    )
    moving_steps = serializers.IntegerField(help_text="Steps of the run that have moved money so far.")
    sums = serializers.DictField(
        child=serializers.IntegerField(),
        help_text="What counts against the limits so far, in minor units by currency.",
    )


def error_of(error: dict[str, Any] | None, *, payloads: bool) -> dict[str, Any] | None:
    """A recorded error in the shape of `RunError`."""
    readable = failures.shown(error, payloads=payloads)
    if readable is None:
        return None
    texts = {name: readable.get(name, "") for name in ("code", "message", "step")}
    return {**texts, "details": readable.get("details")}
