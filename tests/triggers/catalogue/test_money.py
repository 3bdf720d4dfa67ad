"""Money is reviewed, not guessed: every integer of the SDK stands in `reviewed_money.json`.

After an upgrade of the SDK these tests name each integer that is new, gone or classified otherwise. Look
it up in Stripe's API reference, correct `triggers/catalogue/money.py` if needed, and enter it: under
"money" with the path of its currency, or under "integers" (no money, or of unknown currency).
"""

import json
from pathlib import Path

import pytest

from stripeflow.triggers.catalogue import FieldType, field, item_field, sdk
from tests.triggers.catalogue.walking import integers, maps_of_integers

REVIEWED = json.loads(Path(__file__).with_name("reviewed_money.json").read_text())


@pytest.mark.parametrize("object_name", sdk.object_classes())
def test_money_fields_are_the_reviewed_ones(object_name):
    found = {path: one.currency_path for path, one in integers(object_name) if one.type is FieldType.MONEY}
    assert found == REVIEWED["money"].get(object_name, {})


@pytest.mark.parametrize("object_name", sdk.object_classes())
def test_unclassified_integers_are_the_reviewed_ones(object_name):
    found = [path for path, one in integers(object_name) if one.type is FieldType.INTEGER]
    assert found == REVIEWED["integers"].get(object_name, [])


@pytest.mark.parametrize("object_name", REVIEWED["money"])
def test_every_currency_path_leads_to_a_currency(object_name):
    for path in REVIEWED["money"][object_name].values():
        assert path.endswith("currency")
        assert field(object_name, path).type in (FieldType.STRING, FieldType.ENUM)


@pytest.mark.parametrize(
    ("object_name", "path", "currency"),
    [
        ("payment_intent", "amount", "currency"),
        ("payment_intent", "amount_details.tip.amount", "currency"),
        ("charge", "amount_refunded", "currency"),
        ("refund", "amount", "currency"),
        ("dispute", "amount", "currency"),
        ("customer", "balance", "currency"),
        ("invoice", "amount_due", "currency"),
        ("invoice", "lines.data.0.amount", "lines.data.0.currency"),
        ("invoice", "total_taxes.3.amount", "currency"),
        ("credit_note", "lines.data.2.taxes.1.amount", "currency"),
        ("balance", "available.0.source_types.card", "available.0.currency"),
        ("subscription", "items.data.0.price.unit_amount", "items.data.0.price.currency"),
        ("checkout.session", "currency_conversion.amount_total", "currency_conversion.source_currency"),
        ("issuing.authorization", "request_history.1.merchant_amount", "request_history.1.merchant_currency"),
        ("promotion_code", "restrictions.minimum_amount", "restrictions.minimum_amount_currency"),
        ("payment_record", "amount.value", "amount.currency"),
    ],
)
def test_money_names_its_currency_at_the_same_place(object_name, path, currency):
    found = field(object_name, path)
    assert (found.type, found.currency_path) == (FieldType.MONEY, currency)


def test_money_of_a_list_item_names_the_currency_from_the_items_root():
    found = item_field("invoice", "lines.data", "amount")
    assert (found.path, found.currency_path, found.currency_from_object) == ("amount", "currency", False)


def test_money_of_a_list_item_without_a_currency_names_the_objects():
    found = item_field("invoice", "total_taxes", "amount")
    assert (found.path, found.currency_path, found.currency_from_object) == ("amount", "currency", True)


@pytest.mark.parametrize(
    ("object_name", "path"),
    [
        ("price", "currency_options.{}.unit_amount"),
        ("price", "currency_options.{}.custom_unit_amount.minimum"),
        ("price", "currency_options.{}.tiers.0.flat_amount"),
        ("coupon", "currency_options.{}.amount_off"),
        ("promotion_code", "restrictions.currency_options.{}.minimum_amount"),
        ("shipping_rate", "fixed_amount.currency_options.{}.amount"),
        ("cash_balance", "available.{}"),
        ("customer", "cash_balance.available.{}"),
        ("customer", "invoice_credit_balance.{}"),
        ("financial_connections.account", "balance.current.{}"),
        ("financial_connections.account", "balance.cash.available.{}"),
        ("financial_connections.account", "balance.credit.used.{}"),
        ("treasury.financial_account", "balance.cash.{}"),
        ("treasury.financial_account", "balance.outbound_pending.{}"),
        ("climate.product", "current_prices_per_metric_ton.{}.amount_total"),
        ("balance_settings", "payments.payouts.minimum_balance_by_currency.{}"),
    ],
)
def test_amount_in_a_map_by_currency_is_in_the_currency_of_its_key(object_name, path):
    found = field(object_name, path.format("eur"))
    assert (found.type, found.currency, found.currency_path) == (FieldType.MONEY, "eur", None)
    assert field(object_name, path.format("*")).type is FieldType.INTEGER


@pytest.mark.parametrize("object_name", sdk.object_classes())
def test_every_map_of_whole_numbers_is_one_by_currency(object_name):
    for path in maps_of_integers(object_name):
        assert field(object_name, f"{path}.usd").currency == "usd", path


def test_amount_of_another_object_does_not_take_the_currency_around_it():
    path = "last_payment_error.payment_method.card.generated_from.payment_method_details.card_present"
    assert field("payment_intent", f"{path}.amount_authorized").type is FieldType.INTEGER


def test_unclassified_amount_says_that_it_is_in_minor_units():
    assert "minor units" in field("mandate", "payment_method_details.upi.amount").help_text


@pytest.mark.parametrize("path", ["application_fee_percent", "items.data.0.quantity"])
def test_percentages_and_quantities_are_not_money(path):
    assert field("subscription", path).type in (FieldType.DECIMAL, FieldType.INTEGER)
