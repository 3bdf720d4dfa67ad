"""Times that passed while a schedule was paused or inactive: skipped, unless the person chooses otherwise."""

from datetime import timedelta

import pytest
from django.utils import timezone

from stripeflow.triggers.account_mode import AccountMode
from stripeflow.workflows.limits import pausing
from stripeflow.workflows.models import AccountPause, Activation, Run, Workflow
from stripeflow.workflows.models.limits import PauseCause
from stripeflow.workflows.operations import lifecycle
from tests.workflows.admin.addresses import address
from tests.workflows.documents import action, document
from tests.workflows.schedules.documents import hourly

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("recorder", "queue")]

AGO = timedelta(hours=5)


@pytest.fixture
def workflow():
    return hourly().workflow


def page_of(client, workflow, name=""):
    return client.get(address(workflow, name) if name else address(workflow)).content.decode()


def send(client, workflow, name, **fields):
    revision = Workflow.objects.get(pk=workflow.pk).revision
    return client.post(address(workflow, name), {"revision": revision, **fields})["Location"]


@pytest.mark.parametrize("whole", [True, False])
def test_after_a_pause_the_person_may_look_at_them(admin_client, workflow, whole):
    if whole:
        pausing.pause(workflow.pk, "Wait.")
        Workflow.objects.update(paused_at=timezone.now() - AGO)
    else:
        side = AccountMode(livemode=True, account="")
        pausing.pause_account(workflow.pk, side, "Refused.", cause=PauseCause.REFUSED)
        AccountPause.objects.update(paused_at=timezone.now() - AGO)
    assert "look at 5 times that passed" in page_of(admin_client, workflow)
    location = send(admin_client, workflow, "resume", fill_times="1")
    assert location.startswith(address(workflow, "fill"))
    assert admin_client.get(location).content.decode().count("checked") == 5
    assert not Run.objects.exists()


def test_without_a_choice_they_are_skipped(admin_client, workflow):
    pausing.pause(workflow.pk, "Wait.")
    Workflow.objects.update(paused_at=timezone.now() - AGO)
    assert send(admin_client, workflow, "resume") == address(workflow)
    assert not Run.objects.exists()


def test_a_pause_of_another_mode_passes_nothing(admin_client, workflow):
    side = AccountMode(livemode=False, account="")
    pausing.pause_account(workflow.pk, side, "No key.", cause=PauseCause.NO_KEY)
    AccountPause.objects.update(paused_at=timezone.now() - AGO)
    assert "times that passed" not in page_of(admin_client, workflow)


def test_the_dialog_of_an_activation_says_how_many_and_asks(admin_client, workflow):
    lifecycle.deactivate(workflow)
    Activation.objects.update(started_at=timezone.now() - 2 * AGO, ended_at=timezone.now() - AGO)
    said = page_of(admin_client, workflow, "activate")
    assert "5 times of its schedule passed. They are skipped." in said
    location = send(admin_client, workflow, "activate", fill_times="1")
    assert admin_client.get(location).content.decode().count("checked") == 5


def test_other_triggers_are_not_asked(admin_client):
    other = lifecycle.create(document(action("one", text="a")))
    lifecycle.activate(other)
    lifecycle.deactivate(other)
    Activation.objects.update(started_at=timezone.now() - 2 * AGO, ended_at=timezone.now() - AGO)
    assert "fill_times" not in page_of(admin_client, other, "activate")
