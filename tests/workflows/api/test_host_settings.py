"""Nothing of a host project's REST_FRAMEWORK and SPECTACULAR_SETTINGS shows in the API.

The tests run here, and once more in a process whose settings are hostile from the start.
"""

import os
import subprocess
import sys
from datetime import datetime
from urllib.parse import quote

import pytest
import yaml
from rest_framework import serializers

from stripeflow.workflows.api.fields import TimeField
from stripeflow.workflows.models import Run
from stripeflow.workflows.operations import lifecycle
from tests.workflows.api import hostile_host
from tests.workflows.documents import action, document
from tests.workflows.events import accept, payment

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("recorder", "queue")]

OF_THIS_RUN = ("PYTEST_", "STRIPEFLOW_")
IS_HOSTILE = os.environ.get("DJANGO_SETTINGS_MODULE") == hostile_host.__name__


@pytest.fixture(autouse=True)
def _hostile(settings):
    """What is read at each request; the rest is read when classes are made."""
    settings.REST_FRAMEWORK = hostile_host.REST_FRAMEWORK
    settings.TIME_ZONE = hostile_host.TIME_ZONE


@pytest.fixture
def run():
    workflow = lifecycle.create(document(action("one", text="ä")))
    lifecycle.activate(workflow)
    return Run.objects.get(event=accept(payment()))


def test_times_are_in_iso_8601_and_utc(api, run):
    told = api.get(f"runs/{run.pk}/").json()["created_at"]
    assert told.endswith("Z")
    assert datetime.fromisoformat(told) == run.created_at


@pytest.mark.parametrize(("since", "number"), [("2000-01-01T00:00:00Z", 1), ("2100-01-01T00:00:00+09:00", 0)])
def test_times_are_taken_in_iso_8601(api, run, since, number):
    assert len(api.get(f"runs/?created_after={quote(since)}").json()["results"]) == number


def test_a_time_without_a_zone_is_in_utc():
    assert TimeField().to_internal_value("2026-01-01T12:00:00").isoformat() == "2026-01-01T12:00:00+00:00"


def test_lists_filters_and_formats_are_ours(api, run):
    accept(payment())
    response = api.get("runs/?status=queued&limit=100")
    assert response["Content-Type"] == "application/json"
    assert len(response.json()["results"]) == 2
    assert b'": ' not in response.content


def test_texts_are_sent_as_they_are(api, run):
    assert "ä" in api.get(f"workflows/{run.workflow_id}/").content.decode()


def test_errors_are_ours(api, api_for, run):
    assert api_for().get("runs/").status_code == 401
    error = api.post(f"workflows/{run.workflow_id}/test/", {}).json()["error"]
    assert [problem["path"] for problem in error["problems"]] == [""]
    assert api.get("runs/?limit=0").json()["error"]["problems"][0]["path"] == "/limit"


def test_every_field_for_times_is_ours():
    def declared(kind):
        yield from getattr(kind, "_declared_fields", {}).items()
        for below in kind.__subclasses__():
            if below.__module__.startswith("stripeflow.workflows.api"):
                yield from declared(below)

    fields = dict(declared(serializers.Serializer)).items()
    kinds = (
        serializers.DateTimeField,
        serializers.DateField,
        serializers.TimeField,
        serializers.DecimalField,
    )
    leaking = [name for name, field in fields if isinstance(field, kinds) and type(field) is not TimeField]
    assert leaking == []
    assert any(type(field) is TimeField for _name, field in fields)


@pytest.mark.skipif(IS_HOSTILE, reason="This is the process that it would start.")
def test_a_host_that_is_hostile_from_the_start_gets_the_same():
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:randomly"]
    command += [f"--ds={hostile_host.__name__}", __file__]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(OF_THIS_RUN)}
    environment["DJANGO_SETTINGS_MODULE"] = hostile_host.__name__
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-5000:]


def test_the_schema_is_the_same(api):
    served = yaml.safe_load(api.get("schema/").content)
    assert served["servers"] == [{"url": "/", "description": "This site."}]
    assert "Host" not in served["components"]["schemas"]
    assert "/api/v1/runs/{id}/" in served["paths"]
    assert "security" not in served
