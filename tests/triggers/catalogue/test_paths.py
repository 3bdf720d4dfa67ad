import pytest

from stripeflow.triggers.catalogue import UnknownObject, field_label_path, search


@pytest.mark.parametrize(
    ("object_name", "path", "text"),
    [
        ("payment_intent", "amount", "Payment intent › Amount"),
        ("payment_intent", "", "Payment intent"),
        ("payment_intent", "customer", "Payment intent › Customer ID"),
        ("payment_intent", "amount_details.tip.amount", "Payment intent › Amount details › Tip › Amount"),
        ("invoice", "lines.data.0.amount", "Invoice › Lines › Item 1 › Amount"),
        ("invoice", "lines.data.*.amount", "Invoice › Lines › Any item › Amount"),
        ("customer", "metadata.tier", "Customer › Metadata › tier"),
        ("customer", "metadata.2024", "Customer › Metadata › 2024"),
        ("charge", "gone.amount", "Charge › gone › amount"),
    ],
)
def test_says_a_path_for_people(object_name, path, text):
    assert field_label_path(object_name, path) == text


def test_path_of_an_unknown_object_raises():
    with pytest.raises(UnknownObject):
        field_label_path("no_such_object", "amount")


def paths(*args, **kwargs):
    return [one.path for one in search(*args, **kwargs)]


def test_finds_by_label_the_nearest_first():
    assert paths("payment_intent", "amount")[:2] == ["amount", "amount_capturable"]


def test_finds_every_word_in_any_order():
    assert "amount_details.tip.amount" in paths("payment_intent", "TIP amount")


def test_finds_by_the_parents_label():
    assert "shipping.address.city" in paths("payment_intent", "shipping city")


def test_finds_by_help_text_last():
    found = paths("radar.early_fraud_warning", "charge")
    assert found[0] == "charge"
    assert "actionable" in found[1:]


def test_finds_nothing_for_nonsense():
    assert search("payment_intent", "xyzzy") == ()


def test_depth_bounds_the_search():
    assert "shipping.address.city" not in paths("payment_intent", "city", depth=2)


def test_limit_bounds_the_answer():
    assert len(search("charge", "", limit=7)) == 7


def test_empty_query_gives_the_first_fields():
    assert paths("charge", "", limit=2) == ["amount", "amount_captured"]


def test_inside_of_lists_only_when_asked_for():
    assert "lines.data.*.amount" not in paths("invoice", "lines amount", depth=4, limit=500)
    assert "lines.data.*.amount" in paths("invoice", "lines amount", depth=4, limit=500, in_lists=True)
