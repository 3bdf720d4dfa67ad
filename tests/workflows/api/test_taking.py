"""What no operation takes, whichever it is: bodies that are no object, unknown and empty parameters."""

import pytest

from stripeflow.workflows.api.query import Query
from stripeflow.workflows.models import Run, Workflow
from stripeflow.workflows.operations import lifecycle
from tests.workflows.api.test_access import SUPPORTED, address, named
from tests.workflows.documents import action, document

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("recorder", "queue")]

# Empty in Python's eyes, but not nothing.
NO_OBJECTS = (b'""', b"[]", b"false", b"0", b"null", b"[1]", b"true", b'"x"', b"1.5")


def operation(pattern, method):
    callback = pattern.callback
    return getattr(callback.cls, callback.actions["get" if method == "HEAD" else method.lower()])


OPERATIONS = [
    (pattern, method)
    for pattern, method in SUPPORTED
    if pattern.name not in ("nothing", "schema", "docs") and method != "HEAD"
]
ACTING = [(pattern, method) for pattern, method in OPERATIONS if method in ("POST", "PUT")]
PARAMETERS = [
    (pattern, name)
    for pattern, method in OPERATIONS
    for name in operation(pattern, method).takes.query().fields
]


def problems(response):
    assert response.status_code == 400, response.content
    return [(one["path"], one["code"]) for one in response.json()["error"]["problems"]]


def state():
    return [*Workflow.objects.order_by("pk").values_list("pk", "status", "revision", "paused_at")]


@pytest.mark.parametrize(("pattern", "method"), ACTING, ids=named)
def test_a_body_that_is_no_object_does_nothing(api, pattern, method):
    workflow = lifecycle.create(document(action("one", text="a")))
    path = address(pattern).replace("workflows/1/", f"workflows/{workflow.pk}/")
    path = path.replace("templates/evt_1/", "templates/personalize_orders/")
    before = state()
    for raw in NO_OBJECTS:
        response = api(method, path, raw=raw, headers={"If-Match": f'"{workflow.revision}"'})
        assert response.status_code == 400, (raw, response.content)
    assert (state(), Run.objects.count()) == (before, 0)


def test_a_body_that_is_no_object_is_reported_as_such(api):
    assert problems(api.post("workflows/1/pause/", raw=b"[]")) == [("", "not_an_object")]


@pytest.mark.parametrize("name", ["deactivate", "archive", "restore", "duplicate", "resume"])
def test_what_needs_no_body_takes_none_or_an_empty_object(api, name):
    for raw in (b"", b"{}"):
        assert api.post(f"workflows/1/{name}/", raw=raw).status_code == 404
    assert problems(api.post(f"workflows/1/{name}/", {"note": "a"})) == [("/note", "unknown")]


@pytest.mark.parametrize(("pattern", "method"), OPERATIONS, ids=named)
def test_an_unknown_parameter_is_refused(api, pattern, method):
    assert problems(api(method, address(pattern) + "?nope=1")) == [("/nope", "unknown_parameter")]


@pytest.mark.parametrize(("pattern", "name"), PARAMETERS, ids=named)
@pytest.mark.parametrize("value", ["", "%20", "+", "a&{}="])
def test_an_empty_parameter_is_refused(api, pattern, name, value):
    found = problems(api.get(f"{address(pattern)}?{name}={value.format(name)}"))
    assert (f"/{name}", "empty") in found


def test_every_operation_declares_what_it_takes():
    for pattern, method in OPERATIONS:
        assert issubclass(operation(pattern, method).takes.query, Query)
