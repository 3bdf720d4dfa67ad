"""The form that starts a workflow offers recent objects of the kind that an input takes."""

import re

import pytest
from djstripe.models import Charge, Customer

from stripeflow.triggers import mirror_reading
from stripeflow.workflows.operations import lifecycle
from tests.workflows.admin.addresses import address
from tests.workflows.mirrored import mirrored, our_own, owned_by
from tests.workflows.on_demand import CHARGE, on_demand

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("recorder", "queue")]

CUSTOMER = {"name": "customer", "kind": "stripe_id", "label": "Customer", "of": "customer"}
BOTH = {"mode": "both", "accounts": "all"}
ANN = {
    "amount": 4800,
    "currency": "usd",
    "status": "succeeded",
    "billing_details": {"name": "Ann\u202e Example", "email": "ann@example.com"},
}
OPTION = re.compile(r'<option value="([^"]*)" label="([^"]*)"></option>')


@pytest.fixture(autouse=True)
def keys(settings):
    settings.STRIPE_TEST_SECRET_KEY = "sk_test_" + "a" * 24
    settings.STRIPE_LIVE_SECRET_KEY = "sk_live_" + "b" * 24


@pytest.fixture
def operator(client_with):
    return client_with("change_run", "view_payload", username="operator")


def page_of(*inputs, **options):
    workflow = lifecycle.create(on_demand(*inputs, **options))
    lifecycle.activate(workflow)
    return address(workflow, "start")


def offered(client, page, **query):
    """The IDs that the page offers, with the words beside them."""
    return OPTION.findall(client.get(page, query).content.decode())


def test_an_input_offers_the_newest_objects_of_its_kind_in_words(operator):
    own = our_own()
    mirrored(Charge, "ch_1", own, **ANN)
    mirrored(Customer, "cus_1", own, name="Ben", email="ben@example.com")
    mirrored(Charge, "ch_2", own, amount=500, currency="jpy")
    shown = operator.get(page_of(CHARGE, CUSTOMER)).content.decode()
    charges, customers = re.findall(r"<datalist.*?</datalist>", shown, re.DOTALL)
    assert OPTION.findall(charges) == [
        ("ch_2", "¥500 JPY"),
        ("ch_1", "$48.00 USD · Ann[U+202E] Example · ann@example.com · succeeded"),
    ]
    assert OPTION.findall(customers) == [("cus_1", "Ben · ben@example.com")]
    assert 'list="recent-charge"' in shown


def test_people_who_may_see_no_payload_are_offered_nothing(client_with):
    mirrored(Charge, "ch_1", our_own(), **ANN)
    shown = client_with("change_run", "view_charge").get(page_of(CHARGE)).content.decode()
    assert "ch_1" not in shown
    assert "Ann" not in shown


@pytest.mark.parametrize(
    ("chosen", "ids"),
    [
        ({}, []),
        ({"mode": "x"}, []),
        ({"mode": "test"}, ["ch_test"]),
        ({"mode": "live"}, ["ch_live"]),
        ({"mode": "test", "account": "acct_b"}, ["ch_b"]),
        ({"mode": "live", "account": "acct_b"}, []),
        ({"mode": "test", "account": "acct_c"}, []),
    ],
)
def test_only_objects_of_the_chosen_mode_and_account_are_offered(operator, chosen, ids):
    own = our_own()
    mirrored(Charge, "ch_test", own)
    mirrored(Charge, "ch_live", own, livemode=True)
    mirrored(Charge, "ch_b", owned_by("acct_b"))
    mirrored(Charge, "ch_nobody", None)
    mirrored(Charge, "ch_no_mode", own, livemode=None)
    page = page_of(CHARGE, scope=BOTH)
    assert [one for one, _words in offered(operator, page, **chosen)] == ids


def test_an_account_that_the_trigger_does_not_take_is_offered_nothing(operator):
    our_own()
    mirrored(Charge, "ch_b", owned_by("acct_b"))
    page = page_of(CHARGE, scope={"mode": "test", "accounts": ["acct_a", "acct_c"]})
    assert offered(operator, page, account="acct_b") == []


def test_at_most_twenty_are_offered_and_no_deleted_one(operator):
    own = our_own()
    for number in range(25):
        mirrored(Customer, f"cus_{number}", own, **({"deleted": True} if number == 24 else {}))
    found = [one for one, _words in offered(operator, page_of(CUSTOMER))]
    assert found == [f"cus_{number}" for number in range(23, 3, -1)]


def test_a_large_table_is_not_read_as_a_whole(operator, monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(mirror_reading, "NEWEST_ROWS", 2)
    own = our_own()
    for number in range(4):
        mirrored(Customer, f"cus_{number}", own)
    with django_assert_num_queries(2):
        found = mirror_reading.recent("customer", livemode=False, owners=["acct_own"])
    assert [one.id for one in found] == ["cus_3", "cus_2"]


@pytest.mark.parametrize("kind", ["", "no_such_kind", "customer_session"])
def test_a_kind_without_a_table_has_no_recent_objects(kind):
    assert mirror_reading.recent(kind, livemode=False, owners=["acct_own"]) == []
