import pytest
from django.core.exceptions import ImproperlyConfigured
from jsonschema import Draft202012Validator

from stripeflow.actions import registry
from stripeflow.actions.base import Action, Repeat
from stripeflow.actions.errors import InvalidInput
from stripeflow.actions.inputs import IntegerInput, LabelledValuesInput, MoneyInput, StringInput
from stripeflow.actions.look_up import Unclear
from stripeflow.actions.problems import Problem


class Sample(Action):
    key = "tests.sample"
    label = "Sample"
    category = "Tests"
    repeat = Repeat.SAFE
    moves_money = False
    destructive = False
    inputs = (
        StringInput("text", label="Text", required=True),
        IntegerInput("count", label="Count", minimum=1),
        MoneyInput("limit", label="Limit"),
        LabelledValuesInput("rows", label="Rows"),
        StringInput("token", label="Token", secret=True, references=False),
    )

    def run(self, inputs, context):
        return {"given": dict(inputs)}


@pytest.fixture
def action():
    return Sample()


def test_check_names_every_problem_at_once(action):
    problems = action.check({"count": 0, "odd": 1})
    assert [(problem.path, problem.code) for problem in problems] == [
        ("odd", "unknown_input"),
        ("text", "required"),
        ("count", "invalid"),
    ]


def test_check_lets_references_through(action):
    assert action.check({"text": "{{ trigger.id }}", "count": "{{ trigger.amount }}"}) == []


def test_problems_speak_in_sentences_with_the_label(action):
    assert action.check({}) == [Problem("text", "required", "“Text” is required.")]


def test_execute_gives_run_every_declared_name(action, context):
    assert action.execute({"text": "a"}, context) == {
        "given": {"text": "a", "count": None, "limit": None, "rows": [], "token": None}
    }


def test_execute_refuses_a_missing_required_value(action, context):
    with pytest.raises(InvalidInput, match="“Text” has no value in this run.") as caught:
        action.execute({"text": None}, context)
    assert caught.value.field == "text"


def test_cleaning_twice_changes_nothing(action):
    inputs = {"text": 5, "limit": {"amount": 5, "currency": "USD"}, "rows": [{"label": "A", "value": [1]}]}
    once = action.clean(inputs)
    assert action.clean(once) == once


def test_templates_names_every_text_that_may_hold_references(action):
    raw = {
        "text": "{{ a }}",
        "limit": {"amount": 1, "currency": "usd"},
        "rows": [{"label": "L", "value": "{{ b }}"}, {"label": "M", "value": ""}],
        "token": "{{ not a reference }}",
    }
    assert list(action.templates(raw)) == [("text", "{{ a }}"), ("rows.0.value", "{{ b }}")]


def test_map_templates_replaces_the_same_texts_and_keeps_types(action):
    raw = {
        "text": "{{ a }}",
        "count": "{{ n }}",
        "rows": [{"label": "{{ label }}", "value": "{{ b }}"}],
        "token": "{{ t }}",
    }
    values = {"{{ a }}": "A", "{{ n }}": 7, "{{ b }}": None}
    assert action.map_templates(raw, values.__getitem__) == {
        "text": "A",
        "count": 7,
        "rows": [{"label": "{{ label }}", "value": None}],
        "token": "{{ t }}",
    }


def test_secret_inputs_are_masked(action):
    assert action.masked({"text": "a", "token": "hush"}) == {"text": "a", "token": "••••"}


def test_the_name_of_a_secret_is_shown(action):
    named = {"text": "a", "token": {"secret": "shop"}}
    assert action.masked(named) == named
    assert action.without_secrets(named) == {"text": "a", "token": "••••"}


@pytest.mark.parametrize(
    "raw", ["hush", {"secret": ""}, {"secret": "A Name"}, {"secret": 7}, {"secret": "a", "b": 1}, ["a"], 7]
)
def test_a_secret_input_names_a_secret_and_holds_none(action, raw):
    (problem,) = action.check({"text": "a", "token": raw})
    assert (problem.path, problem.code) == ("token", "secret_in_clear")
    assert "hush" not in problem.message
    assert not Draft202012Validator(action.json_schema()).is_valid({"token": raw})


def test_what_names_a_secret_fits(action):
    raw = {"text": "a", "token": {"secret": "shop-api_2"}}
    assert action.check(raw) == []
    assert list(action.templates(raw)) == [("text", "a")]
    assert action.map_templates(raw, str.upper)["token"] == {"secret": "shop-api_2"}
    assert Draft202012Validator(action.json_schema()).is_valid(raw)


def test_a_secret_that_nobody_has_looked_up_is_not_sent(action, context):
    with pytest.raises(InvalidInput):
        action.execute({"text": "a", "token": {"secret": "shop"}}, context)


def test_only_a_text_may_be_secret():
    class Odd(Sample):
        key = "test.odd"
        inputs = (IntegerInput("pin", label="PIN", secret=True),)

    with pytest.raises(ImproperlyConfigured, match="pin"):
        Odd.check_declaration()


def test_an_empty_secret_shows_as_empty(action):
    assert action.masked({"token": ""}) == {"token": ""}


@pytest.mark.parametrize("key", [action.key for action in registry.all()])
def test_the_json_schema_of_each_action_is_valid(key):
    Draft202012Validator.check_schema(registry.get(key).json_schema())


@pytest.mark.parametrize(
    ("raw", "is_valid"),
    [
        ({"text": "a", "count": 3, "limit": {"amount": 5, "currency": "usd"}}, True),
        ({"count": "{{ trigger.amount }}", "limit": "{{ trigger.amount }}"}, True),
        ({"text": None, "rows": []}, True),
        ({"count": "3"}, False),
        ({"limit": {"amount": "5", "currency": "usd"}}, False),
        ({"rows": [{"label": "A"}]}, False),
        ({"odd": 1}, False),
    ],
)
def test_the_json_schema_tells_structure(action, raw, is_valid):
    assert Draft202012Validator(action.json_schema()).is_valid(raw) is is_valid


def test_only_asking_actions_are_never_repeated_by_themselves():
    assert [repeat for repeat in Repeat if not repeat.is_automatic] == [Repeat.ASK]


def test_an_action_that_says_nothing_of_it_can_not_be_looked_up(action, context):
    assert action.look_up({}, context) == Unclear()


class Message(Sample):
    key = "tests.message"

    def preview(self, inputs, context):
        return None


def test_an_action_has_a_preview_if_it_says_how_it_looks(action):
    assert (action.has_preview, Message().has_preview) == (False, True)
