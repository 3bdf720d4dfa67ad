"""What went wrong with money in the week, in one e-mail."""

from collections.abc import Mapping
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stripeflow.actions.wording import Text
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.models.goal import Goal
from stripeflow.workflows.workflow_templates import parts
from stripeflow.workflows.workflow_templates.base import WorkflowTemplate

_PAGE, _MOST = 100, 1_000


def build(values: Mapping[str, Any]) -> Json:
    is_first = parts.all_of(parts.condition("trigger.previous_scheduled_for", "is_empty"))
    return {
        "trigger": {
            "type": "recurring_schedule",
            "repeats": "weekdays",
            "days_of_week": ["mon"],
            "time_of_day": "09:00",
            "time_zone": timezone.get_default_timezone_name(),
        },
        "steps": [
            parts.branch(
                "is_first",
                _("Is it the first time?"),
                parts.lane(
                    "first",
                    parts.note(
                        "begins", _("The report begins. The next one covers what happens from now on.")
                    ),
                    conditions=is_first,
                ),
                parts.otherwise(*_report(values)),
            )
        ],
    }


def _report(values: Mapping[str, Any]) -> tuple[Json, ...]:
    return (
        *_added_up(
            "failed",
            _("Failed payments"),
            "stripe.events.list",
            "data.object.amount",
            type="charge.failed",
        ),
        *_added_up("refunds", _("Refunds"), "stripe.refunds.list", "amount"),
        *_added_up("disputes", _("Disputes"), "stripe.disputes.list", "amount"),
        parts.email(
            "email_team",
            _("Send the report"),
            values["recipients"],
            str(_("Money report until %s")) % '{{ trigger.scheduled_for | date("%Y-%m-%d") }}',
            _("This happened since the last report. A sum is missing where there are several currencies."),
            (_("From"), parts.shown("trigger.previous_scheduled_for", "date")),
            *_rows("failed", _("Failed payments")),
            *_rows("refunds", _("Refunds")),
            *_rows("disputes", _("Disputes")),
        ),
    )


def _added_up(key: str, label: Text, action: str, amount: str, **inputs: Any) -> tuple[Json, ...]:
    """Read a list of what was made since the last report, and add it up."""
    period: Json = {
        "limit": _PAGE,
        "created__gte": "{{ trigger.previous_scheduled_for }}",
        "created__lt": "{{ trigger.scheduled_for }}",
    }
    given = {
        "list": "{{ steps.list_%s.data }}" % key,
        "pages": "all",
        "if_item_fails": "stop",
        "max_items": _MOST,
        "at_limit": "take_first",
        "sum_of": amount,
    }
    body = parts.lane("body", parts.note(f"{key}_item", "{{ item.id }}"))
    return (
        parts.action(f"list_{key}", str(_("List: %s")) % label, action, **period, **inputs),
        parts.block("loop", key, str(_("Add up: %s")) % label, body, inputs=given),
    )


def _rows(key: str, label: Text) -> tuple[tuple[Text, str], ...]:
    return (
        (label, "{{ steps.%s.count }}" % key),
        (str(_("%s: sum")) % label, parts.shown(f"steps.{key}.sum", f"money(steps.{key}.currency)")),
        (str(_("%s: there are more than 1,000")) % label, "{{ steps.%s.is_cut }}" % key),
    )


TEMPLATE = WorkflowTemplate(
    key="weekly_report",
    name=_("Weekly money report"),
    description=_(
        "Each Monday, one e-mail with the failed payments, refunds and disputes since the last report: how "
        "many, and their sum. At most the newest 1,000 of each."
    ),
    why=_("A bad week is seen at its end, and not at the end of the quarter."),
    goal=Goal.TELL,
    parameters=(parts.RECIPIENTS,),
    build=build,
)
