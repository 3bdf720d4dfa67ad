"""A site whose refunds say that they worked, and do nothing."""

from tests.settings_nomigrations import *  # noqa: F403
from tests.settings_nomigrations import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.site.broken_app"]
