"""Every operation, called by a generated client: the schema says enough, and the answers are as it says."""

import sys
from datetime import timedelta

import pytest

from stripeflow.actions import errors
from stripeflow.workflows.audit.acts import Act
from stripeflow.workflows.credentials import connection_changes, secret_changes
from stripeflow.workflows.credentials.connection_changes import Wanted
from stripeflow.workflows.destinations import changes as destinations
from stripeflow.workflows.limits import deauthorized, pausing, switch
from stripeflow.workflows.models import Deauthorization, EventDelivery, EventDestination, LoopItem
from stripeflow.workflows.operations import lifecycle, saving_templates
from stripeflow.workflows.operations.saving_templates import Called
from stripeflow.workflows.suppressions import changes
from tests.workflows import waiting_runs as states
from tests.workflows.api import typed_client
from tests.workflows.api.schemas import api_schema, operation_ids
from tests.workflows.approvals import approval, approver, asked
from tests.workflows.blocks.loop.steps import charge, holding, loop
from tests.workflows.blocks.waits.steps import wait
from tests.workflows.documents import action, document
from tests.workflows.events import accept, payment
from tests.workflows.on_demand import CHARGE, on_demand
from tests.workflows.schedules.documents import hourly

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("recorder", "queue")]

ONE = action("one", "test.ask", text="a")
PLAIN = document(action("one", text="a"))


@pytest.fixture(scope="module", autouse=True)
def _generated(tmp_path_factory):
    folder = tmp_path_factory.mktemp("client")
    typed_client.generated(api_schema(), folder)
    sys.path.insert(0, str(folder))
    yield
    sys.path.remove(str(folder))


@pytest.fixture(autouse=True)
def _fresh():
    switch.forget()
    yield
    switch.forget()


class World:
    """Makes what an operation needs, and gives its id."""

    def __init__(self, recorded_run, recorder, money):
        self.recorded_run, self.recorder, self.money = recorded_run, recorder, money

    def draft(self):
        return {"id": lifecycle.create(PLAIN).pk}

    def template(self):
        made = saving_templates.save(lifecycle.create(PLAIN), Called("Saved"), Act())
        return f"saved-{made.pk}"

    def active(self):
        return {"id": self._active().pk}

    def _active(self):
        workflow = lifecycle.create(PLAIN)
        lifecycle.activate(workflow)
        return workflow

    def on_demand(self):
        workflow = lifecycle.create(on_demand(CHARGE))
        lifecycle.activate(workflow)
        return {"id": workflow.pk}

    def archived(self):
        workflow = lifecycle.create(PLAIN)
        lifecycle.archive(workflow)
        return {"id": workflow.pk}

    def paused(self):
        workflow = self._active()
        pausing.pause(workflow.pk, "To look at it.")
        return {"id": workflow.pk}

    def ended(self):
        return {"id": self.recorded_run(action("one", text="a")).pk}

    def failed(self):
        return {"id": states.failed(self.recorded_run, self.recorder, ONE).pk}

    def held(self):
        return {"id": states.held(self.recorded_run, ONE).pk}

    def waiting(self):
        return {"id": self.recorded_run(wait(), ONE).pk}

    def unknown(self):
        return {"id": states.unknown(self.recorded_run, self.recorder, ONE).pk}

    def undecided(self):
        return states.undecided(self.recorded_run, grave=self.money)

    def asked(self):
        approver()
        return asked(self.recorded_run(approval(), ONE))

    def item(self):
        run = self.recorded_run(loop(ONE, over="{{ trigger.rows }}"), obj=holding(charge(1)))
        return {"id": run.pk, "item": LoopItem.objects.get().pk}

    def failed_loop(self):
        self.recorder.then(errors.PermanentError("No."))
        return {"id": self.item()["id"]}

    def disconnected(self):
        self._active()
        accept({"id": "ca_1", "object": "application"}, type=deauthorized.DEAUTHORIZED, account="acct_1")
        deauthorized.settle()
        return {"id": Deauthorization.objects.get().pk}

    def secret(self):
        return secret_changes.store("shop", "swordfish").name

    def destination(self):
        wanted = destinations.Wanted("Warehouse", "https://example.com/", ("run.failed",))
        return destinations.add(wanted, Act()).destination.pk

    def delivery(self):
        self.destination()
        made = destinations.ping(EventDestination.objects.get(), Act())
        EventDelivery.objects.update(status="failed", next_at=None)
        return made.pk

    def suppressed(self):
        return changes.add("jane@example.com", "bounce")[0].pk

    def connection(self):
        return connection_changes.create("shop", Wanted("Shop", address="https://shop.example.com")).name

    def event(self):
        return accept(payment()).external_id


