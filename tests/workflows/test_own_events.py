"""A host's own events: what `accept_event` takes, and the app of docs/own-triggers.md."""

from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import connection, transaction

import tests.shop
from stripeflow.triggers.models import Event
from stripeflow.triggers.own_events import NotAnEvent, accept_event
from stripeflow.triggers.types import registry
from stripeflow.workflows.engine.execution import execute
from stripeflow.workflows.matching.why import explain
from stripeflow.workflows.models import Run
from stripeflow.workflows.operations import lifecycle
from stripeflow.workflows.rehearsal.drafts import script_of
from stripeflow.workflows.rehearsal.trials import rehearse_sample
from stripeflow_site.local.installation import ROOT
from tests.shop.models import Order
from tests.shop.orders import change_status
from tests.workflows.documents import EVERYTHING, action, compare, document, group

pytestmark = pytest.mark.django_db
FOLDER = Path(tests.shop.__file__).parent


@pytest.fixture(scope="module", autouse=True)
def _table(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        with connection.schema_editor() as editor:
            editor.create_model(Order)
        yield
        with connection.schema_editor() as editor:
            editor.delete_model(Order)


@pytest.fixture(autouse=True)
def _installed(recorder, queue, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(registry, "_types", dict(registry._types))
        from tests.shop.stripeflow_triggers import OrderChanges

        registry._types.setdefault("order", OrderChanges())
        yield


def active(becomes="returned", *tests_):
    made = document(action("one", text="{{ trigger.total | money }} of {{ trigger.number }}"))
    made["trigger"] = {
        "type": "order",
        "becomes": becomes,
        "scope": EVERYTHING,
        "conditions": group(*tests_),
    }
    workflow = lifecycle.create(made)
    lifecycle.activate(workflow)
    return workflow


def order(**columns):
    return Order.objects.create(total=4800, charge="ch_1", **columns)


def told(**more):
    given = {"identity": "1", "livemode": False, **more}
    return accept_event("order", "order.returned", {"number": 1, "total": 1, "currency": "usd"}, **given)


def test_a_change_of_a_row_starts_a_workflow_that_reads_it(recorder):
    workflow = active("returned", compare("trigger.status", "changed_from", "open"))
    bought = order()
    change_status(bought, "returned")
    run = Run.objects.get(workflow=workflow)
    execute(run.pk)
    assert recorder.texts == [f"$48.00 USD of {bought.pk}"]
    assert (run.livemode, run.object_id, Order.objects.get().status) == (True, "ch_1", "returned")


def test_the_same_change_starts_it_once():
    active()
    bought = order()
    for _time in range(2):
        bought.status = "open"
        change_status(bought, "returned")
    assert (Run.objects.count(), Event.objects.get().duplicates) == (1, 1)


def test_a_change_that_is_rolled_back_starts_nothing():
    active()
    bought = order()
    with transaction.atomic():
        change_status(bought, "returned")
        transaction.set_rollback(True)
    assert not Event.objects.exists()
    assert not Run.objects.exists()


def test_why_not_and_the_dry_run_know_it():
    workflow = active("returned", compare("trigger.number", "greater_than", 10))
    assert [one.reason for one in explain(told().event)] == ["not_met"]
    assert rehearse_sample(script_of(workflow)).found.steps[0].inputs == {"text": "$48.00 USD of 17"}


def test_one_that_a_step_has_caused_does_not_start_its_own_workflow():
    workflow = active()
    run = Run.objects.get(event=told().event)
    execute(run.pk)
    again = told(identity="2", cause=run.steps.get().idempotency_key)
    assert again.started == 0
    assert [one.reason for one in explain(again.event)] == ["own_call"]
    assert Run.objects.filter(workflow=workflow).count() == 1


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (("nothing", "order.paid", {}), "There is no type of trigger “nothing”"),
        (("stripe_event", "charge.refunded", {}), "made by StripeFlow itself"),
        (("on_demand", "on_demand", {}), "made by StripeFlow itself"),
        (("workflow_finished", "run.failed", {}), "made by StripeFlow itself"),
        (("order", "", {}), "1 to 100 characters"),
        (("order", "o" * 101, {}), "1 to 100 characters"),
        (("order", "order.paid", {"total": Decimal(1)}), "is not JSON"),
    ],
)
def test_what_could_start_nothing_is_refused(given, says):
    with pytest.raises(NotAnEvent, match=says):
        accept_event(*given, identity="1", livemode=False)
    assert not Event.objects.exists()


@pytest.mark.parametrize("wrong", [{"identity": ""}, {"created": datetime(2026, 1, 1)}])  # noqa: DTZ001
def test_an_event_needs_an_identity_and_an_aware_time(wrong):
    with pytest.raises(ValueError, match="needs"):
        told(**wrong)


@pytest.mark.parametrize("module", ["stripeflow_triggers.py", "orders.py"])
def test_the_docs_show_the_app_as_it_is(module):
    assert (FOLDER / module).read_text() in (ROOT / "docs" / "own-triggers.md").read_text()
