"""The API's schema, as a host project's generators of clients get it."""

import io
from functools import cache

import yaml
from django.core.management import call_command


@cache
def api_schema():
    """The schema as `manage.py spectacular --validate --fail-on-warn` gives it."""
    out = io.StringIO()
    call_command(
        "spectacular",
        validate=True,
        fail_on_warn=True,
        urlconf="tests.workflows.api.urls",
        custom_settings="stripeflow.workflows.api.openapi.SETTINGS",
        stdout=out,
    )
    return yaml.safe_load(out.getvalue())


def operations(schema):
    return [operation for path in schema["paths"].values() for operation in path.values()]


def operation_ids(schema):
    return sorted(operation["operationId"] for operation in operations(schema))