def updating(world):
    return {**world.draft(), "body": PLAIN, "if_match": '"1"'}


def resolving(world):
    return {**world.unknown(), "body": {"outcome": "did_not_happen", "revision": 1}}


def resolving_many(world):
    runs = [{"id": str(world.unknown()["id"]), "revision": 1}]
    return {"body": {"outcome": "again", "runs": runs}}


def choosing(world):
    run = world.undecided()
    return {"id": run.pk, "body": {"branch": "otherwise", "revision": run.revision}}


def choosing_for_many(world):
    run = world.undecided()
    seen = [{"id": str(run.pk), "revision": run.revision}]
    return {"body": {"branch": "otherwise", "runs": seen}}


def deciding(world):
    found = world.asked()
    return {"id": found.pk, "body": {"verdict": "approve", "digest": found.digest}}


def deciding_many(world):
    found = world.asked()
    return {"body": {"verdict": "decline", "approvals": [{"id": found.pk, "digest": found.digest}]}}


def replaying(world):
    return {"body": {"workflow": world.active()["id"], "events": [world.event()]}}


def invoking(world):
    return {**world.on_demand(), "body": {"inputs": {"charge": "ch_1"}}, "idempotency_key": "order-1"}


def in_bulk(world):
    return {**world.on_demand(), "body": {"lines": [{"charge": "ch_1"}]}, "idempotency_key": "october"}


def of_a_period(world):
    row = hourly()
    at = row.next_at - timedelta(hours=1)
    return {"id": row.workflow_id, "body": {"since": at.isoformat(), "until": row.next_at.isoformat()}}


def filling(world):
    row = hourly()
    at = row.next_at - timedelta(hours=1)
    return {"id": row.workflow_id, "body": {"version": 1, "times": [at.isoformat()]}}


def setting_limits(world):
    caps = {"all_customers": {"usd": 500}, "one_customer": {"usd": 100}}
    return {**world.draft(), "body": {**caps, "seen": {"all_customers": {}, "one_customer": {}}}}


