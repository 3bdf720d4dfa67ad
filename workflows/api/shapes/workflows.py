from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from stripeflow.workflows.access.setting_off import needed_permissions
from stripeflow.workflows.api.bodies import StrictBody
from stripeflow.workflows.api.definition_schema import DEFINITION
from stripeflow.workflows.api.fields import TimeField
from stripeflow.workflows.api.secrets import readable_definition
from stripeflow.workflows.definition.trigger import TriggerPlan
from stripeflow.workflows.models import Workflow, WorkflowVersion
from stripeflow.workflows.models.limits import PauseCause
from stripeflow.workflows.operations.lifecycle import unpublished_changes
from stripeflow.workflows.states import WorkflowStatus
from stripeflow.workflows.workflow_templates import Goal, WorkflowTemplate
from stripeflow.workflows.workflow_templates.parameter_kinds import KINDS


@extend_schema_field(DEFINITION)
class DefinitionField(serializers.Field):
    """A whole definition document, as it stands."""

    def to_representation(self, value: Any) -> Any:
        return value


class WorkflowSummary(serializers.Serializer):
    """A workflow without its definition. `context["documents"]` holds the definitions by id."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    description = serializers.CharField()
    status = serializers.ChoiceField(WorkflowStatus.choices)
    event_types = serializers.SerializerMethodField(
        help_text="The Stripe events each of which starts it; empty: none chosen yet."
    )
    revision = serializers.IntegerField(help_text="Counts changes of the definition; the ETag.")
    active_version = serializers.SerializerMethodField(help_text="Number of the version that runs.")
    unpublished_changes = serializers.SerializerMethodField(
        help_text="Whether the definition differs from the active version."
    )
    paused_at = TimeField(allow_null=True)
    paused_reason = serializers.CharField()
    template = serializers.CharField(source="template_key", help_text="The template it was made from.")
    owner = serializers.SerializerMethodField(help_text="User name of the owner.")
    created_at = TimeField()
    updated_at = TimeField()

    def get_event_types(self, workflow: Workflow) -> list[str]:
        return list(TriggerPlan.of(self.context["documents"][workflow.pk]["trigger"]).topics)

    def get_active_version(self, workflow: Workflow) -> int | None:
        return workflow.active_version.number if workflow.active_version else None

    def get_unpublished_changes(self, workflow: Workflow) -> bool:
        return unpublished_changes(workflow, self.context["documents"][workflow.pk])

    def get_owner(self, workflow: Workflow) -> str | None:
        return workflow.owner.get_username() if workflow.owner else None


class WorkflowAccountPause(serializers.Serializer):
    """The workflow is paused for one account and mode, and goes on for all others."""

    account = serializers.CharField(help_text="Empty: our own account; `*`: all accounts of the mode.")
    livemode = serializers.BooleanField()
    cause = serializers.ChoiceField(PauseCause.choices)
    reason = serializers.CharField()
    paused_at = TimeField()


class WorkflowDetail(WorkflowSummary):
    """A workflow with its definition."""

    account_pauses = WorkflowAccountPause(
        many=True, source="account_pauses.all", help_text="For which accounts it is paused; see `resume`."
    )
    definition = serializers.SerializerMethodField()

    @extend_schema_field(DEFINITION)
    def get_definition(self, workflow: Workflow) -> dict[str, Any]:
        return readable_definition(self.context["documents"][workflow.pk], self.context["user"])


class VersionSummary(serializers.Serializer):
    """A version without its definition."""

    number = serializers.IntegerField()
    note = serializers.CharField()
    author = serializers.SerializerMethodField(help_text="User name of who activated it.")
    created_at = TimeField()
    active = serializers.SerializerMethodField(help_text="Whether it is the one that runs.")

    def get_author(self, version: WorkflowVersion) -> str | None:
        return version.author_name or None

    def get_active(self, version: WorkflowVersion) -> bool:
        return version.pk == self.context["workflow"].active_version_id


class VersionDetail(VersionSummary):
    """A version with its frozen definition."""

    definition = serializers.SerializerMethodField()

    types = serializers.DictField(
        child=serializers.DictField(child=serializers.CharField()),
        help_text="What the conditions are judged by, found when it was activated: by the JSON pointer of a "
        "condition in the definition its `type`, and the `currency_field` or `currency` of an amount. What "
        "begins with `value_` is of the field that it is compared with.",
    )

    @extend_schema_field(DEFINITION)
    def get_definition(self, version: WorkflowVersion) -> dict[str, Any]:
        return readable_definition(version.document, self.context["user"])


class Activate(StrictBody):
    note = serializers.CharField(
        required=False, allow_blank=True, max_length=500, help_text="What is new in this version."
    )


class Parameter(serializers.Serializer):
    """Something to fill in.

    `team_members` and `approvers` are lists of user names, `money` an amount and currency, `days` a number.
    """

    name = serializers.CharField()
    label = serializers.CharField()
    kind = serializers.ChoiceField(tuple(KINDS))
    help_text = serializers.CharField()
    default = serializers.JSONField()


class Template(serializers.Serializer):
    """A ready-made workflow."""

    key = serializers.CharField()
    name = serializers.CharField()
    description = serializers.CharField()
    why = serializers.CharField()
    goal = serializers.CharField(help_text="What it is good for, such as `recover_money`.")
    permissions = serializers.SerializerMethodField(
        help_text="What activating it needs besides the permission to activate workflows."
    )
    parameters = Parameter(many=True)
    is_saved = serializers.SerializerMethodField(help_text="Whether people of this installation saved it.")
    left_empty = serializers.ListField(
        child=serializers.CharField(), help_text="Of a saved one: what has to be filled in afterwards."
    )

    def get_is_saved(self, template: WorkflowTemplate) -> bool:
        return template.saved_as is not None

    def get_permissions(self, template: WorkflowTemplate) -> list[str]:
        return list(needed_permissions(template.document()))


class SaveTemplate(StrictBody):
    name = serializers.CharField(required=False, max_length=200)
    description = serializers.CharField(required=False, allow_blank=True, max_length=500)
    goal = serializers.ChoiceField(Goal.choices, required=False, help_text="`tell_the_team` without.")


class FromTemplate(StrictBody):
    name = serializers.CharField(required=False, max_length=200, help_text="Its own name otherwise.")
    parameters = serializers.DictField(
        required=False, help_text="Values by the parameters' names; the others keep their defaults."
    )
