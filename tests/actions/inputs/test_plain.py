import pytest

from stripeflow.actions.errors import InvalidInput
from stripeflow.actions.inputs import BooleanInput, ChoiceInput, IntegerInput

COUNT = IntegerInput("count", label="Count", minimum=1, maximum=9)
FLAG = BooleanInput("flag", label="Flag")
REASON = ChoiceInput("reason", label="Reason", choices=(("duplicate", "Duplicate"),))


@pytest.mark.parametrize(
    ("field", "raw"),
    [
        (COUNT, 1),
        (COUNT, "{{ trigger.quantity }}"),
        (COUNT, None),
        (FLAG, False),
        (FLAG, "{{ trigger.paid }}"),
        (REASON, "duplicate"),
        (REASON, ""),
    ],
)
def test_accepts_raw(field, raw):
    assert field.check(raw) == []


@pytest.mark.parametrize(
    ("field", "raw", "message"),
    [
        (COUNT, 0, "“Count” must be at least 1."),
        (COUNT, 10, "“Count” must be at most 9."),
        (COUNT, "3", "“Count” must be a whole number."),
        (COUNT, True, "“Count” must be a whole number."),
        (COUNT, 1.0, "“Count” must be a whole number."),
        (COUNT, "{{ a }}{{ b }}", "“Count” must be a whole number."),
        (FLAG, 1, "“Flag” must be yes or no."),
        (FLAG, "true", "“Flag” must be yes or no."),
        (REASON, "Duplicate", "“Reason” must be one of its choices."),
        (REASON, ["duplicate"], "“Reason” must be one of its choices."),
        (REASON, "{{ trigger.reason }}", "“Reason” must be one of its choices."),
    ],
)
def test_refuses_raw(field, raw, message):
    assert [problem.message for problem in field.check(raw)] == [message]


@pytest.mark.parametrize(
    ("field", "value", "cleaned"),
    [(COUNT, 3, 3), (COUNT, None, None), (FLAG, False, False), (FLAG, None, None), (REASON, "", None)],
)
def test_cleans(field, value, cleaned):
    assert field.clean(value) is cleaned


@pytest.mark.parametrize(("field", "value"), [(COUNT, "3"), (COUNT, 0), (FLAG, "yes"), (REASON, "other")])
def test_refuses_rendered(field, value):
    with pytest.raises(InvalidInput):
        field.clean(value)
