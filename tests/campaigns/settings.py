"""The site for campaigns: quick tables, and no limit of ours that many events in a minute would meet.

Leases, rings and the watchdog keep their defaults: how soon all recovers is what is judged.
"""

from stripeflow_site.settings import env
from tests.settings_nomigrations import *  # noqa: F403
from tests.settings_nomigrations import LOGGING, STRIPEFLOW

STRIPEFLOW = {
    **STRIPEFLOW,
    # Both would write rows and call Stripe beside what is counted; reconciling would hide lost events.
    "MIRROR": "off",
    "RECONCILE_EVERY_SECONDS": 0,
    "MAX_RUNS_PER_MINUTE": 1_000_000,
    "MAX_RUNS_PER_OBJECT_HOUR": 1_000_000,
    "STRIPE_CALLS_PER_SECOND_ENDPOINT": 2_000,
    "STRIPE_CALLS_PER_SECOND_TEST": 4_000,
    "STRIPE_CALLS_PER_SECOND_TEST_ALL_ACCOUNTS": 4_000,
    # A step that meets many faults by chance still has to come to its end within two minutes.
    "RETRY_CAP_SECONDS": 5.0,
    "MAX_ATTEMPTS": 40,
    "MAX_INTERRUPTIONS": 20,
}
# The short form has no time for the default one.
if LEASE_SECONDS := env.float("CHAOS_LEASE_SECONDS", default=0.0):
    STRIPEFLOW["LEASE_SECONDS"] = LEASE_SECONDS
    STRIPEFLOW["STRIPE_TIMEOUT_SECONDS"] = STRIPEFLOW["OUTBOUND_TIMEOUT_SECONDS"] = LEASE_SECONDS / 2
if env.bool("CHAOS_SLOW_MAIL", default=False):
    EMAIL_BACKEND = "tests.campaigns.slow_mail.EmailBackend"
    STRIPEFLOW["NOTIFY_AGAIN_SECONDS"] = 1
# django-q2 tells there which of its processes is which.
LOGGING = {**LOGGING, "loggers": {**LOGGING["loggers"], "django-q": {"level": "INFO"}}}
