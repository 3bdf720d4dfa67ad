"""Connected accounts that can no longer charge."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.models.goal import Goal
from stripeflow.workflows.workflow_templates import parts
from stripeflow.workflows.workflow_templates.base import WorkflowTemplate


def build(values: Mapping[str, Any]) -> Json:
    stopped = parts.condition("trigger.charges_enabled", "changed_to", False)
    return {
        "trigger": parts.starts_on("account.updated", stopped, scope={"accounts": "connected"}),
        "steps": [
            _mail(
                "email_team",
                _("Tell the team"),
                values,
                _("An account can no longer charge: %s"),
                _("Please ask its owner for what Stripe wants to know."),
            ),
            _wait(values),
        ],
    }


def _wait(values: Mapping[str, Any]) -> Json:
    """Events of another account never count, so no object has to be named."""
    again = parts.all_of(parts.condition("steps.wait_until_enabled.charges_enabled", "is_true"))
    good = _mail(
        "tell_enabled",
        _("Tell the team that it can charge again"),
        values,
        _("An account can charge again: %s"),
        _("There is nothing left to do."),
    )
    late = _mail(
        "tell_late",
        _("Tell the team that it still cannot"),
        values,
        _("An account still cannot charge: %s"),
        _("Please call its owner."),
    )
    return parts.block(
        "wait_for_event",
        "wait_until_enabled",
        _("Wait until it can charge again"),
        parts.lane("event", good, conditions=again),
        parts.otherwise(late, key="timeout"),
        inputs={"event": "account.updated", "amount": values["days"], "unit": "days"},
    )


def _mail(key: str, name: Any, values: Mapping[str, Any], subject: Any, body: Any) -> Json:
    return parts.email(
        key,
        name,
        values["recipients"],
        str(subject) % parts.shown("trigger.id"),
        body,
        (_("ID of the account"), "{{ trigger.id }}"),
        (_("Business"), parts.shown("trigger.business_profile.name")),
        (_("Owner's e-mail"), parts.shown("trigger.email")),
        (_("Why"), parts.shown("trigger.requirements.disabled_reason")),
        (_("What is missing"), parts.shown("trigger.requirements.currently_due", "join")),
    )


TEMPLATE = WorkflowTemplate(
    key="account_cannot_charge",
    name=_("Connected accounts that cannot charge"),
    description=_(
        "Tell the team when a connected account can no longer charge, and what is missing. Tell them again "
        "when it can, or when it still cannot after some days."
    ),
    why=_("A seller who cannot be paid leaves, and often does not know why."),
    goal=Goal.PLATFORMS,
    parameters=(parts.days("days", _("Days until somebody calls"), 14), parts.RECIPIENTS),
    build=build,
)
