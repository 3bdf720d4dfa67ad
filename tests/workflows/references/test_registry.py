"""A host's own filters: registered, parsed, checked, rendered and documented with no other edit."""

import re
from dataclasses import replace

import pytest
from django.core.exceptions import ImproperlyConfigured

from stripeflow.workflows.references import (
    FILTERS,
    FilterFailed,
    Shape,
    TemplateError,
    fit,
    parse,
    render,
    type_given,
    types_of,
)
from stripeflow.workflows.references.documentation import PAGE, filter_table
from stripeflow.workflows.references.filters import (
    Argument,
    DuplicateFilter,
    register,
    temporarily,
)
from tests.workflows.made_up_filter import MASKED, TEXT

SCOPE = {"trigger": {"name": "Elisabeth", "amount": 5}}


def shape_of(reference, type_key):
    found = fit(parse(reference).references[0], Shape.of(type_key), inside=Shape.of, of=Shape.of)
    return found.fault or found.shapes


def test_a_registered_filter_is_parsed_and_rendered():
    with temporarily(MASKED):
        assert render("{{ trigger.name | acme_masked }}", SCOPE) == "•••••beth"
        assert render("{{ trigger.name | acme_masked(2) | upper }}", SCOPE) == "•••••••TH"
        with pytest.raises(FilterFailed, match="“acme_masked” needs a text"):
            render("{{ trigger.amount | acme_masked(3) }}", SCOPE)


def test_what_it_takes_and_gives_is_checked():
    with temporarily(MASKED):
        assert "needs a text" in shape_of("{{ trigger.a | acme_masked(5) }}", "integer")
        assert [one.kinds for one in shape_of("{{ trigger.b | acme_masked(5) }}", "string")] == [TEXT]
        with pytest.raises(TemplateError, match=r"is written acme_masked\(\[shown\]\)"):
            parse("{{ trigger.name | acme_masked(1, 2) }}")
        with pytest.raises(TemplateError, match="“Signs that stay” has to be a whole number"):
            parse("{{ trigger.name | acme_masked('x') }}")


def test_the_picker_and_the_docs_have_it():
    with temporarily(MASKED):
        assert "string" in types_of(MASKED)
        assert type_given(MASKED) == "string"
        assert "| `acme_masked([shown])` | a text | Shows only the last signs. |" in filter_table()
    assert "acme_masked" not in filter_table()


def test_an_item_of_a_list_keeps_what_is_known_of_it():
    with temporarily(replace(MASKED, key="acme_any_item", accepts=frozenset({"list"}), gives_item=True)):
        reference = parse("{{ trigger.list | acme_any_item }}").references[0]
        found = fit(reference, Shape.of("list", Shape.of("money")), inside=Shape.of, of=Shape.of)
    assert found.shapes == (Shape.of("money"),)


def test_a_second_one_of_the_same_key_is_refused():
    with temporarily(MASKED), pytest.raises(DuplicateFilter, match="acme_masked"):
        register(MASKED)
    with pytest.raises(DuplicateFilter, match="money"):
        register(replace(MASKED, key="money"))


@pytest.mark.parametrize(
    "wrong",
    [
        {"key": "Acme masked"},
        {"accepts": frozenset({"texts"})},
        {"gives": frozenset({"texts"})},
        {"arguments": (Argument("shown", "Signs", "digits"),)},
        {"label": ""},
        {"help_text": ""},
        {"takes_missing": True},
        {"gives_each": True},
    ],
)
def test_a_filter_that_cannot_be_used_is_refused(wrong):
    with pytest.raises(ImproperlyConfigured):
        register(replace(MASKED, **wrong))
    assert "acme_masked" not in FILTERS


def test_a_filter_that_is_not_installed_is_no_filter():
    with pytest.raises(TemplateError, match="There is no filter “acme_gone”"):
        parse("{{ trigger.name | acme_gone }}")


def test_the_example_of_the_docs_is_a_filter(monkeypatch):
    (example,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    found = {}
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr("stripeflow.workflows.references.filters.FILTERS", found)
        exec(example, {})  # noqa: S102
    with temporarily(*found.values()):
        assert render("{{ trigger.name | acme_initials }}", {"trigger": {"name": "Ada Lovelace"}}) == "A.L."
