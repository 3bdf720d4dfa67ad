"""A stock dj-stripe project on the same tables: nothing of ours is installed."""

from bench.settings import *  # noqa: F403
from bench.settings import INSTALLED_APPS, MIDDLEWARE

_OURS = {"stripeflow", "stripeflow_site"}
INSTALLED_APPS = [name for name in INSTALLED_APPS if name.partition(".")[0] not in _OURS]
MIDDLEWARE = [name for name in MIDDLEWARE if name.partition(".")[0] not in _OURS]
ROOT_URLCONF = "bench.urls_stock"
