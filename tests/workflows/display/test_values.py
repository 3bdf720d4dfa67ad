from stripeflow.actions import registry
from stripeflow.actions.dashboard import Dashboard
from stripeflow.workflows.display.values import Reader, amount_text

READER = Reader(Dashboard(livemode=False))
EMAIL, REFUND = (registry.get(key) for key in ("email.team_member", "stripe.refunds.create"))


def shown(values):
    return {row.label: row.text for row in values.rows}


def test_inputs_have_their_labels_and_empty_ones_are_left_out():
    inputs = {"to": ["editor", "staff"], "subject": "Hello", "body": "", "append": []}
    assert shown(READER.inputs(EMAIL, inputs, None)) == {"To": "editor, staff", "Subject": "Hello"}


def test_rows_of_an_input_stand_by_their_names():
    inputs = {"append": [{"label": "Amount", "value": "$5.00 USD"}]}
    (row,) = READER.inputs(EMAIL, inputs, None).rows
    assert (row.kind, [(inner.label, inner.text) for inner in row.rows]) == (
        "rows",
        [("Amount", "$5.00 USD")],
    )


def test_an_amount_with_its_currency_is_money():
    inputs = {"max_amount": {"amount": 1500, "currency": "usd"}}
    assert "$15.00 USD" in shown(READER.inputs(REFUND, inputs, None)).values()


def test_an_amount_without_one_takes_it_from_the_outputs():
    assert "$14.99 USD" in shown(READER.inputs(REFUND, {"amount": 1499}, {"currency": "usd"})).values()


def test_an_amount_of_no_known_currency_stays_in_minor_units():
    assert amount_text(1499, None) == amount_text(1499, "zzz") == "1499 in minor units"


def test_yen_have_no_decimals():
    assert amount_text(5000, "jpy") == "¥5,000 JPY"


def test_a_choice_is_shown_by_its_label():
    assert shown(READER.inputs(REFUND, {"reason": "requested_by_customer"}, None)) == {
        "Reason": "Requested by customer"
    }


def test_an_id_leads_to_the_dashboard():
    (row,) = READER.inputs(REFUND, {"charge": "ch_1AbCdEf"}, None).rows
    assert (row.kind, row.link) == ("id", "https://dashboard.stripe.com/test/payments/ch_1AbCdEf")


def test_outputs_that_are_an_object_show_its_telling_fields_and_all_as_json():
    refund = {"id": "re_1AbCdEf", "object": "refund", "amount": 1499, "currency": "usd", "created": 0, "x": 1}
    values = READER.outputs(REFUND, refund)
    assert shown(values)["Amount"] == "$14.99 USD"
    assert "Refund" not in shown(values)
    assert '"x": 1' in values.json


def test_outputs_of_an_action_of_our_own_show_by_label():
    outputs = {
        "message_id": "<1@localhost>",
        "subject": "Hello",
        "recipients": ["a@example.com"],
        "skipped": [],
    }
    assert shown(READER.outputs(EMAIL, outputs)) == {
        "Message ID": "<1@localhost>",
        "Subject": "Hello",
        "Recipients": "a@example.com",
    }


def test_a_stripe_object_of_any_shape_can_be_shown():
    odd = {
        "id": None,
        "amount": "x",
        "currency": 5,
        "created": "later",
        "metadata": [{"a": [1, {"b": None}]}],
    }
    assert READER.object("refund", odd).rows
    assert READER.object("no_such_object", {"id": "x"}).rows
    assert not READER.object("refund", {})


def test_an_id_that_the_catalogue_knows_looks_like_one_whatever_it_is():
    (row,) = READER.object("refund", {"charge": "ch_other"}).rows
    assert (row.kind, row.link) == ("id", "")


def test_a_time_that_is_none_stays_a_number():
    assert shown(READER.object("refund", {"created": 10**20}))["Created at"] == str(10**20)


def test_currency_beside_what_an_amount_refers_to_goes_over_that_of_the_outputs():
    values = READER.inputs(REFUND, {"amount": 1499}, {"currency": "eur"}, currencies={"amount": "usd"})
    assert "$14.99 USD" in shown(values).values()
