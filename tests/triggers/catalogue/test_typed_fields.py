import pytest

from stripeflow.triggers.catalogue import (
    FieldType,
    UnknownObject,
    children,
    envelope_fields,
    event_types,
    field,
    fields,
    item_field,
    item_fields,
    object_names,
)
from stripeflow.triggers.catalogue.shapes import object_shape


@pytest.mark.parametrize(
    ("object_name", "path", "field_type"),
    [
        ("payment_intent", "amount", FieldType.MONEY),
        ("payment_intent", "currency", FieldType.STRING),
        ("payment_intent", "created", FieldType.TIMESTAMP),
        ("payment_intent", "livemode", FieldType.BOOLEAN),
        ("payment_intent", "status", FieldType.ENUM),
        ("payment_intent", "customer", FieldType.ID),
        ("payment_intent", "metadata", FieldType.METADATA),
        ("payment_intent", "shipping", FieldType.OBJECT),
        ("payment_intent", "payment_method_types", FieldType.LIST),
        ("payment_intent", "next_action.use_stripe_sdk.anything", FieldType.ANY),
        ("charge", "outcome.risk_score", FieldType.INTEGER),
        ("balance_transaction", "exchange_rate", FieldType.DECIMAL),
        ("price", "unit_amount_decimal", FieldType.DECIMAL),
        ("radar.early_fraud_warning", "fraud_type", FieldType.ENUM),
        ("invoice", "lines", FieldType.OBJECT),
        ("invoice", "lines.data", FieldType.LIST),
        ("invoice", "lines.has_more", FieldType.BOOLEAN),
        ("invoice", "lines.data.0.period.start", FieldType.TIMESTAMP),
        ("subscription", "current_period_end", FieldType.TIMESTAMP),
        ("subscription", "items.data.0.current_period_end", FieldType.TIMESTAMP),
    ],
)
def test_types(object_name, path, field_type):
    found = field(object_name, path)
    assert (found.type if found else None) == field_type


def test_top_level_fields_are_those_of_the_sdk_in_its_order():
    assert [one.name for one in fields("charge")] == list(object_shape("charge").attributes)


def test_field_holds_label_and_clean_help():
    found = field("payment_intent", "transfer_data.destination")
    assert found.label == "Destination ID"
    assert found.help_text.startswith("The account (if any) that the payment is attributed to")
    assert "](" not in found.help_text


def test_help_texts_hold_no_markup():
    texts = [one.help_text for name in object_names() for one in fields(name)]
    assert len(texts) > 1500
    assert not [text for text in texts if "](" in text or "`" in text or "\n" in text or "</" in text]


def test_enum_of_an_annotation_has_its_values():
    assert field("charge", "status").enum == ("failed", "pending", "succeeded")


def test_enum_of_a_docstring_has_its_values():
    values = field("radar.early_fraud_warning", "fraud_type").enum
    assert values[0] == "card_never_received"
    assert len(values) == 7


def test_expandable_field_is_the_id_of_its_object():
    assert field("radar.early_fraud_warning", "charge").id_of == ("charge",)


def test_plain_string_can_be_an_id():
    assert field("charge", "payment_method").id_of == ("payment_method",)


def test_own_id_is_the_objects():
    found = field("charge", "id")
    assert (found.label, found.id_of) == ("ID", ("charge",))


def test_expanded_id_is_not_followed():
    assert field("payment_intent", "customer.email") is None


def test_metadata_key_is_an_optional_string():
    found = field("customer", "metadata.tier")
    assert (found.type, found.label, found.optional) == (FieldType.STRING, "tier", True)


def test_metadata_has_no_listed_children():
    assert not field("customer", "metadata").has_children
    assert children("customer", "metadata") == ()


def test_map_by_currency_has_the_type_of_its_values():
    found = field("cash_balance", "available")
    assert (found.type, found.item.type) == (FieldType.OBJECT, FieldType.INTEGER)


def test_required_field_of_a_nullable_parent_is_optional():
    found = field("payment_intent", "last_payment_error.type")
    assert (found.nullable, found.optional) == (False, True)


def test_required_top_level_field_is_neither():
    found = field("payment_intent", "amount")
    assert (found.nullable, found.optional) == (False, False)


def test_list_has_the_type_of_its_items():
    found = field("payment_intent", "payment_method_types")
    assert (found.item.type, found.has_children) == (FieldType.STRING, False)


def test_list_of_ids_has_ids():
    assert field("invoice", "discounts").item.id_of == ("discount",)


def test_children_of_a_list_are_those_of_its_items():
    paths = [one.path for one in children("invoice", "lines.data")]
    assert "lines.data.*.amount" in paths


def test_children_of_an_index_keep_the_index():
    paths = [one.path for one in children("invoice", "lines.data.0.period")]
    assert paths == ["lines.data.0.period.end", "lines.data.0.period.start"]


def test_item_fields_start_at_the_item():
    paths = [one.path for one in item_fields("invoice", "lines.data")]
    assert "amount" in paths
    assert not [path for path in paths if "*" in path]


def test_item_fields_go_below():
    assert [one.path for one in item_fields("invoice", "lines.data", "period")] == [
        "period.end",
        "period.start",
    ]


def test_item_of_a_list_of_plain_values_is_a_field():
    assert item_field("payment_intent", "payment_method_types").type is FieldType.STRING


@pytest.mark.parametrize(
    "path",
    ["", "nope", "amount.nope", "shipping.", ".amount", "lines", "customer.0", "metadata.", "__class__", "²"],
)
def test_path_that_does_not_exist_is_none(path):
    assert field("payment_intent", path) is None


@pytest.mark.parametrize("index", ["-1", "x", "", "²", "0x1", "**", "9" * 5000])
def test_list_takes_only_indexes(index):
    assert field("invoice", f"lines.data.{index}.amount") is None


def test_children_of_a_path_that_does_not_exist_are_none():
    assert children("payment_intent", "nope") == ()


@pytest.mark.parametrize("question", [fields, lambda name: field(name, "id")])
def test_unknown_object_raises(question):
    with pytest.raises(UnknownObject):
        question("no_such_object")


def test_one_of_several_objects_has_the_fields_of_all():
    found = {one.name: one for one in fields("external_account")}
    assert {"routing_number", "exp_year", "last4"} <= set(found)
    assert (found["last4"].optional, found["exp_year"].optional) == (False, True)


def test_every_events_object_has_an_id_or_is_known_to_have_none():
    without = {name for name in {one.object for one in event_types()} if field(name, "id") is None}
    assert without == {
        "balance",
        "balance_settings",
        "billing.alert_triggered",
        "cash_balance",
        "entitlements.active_entitlement_summary",
        "tax.settings",
    }


def test_envelope_fields():
    found = {one.path: (one.label, one.type) for one in envelope_fields()}
    assert found == {
        "id": ("Event ID", FieldType.ID),
        "type": ("Event type", FieldType.ENUM),
        "created": ("Created at", FieldType.TIMESTAMP),
        "livemode": ("Live mode", FieldType.BOOLEAN),
        "account": ("Account ID", FieldType.ID),
        "api_version": ("API version", FieldType.STRING),
        "request.id": ("Request ID", FieldType.ID),
        "request.idempotency_key": ("Idempotency key", FieldType.STRING),
    }


def test_recursive_types_end_where_the_question_ends():
    path = ".".join(["last_setup_error", "payment_intent", "last_payment_error", "setup_intent"] * 20)
    assert field("setup_intent", path).type is FieldType.OBJECT
