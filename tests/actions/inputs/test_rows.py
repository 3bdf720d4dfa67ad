import pytest

from stripeflow.actions.errors import InvalidInput
from stripeflow.actions.inputs import LabelledValuesInput, MetadataInput

METADATA = MetadataInput("metadata", label="Metadata")
APPEND = LabelledValuesInput("append", label="Append to body")


def metadata(*pairs):
    return [{"key": key, "value": value} for key, value in pairs]


@pytest.mark.parametrize(
    ("field", "raw"),
    [
        (METADATA, metadata(("Tier", "VIP"))),
        (METADATA, metadata(("Tier", ""))),
        (METADATA, metadata(("k" * 40, "v" * 500))),
        (METADATA, metadata(("Long", "{{ a }}" + "v" * 500))),
        (METADATA, metadata(*((f"k{index}", "v") for index in range(50)))),
        (METADATA, []),
        (APPEND, [{"label": "Amount", "value": "{{ trigger.amount | money }}"}]),
    ],
)
def test_accepts_raw(field, raw):
    assert field.check(raw) == []


@pytest.mark.parametrize(
    ("raw", "path", "message"),
    [
        ("Tier", "metadata", "“Metadata” must be a list of rows with two texts each."),
        ([{"key": "a"}], "metadata", "“Metadata” must be a list of rows with two texts each."),
        (metadata(("a", 5)), "metadata", "“Metadata” must be a list of rows with two texts each."),
        (metadata((" ", "v")), "metadata.0.key", "A metadata row needs a key."),
        (metadata(("a\nb", "v")), "metadata.0.key", "A row of “Metadata” has a name of two lines."),
        (metadata(("a", "1"), ("a", "2")), "metadata.1.key", "The metadata key “a” is given twice."),
        (
            metadata(("stripeflow_run", "x")),
            "metadata.0.key",
            "The metadata key “stripeflow_run” is kept for StripeFlow itself.",
        ),
        (metadata(("a[b]", "x")), "metadata.0.key", "The metadata key “a[b]” may not hold square brackets."),
        (
            metadata(("100%", "v" * 501)),
            "metadata.0.value",
            "The metadata value of “100%” is longer than 500 characters.",
        ),
        (
            metadata(("k" * 41, "x")),
            "metadata.0.key",
            f"The metadata key “{'k' * 41}” is longer than 40 characters.",
        ),
        (
            metadata(*((f"k{index}", "v") for index in range(51))),
            "metadata",
            "“Metadata” may have at most 50 rows.",
        ),
    ],
)
def test_refuses_raw_metadata(raw, path, message):
    assert [(problem.path, problem.message) for problem in METADATA.check(raw)] == [(path, message)]


def test_a_labelled_row_needs_its_label():
    problems = APPEND.check([{"label": "", "value": "x"}])
    assert [(problem.path, problem.message) for problem in problems] == [
        ("append.0.label", "A row needs a label.")
    ]


@pytest.mark.parametrize(
    ("value", "cleaned"), [("VIP", "VIP"), ("", ""), (5, "5"), (True, "true"), (2.5, "2.5")]
)
def test_metadata_values_become_text(value, cleaned):
    assert METADATA.clean(metadata(("Tier", value))) == metadata(("Tier", cleaned))


@pytest.mark.parametrize("value", [None, {"a": 1}, ["a"], "v" * 501])
def test_refuses_rendered_metadata_values(value):
    with pytest.raises(InvalidInput, match="The metadata value of “Tier”"):
        METADATA.clean(metadata(("Tier", value)))


@pytest.mark.parametrize("key", ["", "stripeflow_step", "k" * 41])
def test_refuses_keys_again_at_run_time(key):
    with pytest.raises(InvalidInput):
        METADATA.clean(metadata((key, "v")))


def test_refuses_too_many_rows_at_run_time():
    with pytest.raises(InvalidInput, match="more than 50 rows"):
        METADATA.clean(metadata(*((f"k{index}", "v") for index in range(51))))


@pytest.mark.parametrize(
    ("value", "cleaned"),
    [("x", "x"), (None, ""), (200_000, "200000"), ({"a": "é"}, '{"a": "é"}'), ([1], "[1]")],
)
def test_labelled_values_become_text_for_people(value, cleaned):
    assert APPEND.clean([{"label": "L", "value": value}]) == [{"label": "L", "value": cleaned}]


def test_nothing_given_cleans_to_no_rows():
    assert METADATA.clean(None) == []
