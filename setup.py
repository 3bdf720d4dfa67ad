"""Maps the three directories to their import names; everything else is in pyproject.toml."""

from setuptools import find_packages, setup

# A host may have apps called `workflows` or `actions` of its own: ours are imported as `stripeflow.…`.
APPS = ("workflows", "actions", "triggers")

setup(
    package_dir={f"stripeflow.{app}": app for app in APPS},
    packages=[
        f"stripeflow.{name}"
        for app in APPS
        for name in (app, *(f"{app}.{below}" for below in find_packages(app)))
    ],
)
