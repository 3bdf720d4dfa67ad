"""The site for flow tests: quick tables, quick retries, and an app with an action of its own."""

from tests.settings_nomigrations import *  # noqa: F403
from tests.settings_nomigrations import INSTALLED_APPS, STRIPEFLOW

INSTALLED_APPS = [*INSTALLED_APPS, "tests.flows.sample_app"]

# A lease that outlives the calls of one step, as in the defaults, only shorter.
STRIPEFLOW = {
    **STRIPEFLOW,
    "STRIPE_TIMEOUT_SECONDS": 8,
    "LEASE_SECONDS": 20,
    "OUTBOUND_TIMEOUT_SECONDS": 8,
    "RETRY_BASE_SECONDS": 0.5,
    "RETRY_CAP_SECONDS": 2.0,
}
