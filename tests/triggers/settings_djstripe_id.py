"""The site for a project that had dj-stripe before: its foreign keys name dj-stripe's own numbers."""

from stripeflow_site.settings import *  # noqa: F403

DJSTRIPE_FOREIGN_KEY_TO_FIELD = "djstripe_id"
