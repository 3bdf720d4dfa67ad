import pytest

from stripeflow.actions.errors import InvalidInput
from stripeflow.actions.inputs import IdInput, StringInput, TextInput

LINE = StringInput("line", label="Line", max_length=5)
EMAIL = StringInput("mail", label="Mail", format="email")
ID = IdInput("charge", label="Charge ID", of="charge", required=True)


@pytest.mark.parametrize(
    ("field", "raw"),
    [
        (LINE, "abcde"),
        (LINE, "{{ trigger.long.name }}"),
        (LINE, ""),
        (LINE, None),
        (LINE, "   "),
        (EMAIL, "a@example.com"),
        (EMAIL, "{{ trigger.email }}"),
        (TextInput("body", label="Body"), "two\nlines"),
        (ID, "ch_1AbC"),
        (ID, "{{ trigger.charge }}"),
    ],
)
def test_accepts_raw(field, raw):
    assert field.check(raw) == []


@pytest.mark.parametrize(
    ("field", "raw", "code", "message"),
    [
        (LINE, "abcdef", "invalid", "“Line” must be at most 5 characters long."),
        (LINE, "a\nb", "line_break", "“Line” must be one line."),
        (LINE, 5, "type", "“Line” must be a text."),
        (EMAIL, "a@example.com, b@example.com", "invalid", "“Mail” must be one e-mail address."),
        (EMAIL, "Name <a@example.com>", "invalid", "“Mail” must be one e-mail address."),
        (ID, "ch 1", "invalid", "“Charge ID” must be one Stripe ID, without spaces."),
        (ID, "../v1/x", "invalid", "“Charge ID” must be one Stripe ID, without spaces."),
        (ID, "", "required", "“Charge ID” is required."),
        (ID, "  ", "required", "“Charge ID” is required."),
    ],
)
def test_refuses_raw(field, raw, code, message):
    assert [(problem.code, problem.message) for problem in field.check(raw)] == [(code, message)]


def test_without_references_braces_are_ordinary_text():
    field = StringInput("line", label="Line", max_length=3, references=False)
    assert [problem.code for problem in field.check("{{ a }}")] == ["invalid"]
    assert list(field.templates("{{ a }}")) == []


@pytest.mark.parametrize(
    ("value", "cleaned"), [("a", "a"), (5, "5"), (1.5, "1.5"), (True, "true"), (None, None), ("", None)]
)
def test_cleans_scalars_to_text(value, cleaned):
    assert LINE.clean(value) == cleaned


@pytest.mark.parametrize("value", [{"id": "x"}, ["x"], "abcdef"])
def test_refuses_rendered(value):
    with pytest.raises(InvalidInput, match="“Line”"):
        LINE.clean(value)


@pytest.mark.parametrize("value", [None, "", "  "])
def test_an_empty_required_id_fails_by_name(value):
    with pytest.raises(InvalidInput, match="^“Charge ID” has no value in this run.$") as caught:
        ID.clean(value)
    assert caught.value.field == "charge"


def test_the_schema_names_the_object_of_an_id():
    assert ID.json_schema()["x-stripeflow-id-of"] == "charge"
