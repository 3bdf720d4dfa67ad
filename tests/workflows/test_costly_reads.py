"""Every read that costs much takes its person's turn: in the admin and by the API."""

import json

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client

from stripeflow.triggers.costly import turn
from stripeflow.workflows.models import ApiToken
from stripeflow.workflows.models.token_scope import Scope
from stripeflow.workflows.operations import lifecycle
from tests.workflows.documents import action, document

pytestmark = pytest.mark.django_db


@pytest.fixture
def user(recorder, monkeypatch):
    cache.clear()
    monkeypatch.setattr("stripeflow.triggers.costly.SHORT", 60)
    yield User.objects.create_superuser("ann")
    cache.clear()


@pytest.fixture
def workflow(user):
    return lifecycle.create(document(action("one", text="a")))


PAGES = (
    "/admin/stripeflow_workflows/workflow/{pk}/backtest/?days=1",
    "/admin/stripeflow_workflows/run/?q=cus_notanywhere",
    "/admin/stripeflow_workflows/run/why/?event=cus_notanywhere",
)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_waits_for_the_last_one(user, workflow, page):
    client = Client()
    client.force_login(user)
    address = page.format(pk=workflow.pk)
    with turn(user):
        answer = client.get(address)
    assert (answer.status_code, int(answer["Retry-After"]) > 0) == (429, True)
    assert client.get(address).status_code == 200


def test_a_back_test_by_the_api_waits_for_the_last_one(user, workflow):
    token = ApiToken(user=user, name="test")
    headers = {"Authorization": f"Bearer {token.issue()}"}
    token.granted = Scope
    token.save()

    def call():
        address = f"/api/v1/workflows/{workflow.pk}/backtest/"
        body = json.dumps({"days": 1})
        return Client(headers=headers).post(address, body, content_type="application/json")

    with turn(user):
        answer = call()
    assert (answer.status_code, int(answer["Retry-After"]) > 0) == (429, True)
    assert (answer.json()["error"]["type"], answer.json()["error"]["code"]) == ("rate_limit", "busy")
    assert call().status_code == 200
