"""The campaign's site with a safeguard switched off: see `weakened`. CHAOS_WITHOUT names it."""

from stripeflow_site.settings import env
from tests.campaigns.settings import *  # noqa: F403
from tests.campaigns.settings import INSTALLED_APPS, MIGRATION_MODULES

INSTALLED_APPS = [*INSTALLED_APPS, f"tests.campaigns.weakened.{env.str('CHAOS_WITHOUT')}"]
MIGRATION_MODULES = type(MIGRATION_MODULES)(dict.fromkeys(INSTALLED_APPS))
