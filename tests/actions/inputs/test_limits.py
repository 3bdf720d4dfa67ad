"""Texts that are too long, or cannot fit whatever their references give."""

import pytest

from stripeflow.actions.builtin.team_email import EmailTeamMember
from stripeflow.actions.errors import InvalidInput
from stripeflow.actions.inputs import (
    BooleanInput,
    IdInput,
    IntegerInput,
    MetadataInput,
    MoneyInput,
    StringInput,
    TextInput,
)

LINE = StringInput("line", label="Line", max_length=5)
MAIL = StringInput("mail", label="Mail", format="email")
ID = IdInput("id", label="ID", of="charge")
ROWS = MetadataInput("rows", label="Rows")


@pytest.mark.parametrize(
    ("text", "wanted"), [("abcde", "abcde"), ("abcdef", "abcd…"), ("abc  def", "abc…"), ("{{ x", "{{ x")]
)
def test_what_loses_little_is_cut(text, wanted):
    field = TextInput("body", label="Body", max_length=5, shortens=True)
    assert field.clean(text) == wanted
    assert field.clean(wanted) == wanted


def test_anything_else_is_refused_and_never_cut():
    with pytest.raises(InvalidInput):
        LINE.clean("abcdef")


def test_subject_and_body_of_an_email_are_cut():
    cleaned = EmailTeamMember().clean(
        {"to": ["ann"], "subject": "s" * 300, "body": "b" * 30_000, "append": []}
    )
    assert (len(cleaned["subject"]), len(cleaned["body"])) == (255, 20_000)


@pytest.mark.parametrize(
    ("field", "raw", "is_fine"),
    [
        (LINE, "a {{ trigger.a }}", True),
        (LINE, "abcdef {{ trigger.a }}", False),
        (LINE, '{{ trigger.a | default("longer than five") }}', True),
        (MAIL, "{{ trigger.a }}", True),
        (MAIL, "{{ trigger.a }}@example.com", True),
        (MAIL, "Dear {{ trigger.a }}, hello", False),
        (ID, "{{ trigger.a }}", True),
        (ID, " {{ trigger.a }} ", True),
        (ID, "ch_{{ trigger.a }}", True),
        (ID, "the charge {{ trigger.a }}", False),
        (ROWS, [{"key": "a", "value": "{{ trigger.a }}" + "x" * 500}], True),
        (ROWS, [{"key": "a", "value": "{{ trigger.a }}" + "x" * 501}], False),
    ],
)
def test_what_stands_beside_references_is_checked_before_anything_runs(field, raw, is_fine):
    assert (field.check(raw) == []) is is_fine


@pytest.mark.parametrize("kind", [IntegerInput, BooleanInput, MoneyInput, IdInput])
def test_spaces_around_a_reference_do_not_make_its_value_a_text(kind):
    field = kind("one", label="One")
    assert field.check(" {{ trigger.a }} ") == []
    assert field.map_templates(" {{ trigger.a }} ", lambda text: text) == "{{ trigger.a }}"
    assert list(field.templates(" {{ trigger.a }} ")) == [("one", "{{ trigger.a }}")]
