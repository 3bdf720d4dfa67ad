"""The site's settings for benchmarks: a database of their own, and no call to Stripe.

Every table is made from its model, since dj-stripe's real migrations take a minute.
"""

from stripeflow_site.settings import STRIPEFLOW, env
from tests.settings_nomigrations import *  # noqa: F403
from tests.settings_nomigrations import INSTALLED_APPS, MIGRATION_MODULES

INSTALLED_APPS = [*INSTALLED_APPS, "bench"]
MIGRATION_MODULES = type(MIGRATION_MODULES)(dict.fromkeys(INSTALLED_APPS))
ROOT_URLCONF = "bench.urls"

# By default the discard port: a call to Stripe would fail at once, and be seen as an error of the measure.
STRIPE_API_HOST = env.str("BENCH_STRIPE", default="http://127.0.0.1:9")
STRIPE_TEST_SECRET_KEY = "sk_test_" + 24 * "0"
STRIPEFLOW = {
    **STRIPEFLOW,
    "STRIPE_API_BASE": STRIPE_API_HOST,
    # Counted as in production, and never reached.
    "STRIPE_CALLS_PER_SECOND_ENDPOINT": 10**6,
    "STRIPE_CALLS_PER_SECOND_TEST": 10**6,
    "STRIPE_CALLS_PER_SECOND_TEST_ALL_ACCOUNTS": 10**6,
    "MIRROR": env.str("BENCH_MIRROR", default="off"),
    "QUEUE_TASKS": ["bench.tasks.noop"],
}

# One line per action that ran: its time and its idempotency key.
BENCH_LEDGER = env.str("BENCH_LEDGER", default="")
