from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from stripeflow.workflows.api.bodies import StrictBody
from stripeflow.workflows.api.fields import OneOf, PathField, TimeField
from stripeflow.workflows.approvals.people import approvals_given
from stripeflow.workflows.models import Approval
from stripeflow.workflows.models.approval import ApprovalStatus, Cause, Verdict
from stripeflow.workflows.models.audit import Via
from stripeflow.workflows.operations.verbs import MAX_AT_ONCE

_NEEDS = "Null without the permission to see payloads."


class DecisionShape(serializers.Serializer):
    user = serializers.CharField(source="user_name")
    verdict = serializers.ChoiceField(Verdict.choices)
    comment = serializers.CharField()
    digest = serializers.CharField(source="seen", help_text="Of what this person saw.")
    via = serializers.ChoiceField(Via.choices)
    at = TimeField()


class WouldShape(serializers.Serializer):
    """One action that would be called."""

    step = serializers.CharField(source="key", help_text="Key of the step.")
    title = serializers.CharField()
    action = serializers.CharField()
    inputs = serializers.DictField(help_text="As they would be sent, secrets hidden.")
    amount = serializers.IntegerField(
        allow_null=True,
        help_text="What it moves, in minor units; null where that is not known before the call.",
    )
    currency = serializers.CharField()


class ApprovalShape(serializers.Serializer):
    """What people are asked about a run. `context["payloads"]` says whether values may be shown."""

    id = serializers.IntegerField()
    run = serializers.UUIDField(source="run_id")
    workflow = serializers.CharField(source="run.workflow.name")
    step = serializers.CharField(source="step_key", help_text="Key of the step that waits.")
    path = PathField(
        help_text="Without the permission to see payloads, “…” stands in place of the keys of items."
    )
    status = serializers.ChoiceField(ApprovalStatus.choices)
    cause = serializers.ChoiceField(Cause.choices, help_text="Why it is asked.")
    question = serializers.SerializerMethodField(help_text=_NEEDS)
    would = serializers.SerializerMethodField(help_text=f"What would happen. {_NEEDS}")
    sums = serializers.SerializerMethodField(
        help_text=f"What that moves together, in minor units by currency. {_NEEDS}"
    )
    digest = serializers.CharField(help_text="Of all that would happen. Send it to decide.")
    needed = serializers.IntegerField(help_text="How many people have to approve.")
    given = serializers.SerializerMethodField(help_text="How many have.")
    users = serializers.ListField(
        child=serializers.CharField(), help_text="Who may decide; empty: see `groups`."
    )
    groups = serializers.ListField(
        child=serializers.CharField(),
        help_text="Whose members may decide. Without users and groups, everybody who has the permission.",
    )
    more_users = serializers.ListField(
        child=serializers.CharField(),
        allow_null=True,
        help_text="Who may decide too, from `escalated_at` on. Without these and `more_groups`, everybody "
        "who has the permission.",
    )
    more_groups = serializers.ListField(
        child=serializers.CharField(),
        allow_null=True,
        help_text="Whose members may decide too, from `escalated_at` on.",
    )
    asked_at = TimeField()
    reminded_at = TimeField(allow_null=True, help_text="When people were reminded.")
    escalate_at = TimeField(
        allow_null=True, help_text="When further people are asked, if nobody has decided by then."
    )
    escalated_at = TimeField(allow_null=True, help_text="When further people were asked.")
    due_at = TimeField(help_text="When it times out.")
    ended_at = TimeField(allow_null=True)
    decisions = DecisionShape(many=True)

    def get_question(self, approval: Approval) -> str | None:
        return approval.question if self.context["payloads"] else None

    @extend_schema_field(WouldShape(many=True, allow_null=True))
    def get_would(self, approval: Approval) -> Any:
        return WouldShape(approval.would, many=True).data if self.context["payloads"] else None

    @extend_schema_field(serializers.DictField(child=serializers.IntegerField(), allow_null=True))
    def get_sums(self, approval: Approval) -> Any:
        return approval.sums if self.context["payloads"] else None

    def get_given(self, approval: Approval) -> int:
        return approvals_given(approval)


def _seen_digest() -> serializers.CharField:
    return serializers.CharField(
        max_length=64,
        help_text="Of the approval as you read it. If something else would happen by now, nothing is "
        "decided: the code is revision_conflict.",
    )


class Decide(StrictBody):
    verdict = OneOf(Verdict.choices)
    digest = _seen_digest()
    note = serializers.CharField(
        required=False, allow_blank=True, max_length=500, help_text="Why. Kept with the decision."
    )


class SeenApproval(StrictBody):
    """An approval as it was read."""

    id = serializers.IntegerField(min_value=1, max_value=2**63 - 1)
    digest = _seen_digest()


class BulkDecide(StrictBody):
    verdict = OneOf(Verdict.choices)
    note = serializers.CharField(required=False, allow_blank=True, max_length=500)
    approvals = SeenApproval(many=True, allow_empty=False, max_length=MAX_AT_ONCE)  # type: ignore[call-arg]  # goes to the list


class DecidedShape(serializers.Serializer):
    """What came of one approval. `code` and `message` are empty if it was decided."""

    id = serializers.IntegerField()
    done = serializers.SerializerMethodField()
    status = serializers.SerializerMethodField(help_text="Of the approval; empty if nothing was decided.")
    code = serializers.CharField(
        help_text="Stable, for programs: not_found, not_allowed, permission_denied, insufficient_scope, "
        "proof_needed, revision_conflict."
    )
    message = serializers.CharField()

    def get_done(self, result: Any) -> bool:
        return not result.code

    def get_status(self, result: Any) -> str:
        return result.approval.status if result.approval else ""


class BulkDecided(serializers.Serializer):
    """One result for each approval, in the order of the request."""

    results = DecidedShape(many=True)
