"""The campaign's site with a safeguard switched off: see `keyless_app`."""

from tests.campaigns.settings import *  # noqa: F403
from tests.campaigns.settings import INSTALLED_APPS, MIGRATION_MODULES

INSTALLED_APPS = [*INSTALLED_APPS, "tests.campaigns.keyless_app"]
MIGRATION_MODULES = type(MIGRATION_MODULES)(dict.fromkeys(INSTALLED_APPS))
