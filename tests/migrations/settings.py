"""The site's settings with our own migrations as they are: those of dj-stripe take a minute, and are not ours."""

from stripeflow_site.settings import *  # noqa: F403
from stripeflow_site.settings import LOGGING, STRIPEFLOW

MIGRATION_MODULES = {"djstripe": None}
LOGGING = {**LOGGING, "root": {"handlers": ["console"], "level": "WARNING"}}
# So that an old entry may go.
STRIPEFLOW = {**STRIPEFLOW, "AUDIT_DAYS": 3}
