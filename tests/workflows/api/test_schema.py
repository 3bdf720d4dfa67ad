import json
import os
import subprocess
import sys

import pytest
import yaml
from jsonschema import Draft202012Validator

from stripeflow.workflows.api.urls import urlpatterns
from tests.workflows.api.schemas import api_schema, operations


@pytest.fixture(scope="module")
def schema():
    return api_schema()


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
            if status in ("204", "304"):
                continue
            shape = response["content"]["application/json"]["schema"]
            assert (shape == {"$ref": "#/components/schemas/Error"}) is (int(status) >= 400)
        assert {"400", "401", "403", "429"} <= operation["responses"].keys()


def bodies(schema):
    """Every operation's body, with the component that says what it holds."""
    for operation in operations(schema):
        if body := operation.get("requestBody"):
            name = body["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
            yield operation["operationId"], body.get("required", False), schema["components"]["schemas"][name]


def inside(value):
    """Every schema within one."""
    if isinstance(value, dict):
        yield value
    for child in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from inside(child)


def test_every_body_lets_no_unknown_name_in(schema):
    found = list(bodies(schema))
    assert len(found) >= 15
    for name, _required, shape in found:
        assert shape["additionalProperties"] is False, name


def test_a_body_is_required_where_an_empty_object_would_be_refused(schema):
    for name, required, shape in bodies(schema):
        empty_is_wrong = not Draft202012Validator(shape).is_valid({})
        assert required is empty_is_wrong, name


def test_every_list_says_what_it_holds(schema):
    for shape in inside(schema):
        kind = shape.get("type")
        if kind == "array" or (isinstance(kind, list) and "array" in kind):
            assert "items" in shape, shape


@pytest.mark.parametrize(
    ("component", "body", "is_valid"),
    [
        ("TestWorkflowRequest", {"sample": True}, True),
        ("TestWorkflowRequest", {"event": "evt_1", "anyway": True}, True),
        ("TestWorkflowRequest", {}, False),
        ("TestWorkflowRequest", {"event": "evt_1", "sample": True}, False),
        ("TestWorkflowRequest", {"payload": {"a": 1}, "sample": True}, False),
        ("ChooseEventsRequest", {"workflow": 1, "events": ["evt_1"]}, True),
        ("ChooseEventsRequest", {"workflow": 1, "since": "2026-01-01", "until": "2026-01-02"}, True),
        ("ChooseEventsRequest", {"workflow": 1}, False),
        ("ChooseEventsRequest", {"workflow": 1, "events": []}, False),
        ("ChooseEventsRequest", {"workflow": 1, "until": "2026-01-02"}, False),
        ("StartReplayRequest", {"workflow": 1, "events": ["evt_1"], "since": "2026-01-01"}, False),
        ("BulkRequest", {"operation": "retry", "ids": []}, False),
        ("BulkResolveRequest", {"outcome": "again", "runs": []}, False),
    ],
)
def test_the_schema_says_which_names_go_together(schema, component, body, is_valid):
    whole = {**schema, "$ref": f"#/components/schemas/{component}"}
    assert Draft202012Validator(whole).is_valid(body) is is_valid


def test_says_where_the_api_is(schema):
    assert schema["servers"] == [{"url": "/", "description": "This site."}]


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
        "--custom-settings=stripeflow.workflows.api.openapi.SETTINGS",
    ]
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.workflows.api.bare_host"}
    done = subprocess.run(
        [sys.executable, "manage.py", *command], env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert yaml.safe_load(done.stdout) == schema
