"""The templates that we bring, in the order in which the gallery shows them within a goal."""

from stripeflow.workflows.workflow_templates import (
    dispute_deadline,
    draft_invoices,
    fraud_warnings,
    overdue_invoices,
    personalize_orders,
    refund_on_request,
    tag_customers,
)

OURS = tuple(
    module.TEMPLATE
    for module in (
        personalize_orders,
        tag_customers,
        fraud_warnings,
        dispute_deadline,
        overdue_invoices,
        refund_on_request,
        draft_invoices,
    )
)
