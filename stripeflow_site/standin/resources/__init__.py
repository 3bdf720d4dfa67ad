"""The API's resources; importing one registers its endpoints."""

from stripeflow_site.standin.resources import (  # noqa: F401 - registration
    accounts,
    billing,
    charges,
    customers,
    events,
    payment_intents,
    payment_methods,
    radar,
    refunds,
    thin_events,
    webhook_endpoints,
)
