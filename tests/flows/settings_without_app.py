"""The same, on a worker that somebody forgot to install the app on."""

from tests.flows.settings import *  # noqa: F403
from tests.flows.settings import INSTALLED_APPS

INSTALLED_APPS = [app for app in INSTALLED_APPS if app != "tests.flows.sample_app"]
