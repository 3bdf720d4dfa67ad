"""The templates that we bring, in the order in which the gallery shows them within a goal."""

from stripeflow.workflows.workflow_templates import (
    abandoned_checkouts,
    account_cannot_charge,
    dispute_deadline,
    draft_invoices,
    dunning,
    fraud_warnings,
    lifetime_value,
    overdue_invoices,
    personalize_orders,
    radar_reviews,
    refund_on_request,
    tag_customers,
    trial_without_card,
    weekly_report,
)

OURS = tuple(
    module.TEMPLATE
    for module in (
        personalize_orders,
        tag_customers,
        lifetime_value,
        fraud_warnings,
        dispute_deadline,
        radar_reviews,
        draft_invoices,
        dunning,
        overdue_invoices,
        abandoned_checkouts,
        refund_on_request,
        trial_without_card,
        weekly_report,
        account_cannot_charge,
    )
)
