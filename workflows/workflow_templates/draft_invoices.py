"""Large invoices that somebody looks at before customers see them."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.models.goal import Goal
from stripeflow.workflows.workflow_templates import parts
from stripeflow.workflows.workflow_templates.base import WorkflowTemplate

_INVOICE = "steps.hold_invoice"


def build(values: Mapping[str, Any]) -> Json:
    draft = parts.condition("trigger.status", "equal", "draft")
    large = parts.condition("trigger.total", "greater_than", dict(values["minimum"]))
    is_draft = parts.all_of(parts.condition("steps.retrieve_invoice.status", "equal", "draft"))
    return {
        "trigger": parts.starts_on("invoice.created", draft, large),
        "steps": [
            parts.action(
                "retrieve_invoice",
                _("Look at the invoice"),
                "stripe.invoices.retrieve",
                invoice="{{ trigger.id }}",
            ),
            parts.branch(
                "is_draft",
                _("Is it still a draft?"),
                parts.lane("draft", *_look_first(values), conditions=is_draft),
                parts.otherwise(parts.note("too_late", _("The invoice is no longer a draft."))),
            ),
        ],
    }


def _look_first(values: Mapping[str, Any]) -> tuple[Json, ...]:
    by_mail = parts.all_of(parts.condition(f"{_INVOICE}.collection_method", "equal", "send_invoice"))
    send = parts.action("send_invoice", _("Send the invoice"), "stripe.invoices.send_invoice", invoice=_ID)
    finalize = parts.action(
        "finalize_invoice",
        _("Finalize the invoice, and let Stripe collect it"),
        "stripe.invoices.finalize_invoice",
        invoice=_ID,
        auto_advance=True,
    )
    return (
        parts.action(
            "hold_invoice",
            _("Keep Stripe from finalizing it"),
            "stripe.invoices.update",
            invoice="{{ steps.retrieve_invoice.id }}",
            auto_advance=False,
        ),
        parts.branch(
            "how_collected",
            _("How is it collected?"),
            parts.lane("by_mail", _ask(values, "ask_to_send"), send, conditions=by_mail),
            parts.otherwise(_ask(values, "ask_to_collect"), finalize),
        ),
    )


_ID = "{{ %s.id }}" % _INVOICE


def _ask(values: Mapping[str, Any], key: str) -> Json:
    question = str(_("May the invoice over %(amount)s go to %(customer)s?")) % {
        "amount": parts.shown(f"{_INVOICE}.total", "money"),
        "customer": parts.shown(f"{_INVOICE}.customer_email"),
    }
    return parts.approval(
        key,
        _("Ask for approval"),
        question,
        values,
        declined=(
            _mail(
                f"{key}_declined",
                _("Tell the team that it was declined"),
                values,
                str(_("Declined: the invoice over %s")),
                _("Stripe does not finalize it: it stays a draft. Correct it there, or delete it."),
            ),
        ),
        timed_out=(
            _mail(
                f"{key}_late",
                _("Tell the team that nobody has decided"),
                values,
                str(_("Nobody has decided on the invoice over %s")),
                _("Stripe does not finalize it: it stays a draft. Finalize it there, or delete it."),
            ),
        ),
    )


def _mail(key: str, name: Any, values: Mapping[str, Any], subject: str, body: Any) -> Json:
    return parts.email(
        key,
        name,
        values["recipients"],
        subject % parts.shown(f"{_INVOICE}.total", "money"),
        body,
        (_("ID of the invoice"), _ID),
        (_("Amount"), parts.shown(f"{_INVOICE}.total", "money")),
        (_("Customer"), parts.shown(f"{_INVOICE}.customer_name")),
        (_("Customer's e-mail"), parts.shown(f"{_INVOICE}.customer_email")),
    )


TEMPLATE = WorkflowTemplate(
    key="draft_invoices",
    name=_("Look at large invoices before they are sent"),
    description=_(
        "Hold each large draft until somebody has approved it. Then it is sent, or finalized so that Stripe "
        "collects it. If it is declined, it stays a draft."
    ),
    why=_("A wrong invoice costs a credit note and trust. A draft costs nothing."),
    goal=Goal.PREVENT,
    parameters=(
        parts.threshold("minimum", _("Invoices above"), 1000),
        parts.APPROVERS,
        parts.RECIPIENTS,
    ),
    build=build,
)
