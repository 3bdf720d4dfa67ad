"""A site with 16 runs at once in each worker process, and the actions that wait."""

from tests.settings_nomigrations import *  # noqa: F403
from tests.settings_nomigrations import INSTALLED_APPS, STRIPEFLOW

INSTALLED_APPS = [*INSTALLED_APPS, "tests.crashes.held"]
STRIPEFLOW = {**STRIPEFLOW, "CONCURRENCY": 16, "MIRROR": "off", "RECONCILE_EVERY_SECONDS": 0}
