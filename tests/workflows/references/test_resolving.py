import pytest

from stripeflow.workflows.references import MissingValue, parse_path, resolve

SCOPE = {
    "trigger": {
        "id": "pi_1",
        "customer": None,
        "amount": 5,
        "lines": {"data": [{"id": "a"}, {"id": "b"}]},
        "metadata": {"order id": "7", "0": "zero", "": "blank", "__class__": "key"},
    },
    "steps": {"get": {"amount": 5}},
    "item": ["x"],
}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("trigger.id", "pi_1"),
        ("trigger.customer", None),
        ("trigger.lines.data.1.id", "b"),
        ("trigger.lines.data[0].id", "a"),
        ('trigger.metadata["order id"]', "7"),
        ("trigger.metadata.0", "zero"),
        ('trigger.metadata["0"]', "zero"),
        ('trigger.metadata[""]', "blank"),
        ("trigger.metadata.__class__", "key"),
        ("steps.get", {"amount": 5}),
        ("item.0", "x"),
    ],
)
def test_finds_values(path, value):
    assert resolve(parse_path(path), SCOPE) == value


@pytest.mark.parametrize(
    ("path", "where", "reason"),
    [
        ("input.note", "", "“input” is not known here."),
        ("trigger.nope", "trigger", "“trigger” has no “nope”."),
        ("trigger.customer.email", "trigger.customer", "“trigger.customer” is null."),
        ("trigger.amount.tip", "trigger.amount", "“trigger.amount” is a single value, and has no “tip”."),
        ("trigger.id.0", "trigger.id", "“trigger.id” is a single value, and has no “0”."),
        (
            "trigger.lines.data.2.id",
            "trigger.lines.data",
            "“trigger.lines.data” has no item 2: it has 2 items, counted from 0.",
        ),
        (
            "trigger.lines.data.id",
            "trigger.lines.data",
            "“trigger.lines.data” is a list; name one of its items by its number.",
        ),
        ('item["0"]', "item", "“item” is a list; name one of its items by its number."),
        ("steps.later.amount", "steps", "The step “later” has no outputs."),
        ("trigger.__class__", "trigger", "“trigger” has no “__class__”."),
        ("trigger.keys", "trigger", "“trigger” has no “keys”."),
        ("item.append", "item", "“item” is a list; name one of its items by its number."),
        ('trigger.metadata["{x}"]', "trigger.metadata", "“trigger.metadata” has no “{x}”."),
    ],
)
def test_says_where_values_are_missing(path, where, reason):
    with pytest.raises(MissingValue) as caught:
        resolve(parse_path(path), SCOPE)
    error = caught.value
    assert (error.path, error.where, error.message) == (path, where, reason)
    assert str(error) == f"There is no value at “{path}”: {reason}"


def test_says_it_with_the_names_of_the_values():
    with pytest.raises(MissingValue) as caught:
        resolve(parse_path("trigger.customer.email"), SCOPE)
    told = caught.value.sentence({"trigger.customer": "Customer", "trigger.customer.email": "E-mail"}.get)
    assert told == "There is no value at “E-mail”: “Customer” is null."
    with pytest.raises(MissingValue) as caught:
        resolve(parse_path("steps.later.amount"), SCOPE)
    assert caught.value.reason({"steps": "Steps", "steps.later": "Later on"}.get) == (
        "The step “Later on” has no outputs."
    )
