"""Settings of a host project that has set nothing up for the REST framework and for drf-spectacular."""

from stripeflow_site.settings import *  # noqa: F403

REST_FRAMEWORK = {}
SPECTACULAR_SETTINGS = {}