TEMPLATE = "personalize_orders"
# By the operations' ids: what each is called with. A test fails for one that is not here.
CALLS = {
    "workflows_list": lambda world: world.draft() and {"limit": 5, "search": "Test"},
    "workflows_create": lambda world: {"body": PLAIN},
    "workflows_retrieve": World.draft,
    "workflows_update": updating,
    "workflows_validate_document": lambda world: {"body": PLAIN},
    "workflows_validate": World.draft,
    "workflows_activate": lambda world: {**world.draft(), "body": {"note": "First."}},
    "workflows_deactivate": World.active,
    "workflows_archive": World.draft,
    "workflows_restore": World.archived,
    "workflows_duplicate": World.draft,
    "workflows_inputs": World.on_demand,
    "workflows_invoke": invoking,
    "workflows_bulk_preview": in_bulk,
    "workflows_bulk_invoke": in_bulk,
    "schedules_retrieve": lambda world: {"id": hourly().workflow_id},
    "schedules_left_out": lambda world: {"id": hourly().workflow_id},
    "schedules_preview": of_a_period,
    "schedules_fill": filling,
    "workflows_limits": World.draft,
    "workflows_set_limits": setting_limits,
    "workflows_pause": lambda world: {**world.active(), "body": {"reason": "Wrong."}},
    "workflows_resume": World.paused,
    "workflows_test": lambda world: {**world.draft(), "body": {"payload": payment()}},
    "workflows_backtest": lambda world: {**world.draft(), "body": {"days": 7}},
    "workflows_counts": World.active,
    "workflow_versions_list": World.active,
    "workflow_versions_retrieve": lambda world: {**world.active(), "number": 1},
    "templates_list": lambda world: {},
    "templates_backtest": lambda world: {"key": TEMPLATE, "body": {"days": 7}},
    "workflows_save_as_template": lambda world: {**world.draft(), "body": {"name": "Ours"}},
    "templates_change": lambda world: {"key": world.template(), "body": {"name": "Ours"}},
    "templates_delete": lambda world: {"key": world.template()},
    "templates_create_workflow": lambda world: {"key": TEMPLATE, "body": {"name": "Mine"}},
    "runs_list": lambda world: world.ended() and {"limit": 5},
    "runs_retrieve": World.ended,
    "runs_cancel": lambda world: {**world.held(), "body": {"note": "No."}},
    "runs_retry": World.failed,
    "runs_retry_preview": World.failed_loop,
    "runs_items": lambda world: {"id": world.item()["id"]},
    "runs_item": World.item,
    "runs_release": World.held,
    "runs_wake": World.waiting,
    "runs_restart": World.ended,
    "runs_rerun": World.ended,
    "runs_resolve": resolving,
    "runs_choose": choosing,
    "runs_bulk_choose": choosing_for_many,
    "runs_bulk": lambda world: {"body": {"operation": "retry", "ids": [str(world.failed()["id"])]}},
    "runs_bulk_resolve": resolving_many,
    "approvals_list": lambda world: world.asked() and {"limit": 5},
    "approvals_retrieve": lambda world: {"id": world.asked().pk},
    "approvals_decide": deciding,
    "approvals_bulk_decide": deciding_many,
    "replays_preview": replaying,
    "replays_start": replaying,
    "disconnected_accounts_list": lambda world: world.disconnected() and {"account": "acct_1"},
    "disconnected_accounts_reconnect": World.disconnected,
    "audit_list": lambda world: world.draft() and {"kind": "workflow.created"},
    "secrets_list": lambda world: world.secret() and {"limit": 5},
    "secrets_create": lambda world: {"body": {"name": "shop", "value": "swordfish", "description": "Ours"}},
    "secrets_retrieve": lambda world: {"name": world.secret()},
    "secrets_change": lambda world: {"name": world.secret(), "body": {"value": "halibut"}},
    "secrets_delete": lambda world: {"name": world.secret()},
    "suppressions_list": lambda world: world.suppressed() and {"address": "jane@example.com", "limit": 5},
    "suppressions_create": lambda world: {"body": {"address": "jane@example.com", "reason": "bounce"}},
    "suppressions_delete": lambda world: {"id": world.suppressed()},
    "connections_list": lambda world: world.connection() and {"limit": 5},
    "connections_create": lambda world: {
        "body": {"name": "shop", "title": "Shop", "address": "https://shop.example.com"}
    },
    "connections_retrieve": lambda world: {"name": world.connection()},
    "connections_change": lambda world: {
        "name": world.connection(),
        "body": {"title": "Shop", "address": "https://other.example.com"},
    },
    "connections_delete": lambda world: {"name": world.connection()},
    "event_destinations_list": lambda world: world.destination() and {},
    "event_destinations_create": lambda world: {
        "body": {
            "title": "Shop",
            "url": "https://shop.example.com/",
            "events": ["run.failed"],
            "mode": "live",
        }
    },
    "event_destinations_change": lambda world: {"id": world.destination(), "body": {"title": "Shop"}},
    **{
        f"event_destinations_{name}": lambda world: {"id": world.destination()}
        for name in ("retrieve", "delete", "enable", "disable", "ping")
    },
    "event_destinations_rotate": lambda world: {"id": world.destination(), "body": {"at_once": True}},
    "deliveries_list": lambda world: world.delivery() and {"limit": 5},
    "deliveries_retrieve": lambda world: {"id": world.delivery()},
    "deliveries_send_again": lambda world: {"id": world.delivery()},
    "switch_show": lambda world: {},
    "switch_turn": lambda world: {"body": {"stopped": True, "reason": "All wrong."}},
    "events_list": lambda world: world.event() and {"limit": 5},
    "events_retrieve": lambda world: {"key": world.event()},
    "events_why": lambda world: world.active() and {"key": world.event()},
    "catalogue_trigger_types": lambda world: {},
    "catalogue_event_types": lambda world: {"search": "refund"},
    "catalogue_objects": lambda world: {},
    "catalogue_fields": lambda world: {"name": "charge", "path": "billing_details"},
    "catalogue_actions": lambda world: {},
    "catalogue_action": lambda world: {"key": "stripe.invoices.void_invoice"},
    "catalogue_operations": lambda world: {"search": "void invoice"},
    "catalogue_sdk": lambda world: {},
    "catalogue_operators": lambda world: {},
    "catalogue_filters": lambda world: {},
}


def test_the_client_has_every_operation():
    assert typed_client.operations() == set(operation_ids(api_schema())) == CALLS.keys()


@pytest.mark.parametrize("operation", sorted(CALLS))
def test_an_operation_is_called_and_its_answer_is_read(api, recorded_run, recorder, money, operation):
    arguments = CALLS[operation](World(recorded_run, recorder, money))
    answer = typed_client.Calls(api)(operation, **arguments)
    assert answer.status_code in (200, 201), answer.content
    assert type(answer.parsed).__name__ not in ("Error", "NoneType")
    assert answer.parsed.additional_properties == {}


def test_an_error_is_read_too(api):
    answer = typed_client.Calls(api)("workflows_retrieve", id=0)
    assert (answer.status_code, answer.parsed.error.code) == (404, "not_found")
