import pytest

from stripeflow.actions import registry
from stripeflow.actions.errors import InvalidInput, PermanentError
from stripeflow.actions.look_up import Found, NotFound, Unclear
from stripeflow.actions.repeat import Repeat
from stripeflow.workflows.stripe_operations.inputs import CLEAR
from tests.workflows.stripe_operations.recording import sample


def run(key, context, **inputs):
    return registry.get(f"stripe.{key}").execute(inputs, context)


@pytest.mark.parametrize(
    ("resource", "kind"),
    [
        ("subscriptions", "subscription"),
        ("invoices", "invoice"),
        ("disputes", "dispute"),
        ("reviews", "review"),
        ("payouts", "payout"),
    ],
)
def test_retrieves_and_lists(standin, context, resource, kind):
    made = standin.make(kind)
    assert run(f"{resource}.retrieve", context, **{kind: made["id"]}) == standin.object(made["id"])
    page = run(f"{resource}.list", context, limit=1)
    assert [one["id"] for one in page["data"]] == [made["id"]]


def test_finalizes_sends_and_voids_an_invoice(standin, context, make_context):
    invoice = standin.make("invoice", total=4_200)["id"]
    updated = run("invoices.update", context, invoice=invoice, auto_advance=False)
    other = [make_context(idempotency_key=f"key-{number}") for number in range(3)]
    steps = [
        run(f"invoices.{step}_invoice", other[n], invoice=invoice)
        for n, step in enumerate(("finalize", "send", "void"))
    ]
    assert updated["auto_advance"] is False
    assert [one["status"] for one in steps] == ["open", "open", "void"]


def test_cancels_a_subscription_with_a_comment(standin, context):
    made = standin.make("subscription")["id"]
    canceled = run(
        "subscriptions.cancel", context, subscription=made, **{"cancellation_details.comment": "Unpaid"}
    )
    assert (canceled["status"], canceled["cancellation_details"]["comment"]) == ("canceled", "Unpaid")
    assert registry.get("stripe.subscriptions.cancel").repeat is Repeat.ASK


def test_approves_a_review(standin, context):
    made = standin.make("review")["id"]
    assert run("reviews.approve", context, review=made)["open"] is False


def test_counts_what_is_due_before_it_charges(standin, make_context):
    taken = []
    invoice = standin.make("invoice", status="open", total=4_200, customer="cus_1")["id"]
    context = make_context(reserve=lambda **share: taken.append(share))
    assert run("invoices.pay", context, invoice=invoice)["status"] == "paid"
    assert taken == [{"amount": 4_200, "currency": "usd", "customer": "cus_1"}]


def test_sends_nothing_above_a_limit(standin, make_context):
    def refuse(**share):
        raise PermanentError("Above the limit.", code="cap_reached")

    invoice = standin.make("invoice", status="open")["id"]
    with pytest.raises(PermanentError, match="Above the limit"):
        run("invoices.pay", make_context(reserve=refuse), invoice=invoice)
    assert standin.object(invoice)["status"] == "open"


def test_needs_an_amount_to_count(context):
    with pytest.raises(PermanentError) as caught:
        run("transfers.create", context, destination="acct_1", currency="usd")
    assert caught.value.code == "no_amount"


@pytest.mark.parametrize(
    ("status", "step", "inputs", "taken"),
    [
        ("draft", "finalize_invoice", {}, [4_200]),
        ("draft", "finalize_invoice", {"auto_advance": True}, [4_200]),
        ("draft", "finalize_invoice", {"auto_advance": False}, ["waived"]),
    ],
)
def test_counts_an_invoice_that_it_has_stripe_charge(standin, make_context, status, step, inputs, taken):
    said = []
    invoice = standin.make("invoice", status=status, total=4_200)["id"]
    context = make_context(
        reserve=lambda amount, **share: said.append(amount), waive=lambda: said.append("waived")
    )
    run(f"invoices.{step}", context, invoice=invoice, **inputs)
    assert said == taken


