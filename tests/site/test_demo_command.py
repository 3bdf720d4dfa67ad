import json

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command
from djstripe.models import WebhookEndpoint

from stripeflow.triggers.signing_secrets import opened
from stripeflow.workflows.models import ApiToken, Workflow
from stripeflow.workflows.states import WorkflowStatus
from stripeflow_site.local.installation import PASSWORD_VARIABLE

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def variables(monkeypatch):
    monkeypatch.setenv(PASSWORD_VARIABLE, "long-and-random")
    monkeypatch.setenv("STRIPE_WEBHOOK_SECRET", "whsec_of_the_test")


@pytest.fixture
def prepare(capsys):
    def prepare(*options):
        call_command("stripeflow_demo", "--url=http://127.0.0.1:8000", *options)
        return json.loads(capsys.readouterr().out)

    return prepare


def logs_in(client, name, password):
    response = client.post("/admin/login/", {"username": name, "password": password})
    return response.status_code == 302


def test_admin_can_log_in(prepare, client):
    report = prepare()
    assert report["password_works"]
    assert logs_in(client, report["username"], "long-and-random")


def test_password_that_somebody_has_set_is_kept(prepare, client):
    admin = get_user_model().objects.get(username=prepare()["username"])
    admin.set_password("set by hand")
    admin.save()
    assert not prepare()["password_works"]
    assert logs_in(client, admin.username, "set by hand")


def test_each_start_has_one_token_of_its_own(prepare, client):
    earlier, token = prepare()["token"], prepare()["token"]
    headers = [{"Authorization": f"Bearer {one}"} for one in (earlier, token)]
    assert [client.get("/api/v1/workflows/", headers=one).status_code for one in headers] == [401, 200]
    assert ApiToken.objects.count() == 1


def test_token_opens_the_api(prepare, client):
    token = prepare()["token"]
    answer = client.get("/api/v1/workflows/", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200


def test_endpoint_has_the_secret(prepare):
    path = prepare()["webhook_path"]
    endpoint = WebhookEndpoint.objects.get()
    assert opened(endpoint.secret) == "whsec_of_the_test" != endpoint.secret
    assert endpoint.url == f"http://127.0.0.1:8000{path}"


def test_workflows_are_active_copies_of_the_templates(prepare):
    prepare("--workflows")
    active = Workflow.objects.filter(status=WorkflowStatus.ACTIVE).values_list("template_key", flat=True)
    assert set(active) == {"personalize_orders", "tag_customers", "fraud_warnings"}


def test_second_start_adds_no_workflows(prepare):
    prepare("--workflows")
    prepare("--workflows")
    assert Workflow.objects.count() == 3


def test_endpoint_keeps_its_address(prepare):
    assert prepare()["webhook_path"] == prepare()["webhook_path"]
