"""Dunning beside Stripe's own retries: people write, Stripe collects."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.models.goal import Goal
from stripeflow.workflows.workflow_templates import parts
from stripeflow.workflows.workflow_templates.base import WorkflowTemplate

_SUBSCRIPTION = "trigger.parent.subscription_details.subscription"
_TO_THE_SUBSCRIPTION = ("trigger.parent", "trigger.parent.subscription_details", _SUBSCRIPTION)


def build(values: Mapping[str, Any]) -> Json:
    first = parts.condition("trigger.attempt_count", "equal", 1)
    retries = parts.condition("trigger.next_payment_attempt", "is_not_empty")
    cancel_when = [{"event": event, "same_as": "invoice"} for event in parts.SETTLED]
    return {
        "trigger": parts.starts_on("invoice.payment_failed", first, retries, cancel_when=cancel_when),
        "steps": [
            _mail(
                "email_team",
                _("Ask for a first e-mail to the customer"),
                values,
                _("Payment failed: %s"),
                _(
                    "Please tell the customer that the payment failed, with the link to pay. Stripe tries "
                    "again by itself."
                ),
                "trigger",
            ),
            parts.wait("first_wait", _("Wait for the payment"), values["first_days"]),
            _mail(
                "second_email",
                _("Ask for a second e-mail to the customer"),
                values,
                _("Still not paid: %s"),
                _("Please write to the customer once more, with the link to pay."),
                "trigger",
            ),
            parts.wait("second_wait", _("Wait for the payment again"), values["second_days"]),
            parts.action(
                "retrieve_invoice",
                _("Look at the invoice again"),
                "stripe.invoices.retrieve",
                invoice="{{ trigger.id }}",
            ),
            _at_the_end(values),
        ],
    }


def _at_the_end(values: Mapping[str, Any]) -> Json:
    """Only once Stripe tries no more, and only after somebody has approved it, the subscription ends."""
    still_open = parts.condition("steps.retrieve_invoice.status", "equal", "open")
    tries = parts.condition("steps.retrieve_invoice.next_payment_attempt", "is_not_empty")
    gives_up = parts.condition("steps.retrieve_invoice.next_payment_attempt", "is_empty")
    # Where the upper field is empty, nothing below it is there.
    subscribed = (
        parts.condition("trigger.parent", "is_present"),
        *(parts.condition(path, "is_not_empty") for path in _TO_THE_SUBSCRIPTION),
    )
    wait_on = _mail(
        "still_trying",
        _("Tell the team that Stripe still tries"),
        values,
        _("Stripe still tries to collect %s"),
        _("Nothing is canceled. Stripe tries again by itself; do not collect the invoice by hand."),
        "steps.retrieve_invoice",
        (_("Next try"), parts.shown("steps.retrieve_invoice.next_payment_attempt", "date")),
    )
    by_hand = _mail(
        "tell_unpaid",
        _("Tell the team that it stays unpaid"),
        values,
        _("Stripe no longer tries to collect %s"),
        _("No subscription belongs to this invoice. Decide what happens with it."),
        "steps.retrieve_invoice",
    )
    return parts.branch(
        "how_it_stands",
        _("How does it stand?"),
        parts.lane("trying", wait_on, conditions=parts.all_of(still_open, tries)),
        parts.lane("given_up", *_cancel(values), conditions=parts.all_of(still_open, gives_up, *subscribed)),
        parts.lane("no_subscription", by_hand, conditions=parts.all_of(still_open, gives_up)),
        parts.otherwise(parts.note("settled", _("The invoice is no longer open."))),
    )


def _cancel(values: Mapping[str, Any]) -> tuple[Json, ...]:
    question = str(_("Cancel the subscription of %(customer)s? %(amount)s was not paid.")) % {
        "customer": parts.shown("trigger.customer_email"),
        "amount": parts.shown("steps.retrieve_invoice.amount_remaining", "money"),
    }
    ask = parts.approval(
        "ask",
        _("Ask for approval"),
        question,
        values,
        declined=(_goes_on("tell_kept", values),),
        timed_out=(_goes_on("tell_late", values),),
    )
    end = parts.action(
        "cancel_subscription",
        _("Cancel the subscription"),
        "stripe.subscriptions.cancel",
        subscription="{{ %s }}" % _SUBSCRIPTION,
    )
    return (ask, end)


def _goes_on(key: str, values: Mapping[str, Any]) -> Json:
    return _mail(
        key,
        _("Tell the team that it goes on"),
        values,
        _("Not canceled, not paid: %s"),
        _("The subscription goes on. Decide what happens with the invoice."),
        "steps.retrieve_invoice",
    )


def _mail(
    key: str,
    name: Any,
    values: Mapping[str, Any],
    subject: Any,
    body: Any,
    invoice: str,
    *rows: tuple[Any, str],
) -> Json:
    amount = parts.shown(f"{invoice}.amount_remaining", "money")
    return parts.email(
        key,
        name,
        values["recipients"],
        str(subject) % amount,
        body,
        (_("ID of the invoice"), "{{ %s.id }}" % invoice),
        (_("Amount"), amount),
        (_("Customer"), parts.shown(f"{invoice}.customer_name")),
        (_("Customer's e-mail"), parts.shown(f"{invoice}.customer_email")),
        (_("Link to pay"), parts.shown(f"{invoice}.hosted_invoice_url")),
        *rows,
    )


TEMPLATE = WorkflowTemplate(
    key="dunning",
    name=_("Dunning beside Stripe's retries"),
    description=_(
        "After a failed payment the team writes to the customer twice while Stripe retries. Once Stripe has "
        "given up, the subscription is canceled if somebody approves it. The run ends by itself when the "
        "invoice is paid."
    ),
    why=_("Most failed payments are paid once somebody writes. Stripe's own retries are left alone."),
    goal=Goal.RECOVER,
    parameters=(
        parts.days("first_days", _("Days until the second e-mail"), 3),
        parts.days("second_days", _("Days after that"), 7),
        parts.APPROVERS,
        parts.RECIPIENTS,
    ),
    build=build,
)
