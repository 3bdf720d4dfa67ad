"""The pages of mirrored objects: which workflows they offer, to whom, and what the form then holds."""

import pytest
from django.contrib import admin
from django.test import RequestFactory
from django.urls import reverse
from djstripe.models import Charge, Customer

from stripeflow.triggers import object_tools
from stripeflow.workflows.models import Run
from stripeflow.workflows.operations import lifecycle
from tests.workflows.admin.addresses import address
from tests.workflows.admin.pages import form_on
from tests.workflows.mirrored import mirrored, our_own, owned_by
from tests.workflows.on_demand import AMOUNT, CHARGE, REASON, on_demand

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("recorder", "queue")]

MIRROR = ("view_payload", "view_charge", "view_customer")
BOTH = {"mode": "both", "accounts": "all"}
SEVERAL = {"mode": "test", "accounts": ["acct_a", "acct_b"]}


@pytest.fixture(autouse=True)
def keys(settings):
    settings.STRIPE_TEST_SECRET_KEY = "sk_test_" + "a" * 24
    settings.STRIPE_LIVE_SECRET_KEY = "sk_live_" + "b" * 24


@pytest.fixture
def operator(client_with):
    return client_with("view_run", "change_run", *MIRROR, username="operator")


def active(*inputs, name="Refund", **options):
    workflow = lifecycle.create({**on_demand(*inputs, **options), "name": name})
    lifecycle.activate(workflow)
    return workflow


def page_of(row):
    return reverse(f"admin:djstripe_{row._meta.model_name}_change", args=[row.pk])


def offered(client, row):
    """The addresses of the buttons on the page of a row."""
    return [one["address"] for one in (client.get(page_of(row)).context.get("run_buttons") or [])]


def charge(**options):
    return mirrored(Charge, "ch_1", our_own(), object="charge", **options)


def test_the_button_opens_the_form_with_the_id_and_starts_nothing(operator):
    workflow = active(REASON, CHARGE)
    row = charge()
    page = operator.get(page_of(row))
    assert "Run “Refund”" in page.content.decode()
    (button,) = [one["address"] for one in page.context["run_buttons"]]
    assert button == address(workflow, "start", **{"input-charge": "ch_1"})
    form = form_on(operator.get(button), "start_form")
    assert form["input-charge"] == "ch_1"
    assert not Run.objects.exists()
    operator.post(address(workflow, "start"), form)
    assert Run.objects.get().event.object["charge"] == "ch_1"


def test_mode_and_account_of_the_object_are_chosen_where_there_is_a_choice(operator):
    active(CHARGE, scope=BOTH)
    our_own()
    row = mirrored(Charge, "ch_2", owned_by("acct_b"), livemode=True)
    (button,) = offered(operator, row)
    form = form_on(operator.get(button), "start_form")
    assert (form["mode"], form["account"], form["input-charge"]) == ("live", "acct_b", "ch_2")


def test_our_own_account_is_known_in_both_modes_by_the_key_of_one(operator):
    active(CHARGE, scope=BOTH)
    row = mirrored(Charge, "ch_1", our_own(modes="test"), livemode=True)
    assert offered(operator, row)[0].endswith("?input-charge=ch_1&mode=live")


def test_several_workflows_are_named_in_a_list(operator):
    active(CHARGE, name="Two")
    active(CHARGE, name="One")
    shown = operator.get(page_of(charge())).content.decode()
    assert "Run a workflow" in shown
    assert shown.index(">One<") < shown.index(">Two<")


def _of_another_kind():
    active({**CHARGE, "of": "customer"})
    return charge()


def _not_active():
    lifecycle.create(on_demand(CHARGE))
    return charge()


def _of_the_other_mode():
    active(CHARGE)
    return charge(livemode=True)


def _of_a_connected_account():
    active(CHARGE)
    our_own()
    return mirrored(Charge, "ch_1", owned_by("acct_b"))


def _of_an_account_that_is_not_listed():
    active(CHARGE, scope=SEVERAL)
    our_own()
    return mirrored(Charge, "ch_1", owned_by("acct_c"))


def _of_a_mode_that_is_not_known():
    active(CHARGE, scope=BOTH)
    return charge(livemode=None)


def _of_an_account_that_is_not_known():
    active(CHARGE, scope=BOTH)
    our_own()
    return mirrored(Charge, "ch_1", None)


def _while_nobody_knows_our_own_account():
    active(CHARGE, scope=BOTH)
    return mirrored(Charge, "ch_1", owned_by("acct_own"))


def _while_nobody_knows_whose_the_key_of_its_mode_is():
    active(CHARGE, scope=BOTH)
    our_own(modes="test")
    return mirrored(Charge, "ch_1", owned_by("acct_b"), livemode=True)


def _of_a_deleted_object():
    active({**CHARGE, "of": "customer"})
    return mirrored(Customer, "cus_1", our_own(), deleted=True)


UNFIT = [
    _of_another_kind,
    _not_active,
    _of_the_other_mode,
    _of_a_connected_account,
    _of_an_account_that_is_not_listed,
    _of_a_mode_that_is_not_known,
    _of_an_account_that_is_not_known,
    _while_nobody_knows_our_own_account,
    _while_nobody_knows_whose_the_key_of_its_mode_is,
    _of_a_deleted_object,
]


@pytest.mark.parametrize("make", UNFIT)
def test_no_button_where_the_workflow_would_not_take_the_object(operator, make):
    assert offered(operator, make()) == []


def test_only_people_who_may_start_it_see_the_button(client_with, user_with):
    active(CHARGE)
    row = charge()
    assert offered(client_with("view_run", "view_workflow", *MIRROR, username="reader"), row) == []
    refund = {"key": "refund", "type": "action", "name": "", "action": "stripe.refunds.create"}
    inputs = {"charge": "{{ trigger.charge }}"}
    active(CHARGE, name="Money", steps=[{**refund, "on_error": "stop", "inputs": inputs}])
    operator = client_with("change_run", *MIRROR, username="without money")
    assert len(offered(operator, row)) == 1
    payer = client_with("change_run", "run_money_moving_workflow", *MIRROR, username="with money")
    assert len(offered(payer, row)) == 2


def test_an_address_chooses_ids_mode_and_account_and_nothing_else(operator):
    """A link from somebody else must not fill in an amount or a note, which people then send unread."""
    page = address(active(CHARGE, REASON, AMOUNT, scope=BOTH), "start")
    given = {
        "input-charge": "ch_9",
        "input-reason": "late",
        "input-amount": "5",
        "input-amount_amount": "5",
        "note": "x",
        "key": "mine",
        "version": "7",
        "mode": "live",
    }
    form = form_on(operator.get(page, given), "start_form")
    assert (form["input-charge"], form["mode"], form["version"]) == ("ch_9", "live", "1")
    assert form["key"] != "mine"
    assert not any(form[name] for name in ("input-reason", "input-amount_amount", "note", "account"))


class OwnAdmin(object_tools.ObjectTools, admin.ModelAdmin):
    """A page that a project has made for charges."""


@pytest.mark.parametrize(("made", "buttons"), [(OwnAdmin, 1), (admin.ModelAdmin, 0)])
def test_a_projects_own_page_has_the_button_if_it_takes_the_class(admin_user, made, buttons):
    active(CHARGE)
    row = charge()
    request = RequestFactory().get("/")
    request.user = admin_user
    page = made(Charge, admin.site).change_view(request, str(row.pk)).render().content.decode()
    assert page.count("sf-run-this") == buttons
