import pytest

from stripeflow.workflows.references import parse


@pytest.mark.parametrize(
    ("text", "is_single"),
    [
        ("{{ trigger.id }}", True),
        ("{{ trigger.id | upper }}", True),
        (" {{ trigger.id }}", False),
        ("{{ trigger.id }}{{ trigger.id }}", False),
        ("", False),
        ("text", False),
        ('{{ "text" }}', False),
    ],
)
def test_single_is_one_reference_and_nothing_else(text, is_single):
    assert parse(text).is_single is is_single


def test_knows_its_references_in_their_order():
    template = parse("a {{ trigger.id }} b {{ steps.get.id | upper }} {{ trigger.id }}")
    assert [str(found) for found in template.references] == [
        "trigger.id",
        "steps.get.id | upper",
        "trigger.id",
    ]


def test_paths_of_a_reference_include_those_of_its_filters():
    (reference,) = parse("{{ trigger.tip | money(steps.get.currency) | default(input.x) }}").references
    assert reference.paths == (("trigger", "tip"), ("steps", "get", "currency"), ("input", "x"))


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("{{trigger.id|upper}}", "{{ trigger.id | upper }}"),
        ("{{ trigger['id'][0] }}", "{{ trigger.id.0 }}"),
        ("{{ trigger['0'] }}", '{{ trigger["0"] }}'),
        ("{{ trigger['a b\"\\\\'] }}", '{{ trigger["a b\\"\\\\"] }}'),
        ("{{ item | join('') }}", '{{ item | join("") }}'),
        ('{{ "{{" }}{', '{{ "{{" }}{'),
        ('{{ "{{{{{" }}', '{{ "{{" }}{{ "{{" }}{'),
        ('{{ "{" }}{{ item }}', '{{ "{" }}{{ item }}'),
        ('{{ "{{{" }}{{ item }}', '{{ "{{" }}{{ "{" }}{{ item }}'),
    ],
)
def test_writes_itself_in_one_form(text, written):
    template = parse(text)
    assert str(template) == written
    assert parse(written) == template
