import io
import json
import os
import subprocess
import sys

import pytest
import yaml
from django.core.management import call_command

from workflows.api.urls import urlpatterns


@pytest.fixture(scope="module")
def schema():
    """The schema as `manage.py spectacular --validate --fail-on-warn` gives it."""
    out = io.StringIO()
    call_command(
        "spectacular",
        validate=True,
        fail_on_warn=True,
        urlconf="tests.workflows.api.urls",
        custom_settings="workflows.api.openapi.SETTINGS",
        stdout=out,
    )
    return yaml.safe_load(out.getvalue())


def operations(schema):
    return [operation for path in schema["paths"].values() for operation in path.values()]


def test_validates_without_warnings(schema):
    assert schema["openapi"].startswith("3.1")


def test_holds_every_operation_once(schema):
    routed = sum(
        len([method for method in pattern.callback.actions if method != "head"])
        for pattern in urlpatterns
        if hasattr(pattern.callback, "actions") and pattern.name != "nothing"
    )
    names = [operation["operationId"] for operation in operations(schema)]
    assert len(names) == len(set(names)) == routed


def test_every_operation_documents_its_errors(schema):
    for operation in operations(schema):
        for status, response in operation["responses"].items():
            shape = response["content"]["application/json"]["schema"]
            assert (shape == {"$ref": "#/components/schemas/Error"}) is (int(status) >= 400)
        assert {"400", "401", "403"} <= operation["responses"].keys()


def test_updating_documents_etag_and_if_match(schema):
    update = schema["paths"]["/api/v1/workflows/{id}/"]["put"]
    header = next(one for one in update["parameters"] if one["name"] == "If-Match")
    assert header["required"] is True
    assert "ETag" in update["responses"]["200"]["headers"]
    assert {"412", "428"} <= update["responses"].keys()


def test_the_definition_is_among_the_components_and_every_reference_resolves(schema):
    components = schema["components"]["schemas"]
    assert components["Definition"]["properties"]["format"] == {"const": 1}
    text = json.dumps(schema)
    referred = {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}
    assert referred <= components.keys()


def test_creating_has_an_example(schema):
    body = schema["paths"]["/api/v1/workflows/"]["post"]["requestBody"]
    assert body["content"]["application/json"]["examples"]


def test_other_views_of_a_host_project_stay_out(schema):
    assert all(path.startswith("/api/v1/") for path in schema["paths"])


def test_the_schema_is_served(api_for, make_user):
    response = api_for(make_user()).get("schema/")
    assert response.status_code == 200
    assert yaml.safe_load(response.content)["info"]["title"] == "StripeFlow API"


def test_the_pages_load_nothing_from_elsewhere(api_for, make_user):
    response = api_for(make_user()).get("docs/")
    assert response.status_code == 200
    assert "/static/drf_spectacular_sidecar/" in response.content.decode()
    assert "cdn." not in response.content.decode()


def test_a_host_that_has_set_nothing_up_gets_the_same_schema(schema):
    command = [
        "spectacular",
        "--validate",
        "--fail-on-warn",
        "--urlconf=tests.workflows.api.urls",
        "--custom-settings=workflows.api.openapi.SETTINGS",
    ]
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.workflows.api.bare_host"}
    done = subprocess.run(
        [sys.executable, "manage.py", *command], env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert yaml.safe_load(done.stdout) == schema
