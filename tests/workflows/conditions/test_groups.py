import pytest

from tests.workflows.conditions.judging import MET, NOT_MET, UNKNOWN, evaluate, truth

T = {"field": "trigger.yes", "operator": "is_true", "type": "boolean"}
F = {"field": "trigger.no", "operator": "is_true", "type": "boolean"}
U = {"field": "trigger.gone", "operator": "is_true", "type": "boolean"}
SCOPE = {"trigger": {"yes": True, "no": False}}


def group(match, *conditions):
    return {"match": match, "conditions": list(conditions)}


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (group("all", T, T), MET),
        (group("all", T, U), UNKNOWN),
        (group("all", U, F), NOT_MET),
        (group("any", F, U), UNKNOWN),
        (group("any", U, T), MET),
        (group("none", F, F), MET),
        (group("none", F, U), UNKNOWN),
        (group("none", U, T), NOT_MET),
        (group("all", group("any", F, T), group("none", F)), MET),
        (group("all", group("any", F, U), T), UNKNOWN),
        (group("none", group("all", T, U)), UNKNOWN),
        (group("none", group("none", group("none", T))), NOT_MET),
        (group("any", group("all", T, F), group("all", T, group("any", T))), MET),
    ],
)
def test_judges_groups_in_groups(document, expected):
    assert truth(document, SCOPE) is expected


@pytest.mark.parametrize(("match", "expected"), [("all", MET), ("any", NOT_MET), ("none", MET)])
def test_root_without_conditions(match, expected):
    assert truth(group(match), {}) is expected


@pytest.mark.parametrize("outer", ["all", "any", "none"])
@pytest.mark.parametrize("inner", ["all", "any", "none"])
def test_group_without_conditions_in_another_is_unknown(outer, inner):
    assert truth(group(outer, group(inner)), SCOPE) is UNKNOWN


@pytest.mark.parametrize(
    "unfinished", [{"field": "", "operator": ""}, {"field": "trigger.yes", "operator": ""}]
)
def test_unfinished_test_is_unknown(unfinished):
    assert truth(group("all", unfinished), SCOPE) is UNKNOWN


def test_every_condition_is_judged_though_the_first_decides():
    result = evaluate(group("all", F, T, U), SCOPE)
    assert [child.truth for child in result.children] == [NOT_MET, MET, UNKNOWN]


@pytest.mark.parametrize(
    ("document", "reasons"),
    [
        (group("all", T, F, U), ["No was false, which is not true."]),
        (group("all", T, U), ["Gone is missing: “Trigger” has no “gone”."]),
        (group("none", T, F), ["Yes was true, which is true."]),
        (group("all", T, group("any", F, group("none", T))), None),
    ],
)
def test_deciding_are_the_tests_that_made_the_outcome(document, reasons):
    expected = reasons or ["No was false, which is not true.", "Yes was true, which is true."]
    assert [test.reason for test in evaluate(document, SCOPE).deciding] == expected


def test_reads_steps_events_and_inputs():
    scope = {"steps": {"retrieve": {"ok": True}}, "event": {"livemode": True}, "input": {"go": True}}
    fields = ("steps.retrieve.ok", "event.livemode", "input.go")
    tests = [{"field": field, "operator": "is_true", "type": "boolean"} for field in fields]
    assert truth(group("all", *tests), scope) is MET


def test_reads_metadata_keys_with_spaces():
    test = {"field": 'trigger.metadata["order id"]', "operator": "equal", "value": "A-1", "type": "string"}
    assert truth(group("all", test), {"trigger": {"metadata": {"order id": "A-1"}}}) is MET
