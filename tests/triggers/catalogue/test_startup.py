"""Nothing of the catalogue is imported at start-up, and using it executes none of the SDK's classes."""

import json
import subprocess
import sys

SETUP = """
import os, sys, json
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stripeflow_site.settings")
import django
django.setup()
"""
LOADED = "print(json.dumps(sorted(name for name in sys.modules if name.startswith({prefix!r}))))"


def loaded(code, *, prefix):
    script = SETUP + code + "\n" + LOADED.format(prefix=prefix)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def test_start_up_imports_nothing_that_reads_the_sdk():
    # The door and the plain values that annotations name; see triggers/catalogue/__init__.py.
    assert set(loaded("", prefix="stripeflow.triggers.catalogue")) <= {
        "stripeflow.triggers.catalogue",
        "stripeflow.triggers.catalogue.model",
    }


def test_the_door_names_what_it_opens_to():
    from stripeflow.triggers import catalogue

    assert sorted(catalogue._HOME_OF) == sorted(catalogue.__all__)
    assert all(callable(getattr(catalogue, name)) for name in catalogue.__all__)


def test_catalogue_executes_only_the_sdks_table_of_objects():
    use = (
        "import stripeflow.triggers.catalogue as c; c.fields('charge'); c.event_types(); c.sample('invoice')"
    )
    more = set(loaded(use, prefix="stripe.")) - set(loaded("", prefix="stripe."))
    assert more <= {"stripe._object_classes"}