@pytest.mark.parametrize("key", ["invoices.create", "invoices.update"])
def test_no_invoice_is_left_for_stripe_to_charge_uncounted(context, standin, key):
    update = registry.get(f"stripe.{key}")
    inputs = {one.name: "in_1" for one in update.inputs if one.required}
    assert [one.code for one in update.check({**inputs, "auto_advance": True})] == ["only_off"]
    assert update.check({**inputs, "auto_advance": False}) == []
    with pytest.raises(InvalidInput, match="no daily limit could count that"):
        update.execute({**inputs, "auto_advance": True}, context)
    assert standin.requests() == []


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("customers.create", "balance"),
        ("setup_intents.create", "confirm"),
        ("invoices.update", "shipping_cost"),
        ("payment_links.update", "transfer_data"),
        ("checkout.sessions.create", "payment_intent_data.transfer_data"),
        ("checkout.sessions.create", "subscription_data.transfer_data"),
        ("identity.verification_reports.retrieve", "expand"),
        ("treasury.financial_accounts.list", "expand"),
    ],
)
def test_what_would_move_money_or_show_a_number_by_the_way_is_not_offered(key, name):
    found = registry.get(f"stripe.{key}")
    clear = [one.choices for one in found.inputs if one.name == CLEAR]
    offered = [*found.input_names, *(path for choices in clear for path, _label in choices)]
    assert [one for one in offered if one == name or one.startswith(f"{name}.")] == []
    beside = name.rpartition(".")[0]
    assert not beside or any(one.startswith(f"{beside}.") for one in offered)


@pytest.mark.parametrize(
    "key",
    [
        "invoices.add_lines",
        "invoices.line_items.update",
        "invoices.update_lines",
        "identity.verification_sessions.retrieve",
        "subscription_items.delete",
        "quotes.accept",
        "subscriptions.create",
        "ephemeral_keys.create",
    ],
)
def test_what_is_off_is_neither_published_nor_sent(standin, context, key):
    action = registry.get(f"stripe.{key}")
    inputs = {one.name: sample(one) for one in action.inputs if one.required}
    assert [one.code for one in action.check_current(inputs)] == ["operation_off"]
    with pytest.raises(PermanentError) as caught:
        action.execute(inputs, context)
    assert caught.value.code == "operation_off"
    assert standin.requests() == []


def test_a_setting_allows_what_opens_something(settings):
    key = "stripe.billing_portal.sessions.create"
    assert registry.get(key).off
    settings.STRIPEFLOW = {
        **settings.STRIPEFLOW,
        "STRIPE_ACTIONS_WITH_SECRETS": [key, "stripe.quotes.accept"],
    }
    assert registry.get(key).off == ""
    assert registry.get("stripe.quotes.accept").off


def test_finds_what_it_has_created(standin, context, make_context):
    create = registry.get("stripe.customers.create")
    inputs = create.clean({"name": "Aiko"})
    assert create.look_up(inputs, context) == NotFound()
    made = create.run(inputs, context)
    assert create.look_up(inputs, context) == Found(made)
    assert create.look_up(inputs, make_context(step_key="another")) == NotFound()


def test_a_foreign_object_with_our_metadata_is_unclear(standin, context):
    create = registry.get("stripe.customers.create")
    standin.create_customer(name="Mallory", metadata=context.stripe_metadata)
    assert isinstance(create.look_up(create.clean({"name": "Aiko"}), context), Unclear)


def test_refuses_to_fill_and_to_clear_a_field():
    update = registry.get("stripe.invoices.update")
    choices = dict(update.input("clear_fields").choices)
    assert "metadata" not in choices
    both = {"invoice": "in_1", "default_source": "src_1", "clear_fields": ["default_source"]}
    assert [one.code for one in update.check(both)] == ["cleared"]
    with pytest.raises(InvalidInput, match="to be cleared as well"):
        update.clean(both)
    only = update.clean({"invoice": "in_1", "clear_fields": ["default_source"]})
    assert update.asked.parameters(only) == {"default_source": ""}


def test_an_amount_brings_its_currency():
    create = registry.get("stripe.payouts.create")
    inputs = create.clean({"amount": {"amount": 500, "currency": "JPY"}})
    assert create.asked.parameters(inputs) == {"amount": 500, "currency": "jpy"}


@pytest.mark.parametrize(
    ("inputs", "code"),
    [
        ({"amount": "{{ trigger.amount }}"}, "required"),
        ({"amount": {"amount": 5, "currency": "usd"}, "currency": "eur"}, "currency_mismatch"),
        ({"amount": "{{ trigger.amount }}", "currency": "usd"}, None),
    ],
)
def test_an_amount_has_one_currency(inputs, code):
    assert [one.code for one in registry.get("stripe.payouts.create").check(inputs)] == (
        [code] if code else []
    )


def test_a_date_is_sent_as_seconds():
    listing = registry.get("stripe.charges.list")
    inputs = listing.clean({"created.gte": "2026-01-01T00:00:00+00:00", "limit": 5})
    assert listing.asked.parameters(inputs) == {"created": {"gte": 1_767_225_600}, "limit": 5}
