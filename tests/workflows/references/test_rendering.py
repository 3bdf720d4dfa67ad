import pytest

from stripeflow.workflows.references import (
    FilterFailed,
    MissingValue,
    RenderError,
    TemplateError,
    TemplateTooLarge,
    parse,
    render,
)

SCOPE = {
    "trigger": {
        "amount": 100_000,
        "currency": "usd",
        "customer": None,
        "paid": True,
        "rate": 12.5,
        "name": "Ann",
        "tags": ["a", 1],
        "metadata": {"é": "x"},
        "big": "x" * 100_000,
        "bigger": "x" * 100_001,
        "template": "{{ trigger.name }}",
    }
}


@pytest.mark.parametrize(
    ("template", "value"),
    [
        ("{{ trigger.amount }}", 100_000),
        ("{{ trigger.customer }}", None),
        ("{{ trigger.paid }}", True),
        ("{{ trigger.rate }}", 12.5),
        ("{{ trigger.name }}", "Ann"),
        ("{{ trigger.tags }}", ["a", 1]),
        ("{{ trigger.metadata }}", {"é": "x"}),
        ("{{ trigger.tags | count }}", 2),
    ],
)
def test_one_reference_alone_keeps_its_type(template, value):
    rendered = render(template, SCOPE)
    assert rendered == value
    assert type(rendered) is type(value)


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("", ""),
        ("plain }} text {", "plain }} text {"),
        ("={{ trigger.amount }}", "=100000"),
        ("={{ trigger.customer }}", "="),
        ("={{ trigger.paid }}", "=true"),
        ("={{ trigger.rate }}", "=12.5"),
        ("={{ trigger.tags }}", '=["a",1]'),
        ("={{ trigger.metadata }}", '={"é":"x"}'),
        ("{{ trigger.name }}{{ trigger.name }}", "AnnAnn"),
        ('{{ "{{" }} {{ trigger.name }} }}', "{{ Ann }}"),
        (
            '{"amount":{{ trigger.amount | json }},"name":{{ trigger.name | json }}}',
            '{"amount":100000,"name":"Ann"}',
        ),
    ],
)
def test_anything_else_is_a_text(template, text):
    assert render(template, SCOPE) == text


def test_values_are_never_read_as_templates():
    assert render("{{ trigger.template }}!", SCOPE) == "{{ trigger.name }}!"


def test_takes_a_template_that_was_parsed_already():
    assert render(parse("{{ trigger.name }}"), SCOPE) == "Ann"


@pytest.mark.parametrize("template", ["{{ trigger.email }}", "Dear {{ trigger.email }}"])
def test_missing_values_are_named(template):
    with pytest.raises(MissingValue) as caught:
        render(template, SCOPE)
    assert caught.value.path == "trigger.email"


def test_a_text_that_cannot_be_read_is_refused():
    with pytest.raises(TemplateError):
        render("{{ trigger.", SCOPE)


def test_a_text_may_have_a_hundred_thousand_characters():
    assert len(render("{{ trigger.big }}", SCOPE)) == 100_000


@pytest.mark.parametrize(
    "template",
    [
        "{{ trigger.bigger }}",
        "={{ trigger.big }}",
        "{{ trigger.big }}{{ trigger.big }}",
        "{{ trigger.bigger | upper }}",
        "{{ trigger.big | json }}",
        "{{ trigger | json }}",
        "={{ trigger }}",
    ],
)
def test_more_is_refused(template):
    with pytest.raises(TemplateTooLarge) as caught:
        render(template, SCOPE)
    assert str(caught.value) == "The filled-in text would be longer than 100000 characters."


def test_what_is_nested_too_deeply_to_write_is_refused():
    value = []
    for _ in range(100_000):
        value = [value]
    with pytest.raises(TemplateTooLarge):
        render("={{ item }}", {"item": value})


def test_a_long_separator_between_many_items_is_refused_before_it_is_written():
    separator = "-" * 90_000
    with pytest.raises(TemplateTooLarge):
        render(f"{{{{ item | join('{separator}') }}}}", {"item": ["x"] * 1_000_000})


def test_reference_and_reason_of_a_filter_that_failed_are_reported():
    with pytest.raises(FilterFailed) as caught:
        render("{{ trigger.amount | upper }}", SCOPE)
    assert str(caught.value) == (
        "“trigger.amount | upper” cannot be filled in. The filter “upper” needs a text, and the value is a "
        "whole number."
    )


@pytest.mark.parametrize("error", [MissingValue, FilterFailed, TemplateTooLarge])
def test_every_error_of_filling_in_has_one_base(error):
    assert issubclass(error, RenderError)
