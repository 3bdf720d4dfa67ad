from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from stripeflow.workflows.api.bodies import StrictBody
from stripeflow.workflows.api.fields import OneOf, TimeField
from stripeflow.workflows.limits import people
from stripeflow.workflows.models.limits import Switch
from stripeflow.workflows.operations.verbs import MAX_AT_ONCE, Outcome, Verb

_NOTE = "Why. Kept with the run."


class Operate(StrictBody):
    note = serializers.CharField(required=False, allow_blank=True, max_length=500, help_text=_NOTE)


class StartAgain(Operate):
    seen_at = TimeField(
        required=False,
        help_text="When you read the run. If it was started again since, the answer is 409 and nothing is "
        "started: so a request whose answer was lost can be repeated.",
    )


class Wake(Operate):
    seen_at = TimeField(
        required=False,
        help_text="When you read the run. If it has come to another wait since, nothing is changed, and the "
        "answer is 409 with the code revision_conflict.",
    )


def _seen_revision() -> serializers.IntegerField:
    return serializers.IntegerField(
        min_value=0,
        help_text="Of the run as you read it. If somebody has answered since, nothing is done although the "
        "run may ask once more: the code is revision_conflict.",
    )


class Resolve(Operate):
    revision = _seen_revision()
    outcome = OneOf(Outcome.choices)
    outputs = serializers.DictField(
        required=False, help_text="What the step gave, for later steps; only if it happened."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "outputs" in attrs and attrs["outcome"] != Outcome.HAPPENED:
            raise serializers.ValidationError({"outputs": _("Only a step that happened has outputs.")})
        return attrs


class Bulk(Operate):
    seen_at = TimeField(
        required=False,
        help_text="When you read the runs. One that was started again since is not started once more "
        "(restart, rerun), and a wait that began since is not ended (wake).",
    )
    operation = OneOf(Verb.choices)
    ids = serializers.ListField(child=serializers.UUIDField(), min_length=1, max_length=MAX_AT_ONCE)


class SeenRun(StrictBody):
    """A run as it was read."""

    id = serializers.UUIDField()
    revision = _seen_revision()


class BulkResolve(Operate):
    outcome = OneOf(Outcome.choices)
    runs = SeenRun(many=True, allow_empty=False, max_length=MAX_AT_ONCE)  # type: ignore[call-arg]  # goes to the list


def _branch() -> serializers.CharField:
    return serializers.CharField(max_length=60, help_text="Key of the branch that the run takes.")


class Choose(Operate):
    revision = _seen_revision()
    branch = _branch()


class BulkChoose(Operate):
    branch = _branch()
    runs = SeenRun(many=True, allow_empty=False, max_length=MAX_AT_ONCE)  # type: ignore[call-arg]  # goes to the list


class BulkResult(serializers.Serializer):
    """What came of one run. `code` and `message` are empty if it was done."""

    id = serializers.UUIDField()
    done = serializers.SerializerMethodField()
    status = serializers.SerializerMethodField(help_text="Of `run`; empty if nothing was done.")
    run = serializers.SerializerMethodField(
        help_text="The run to look at: a new one if it was started again."
    )
    code = serializers.CharField(
        help_text="Stable, for programs: not_found, not_allowed, permission_denied, insufficient_scope, "
        "proof_needed, needs_outputs, unknown_branch, revision_conflict."
    )
    message = serializers.CharField()

    def get_done(self, result: Any) -> bool:
        return not result.code

    def get_status(self, result: Any) -> str:
        return result.run.status if result.run else ""

    def get_run(self, result: Any) -> str | None:
        return str(result.run.pk) if result.run else None


class BulkResults(serializers.Serializer):
    """One result for each id, in the order of the request."""

    results = BulkResult(many=True)


class Pause(StrictBody):
    reason = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=500,
        help_text="Shown to everybody, and sent to the owner.",
    )


class DisconnectedAccount(serializers.Serializer):
    """An account that has disconnected the application, in one mode. Its runs are held."""

    id = serializers.IntegerField(help_text="Ours, in addresses.")
    account = serializers.CharField()
    livemode = serializers.BooleanField()
    deauthorized_at = TimeField(help_text="When we learned of it.")


class Resumed(serializers.Serializer):
    released = serializers.IntegerField(help_text="How many held runs go on.")
    held_back = serializers.IntegerField(
        help_text="How many stay held, as `awaits_release`: they do what the user may not set off."
    )


class TurnSwitch(StrictBody):
    stopped = serializers.BooleanField()
    reason = serializers.CharField(required=False, allow_blank=True, max_length=500)


class SwitchState(serializers.Serializer):
    """The kill switch. Setting what it is already changes nothing: the first reason stands."""

    stopped = serializers.SerializerMethodField()
    stopped_at = TimeField(allow_null=True)
    reason = serializers.CharField()
    user = serializers.SerializerMethodField(help_text="Who used it last; null: the command line.")
    held = serializers.SerializerMethodField(help_text="How many runs it holds.")

    def get_stopped(self, switch: Switch) -> bool:
        return switch.stopped_at is not None

    def get_user(self, switch: Switch) -> str | None:
        return switch.user_name or None

    def get_held(self, _switch: Switch) -> int:
        return people.held_by_switch()


class SwitchTurned(SwitchState, Resumed):
    """The kill switch once it was turned, and what became of the runs that it held, if it was put back."""
