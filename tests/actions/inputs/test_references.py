import pytest

from stripeflow.actions.inputs.references import holds_reference, is_single_reference


@pytest.mark.parametrize(
    "text",
    [
        "{{ trigger.customer }}",
        "{{trigger.amount}}",
        " {{ steps.a.amount | money }} ",
        '{{ trigger.name | default("}} no") }}',
        "{{ trigger.name | default('it') }}",
        '{{ "{{" }}',
    ],
)
def test_exactly_one_reference(text):
    assert is_single_reference(text)
    assert holds_reference(text)


@pytest.mark.parametrize(
    "text", ["{{ a }} and {{ b }}", "Hello {{ a }}", "{{ a }}{{ b }}", "{{ a", "{{ { }}"]
)
def test_references_among_other_text(text):
    assert not is_single_reference(text)
    assert holds_reference(text)


@pytest.mark.parametrize("value", ["", "plain", "{ a }", None, 5, ["{{ a }}"], {"a": "{{ b }}"}])
def test_no_reference(value):
    assert not is_single_reference(value)
    assert not holds_reference(value)
