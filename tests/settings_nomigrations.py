"""The site's settings, with every table made from its model: for scripts that need a fresh database.

dj-stripe's real migrations take a minute.
"""

from stripeflow_site.settings import *  # noqa: F403
from stripeflow_site.settings import INSTALLED_APPS, LOGGING


class _NoMigrations(dict[str, None]):
    def __contains__(self, key: object) -> bool:
        return True

    def __getitem__(self, key: str) -> None:
        return None


MIGRATION_MODULES = _NoMigrations(dict.fromkeys(INSTALLED_APPS))
LOGGING = {**LOGGING, "root": {"handlers": ["console"], "level": "WARNING"}}
