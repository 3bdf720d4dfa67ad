import pytest

from stripeflow.actions.errors import InvalidInput
from stripeflow.actions.inputs import IdInput, IntegerInput, JsonInput, NumberInput, RecordsInput, TextsInput

ITEMS = RecordsInput(
    "items",
    label="Items",
    fields=(
        IdInput("price", label="Price ID", required=True, of="price"),
        IntegerInput("quantity", label="Quantity", minimum=1),
        IntegerInput("tax.rate", label="Tax rate", advanced=True),
    ),
)


@pytest.mark.parametrize(
    ("raw", "codes"),
    [
        ([{"price": "price_1", "quantity": 2}], []),
        ([{"price": "{{ trigger.price }}", "quantity": "{{ trigger.quantity }}"}], []),
        ([{"quantity": 2}], ["required"]),
        ([{"price": "price_1", "quantity": 0}], ["invalid"]),
        ([{"price": "price_1", "amount": 3}], ["unknown_input"]),
        ("price_1", ["type"]),
        ([["price_1"]], ["type"]),
        ([{"price": "p"}] * 51, ["too_many"]),
        ([], []),
    ],
)
def test_checks_each_object_by_its_fields(raw, codes):
    assert [one.code for one in ITEMS.check(raw)] == codes


def test_a_problem_says_where_it_is():
    (problem,) = ITEMS.check([{"price": "price_1"}, {"price": "price_1", "tax.rate": "x"}])
    assert (problem.path, problem.message) == ("items.1.tax.rate", "“Tax rate” must be a whole number.")


def test_references_are_found_and_replaced():
    raw = [{"price": "{{ a }}", "quantity": 1}, {"price": "{{ a }}", "tax.rate": "{{ b }}"}]
    assert [path for path, _text in ITEMS.templates(raw)] == [
        "items.0.price",
        "items.1.price",
        "items.1.tax.rate",
    ]
    assert ITEMS.takes_at("items.1.tax.rate") == frozenset({"whole number"})
    rendered = ITEMS.map_templates(raw, lambda text: 7 if "b" in text else "price_9")
    assert ITEMS.clean(rendered)[1] == {"price": "price_9", "quantity": None, "tax.rate": 7}


def test_a_rendered_value_that_does_not_fit_fails():
    with pytest.raises(InvalidInput, match="“Quantity” must be at least 1."):
        ITEMS.clean([{"price": "price_1", "quantity": 0}])


def test_the_form_gives_back_what_was_saved():
    field = ITEMS.form_field()
    raw = [{"price": "price_1", "quantity": 2, "tax.rate": 3}]
    html = field.widget.render("items", field.prepare_value(raw), {})
    assert 'value="price_1"' in html
    data = {
        "items-0-price": "price_1",
        "items-0-quantity": "2",
        "items-0-tax.rate": "3",
        "items-1-price": " ",
    }
    submitted = field.widget.value_from_datadict(data, {}, "items")
    assert field.clean(submitted) == raw
    assert not field.has_changed(raw, submitted)


def test_a_blank_group_is_nothing():
    field = ITEMS.form_field()
    assert field.clean(field.widget.value_from_datadict({"items-0-price": ""}, {}, "items")) is None


@pytest.mark.parametrize(
    ("field", "value", "cleaned"),
    [
        (TextsInput("a", label="A"), ["x", 3, ""], ["x", "3"]),
        (TextsInput("a", label="A"), "x", ["x"]),
        (JsonInput("a", label="A"), {"b": [1]}, {"b": [1]}),
        (NumberInput("a", label="A", words=("inf",)), "inf", "inf"),
        (NumberInput("a", label="A"), 0.5, "0.5"),
    ],
)
def test_other_lists_and_numbers(field, value, cleaned):
    assert field.clean(value) == cleaned


@pytest.mark.parametrize("value", ["1,000", "x", True, [], {}])
def test_a_number_is_a_number(value):
    field = NumberInput("a", label="A", required=True)
    with pytest.raises(InvalidInput):
        field.clean(value)
