"""Named values: their types, what later steps know of them, and that a repeat keeps them."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone, translation

from stripeflow.workflows.blocks.typed_values import MAX_TEXT, TypedValuesInput
from stripeflow.workflows.definition.validation import validate
from stripeflow.workflows.engine.execution import execute
from stripeflow.workflows.history.page import RunPage
from stripeflow.workflows.models import Run
from stripeflow.workflows.operations import lifecycle
from stripeflow.workflows.rehearsal.drafts import script_of
from stripeflow.workflows.rehearsal.trials import rehearse_sample
from tests.workflows.admin.addresses import address
from tests.workflows.admin.conftest import *  # noqa: F403  the clients of its fixtures
from tests.workflows.admin.pages import fill
from tests.workflows.api.conftest import ALL, Api
from tests.workflows.documents import action, branch, compare, document, group, usd, way
from tests.workflows.events import payment

pytestmark = pytest.mark.django_db

DAY = int(datetime(2026, 1, 31, tzinfo=UTC).timestamp())


@pytest.fixture(autouse=True)
def _recorder(recorder):
    return recorder


def row(name, type_, value):
    return {"name": name, "type": type_, "value": value}


def values(*rows, key="set"):
    return {"key": key, "type": "set_values", "name": "", "inputs": {"values": list(rows)}}


def given(run):
    return run.steps.get(path="set").outputs


@pytest.mark.parametrize(
    ("type_", "written", "value"),
    [
        ("text", "For {{ trigger.id }}", "For pi_7"),
        ("text", "{{ trigger.amount }}", "5000"),
        ("number", "12.5", 12.5),
        ("number", " １２００ ", 1200),
        ("number", " {{ trigger.amount }} ", 5000),
        ("number", "{{ trigger.metadata.n }}", 0.1),
        ("amount", "48.00 USD", {"amount": 4800, "currency": "usd"}),
        ("amount", "1,000 jpy", {"amount": 1000, "currency": "jpy"}),
        ("amount", "{{ trigger.amount }}", {"amount": 5000, "currency": "eur"}),
        ("yes_no", "yes", True),
        ("yes_no", "{{ trigger.livemode }}", False),
        ("yes_no", "{{ trigger.metadata.vip }}", True),
        ("date", "2026-01-31", DAY),
        ("date", "{{ trigger.created }}", DAY),
        ("date", "{{ trigger.metadata.day }}", DAY),
    ],
)
def test_each_value_has_its_type(finish, type_, written, value):
    metadata = {"n": "0.10", "vip": "Yes", "day": "2026-01-31"}
    obj = payment(5_000, "eur", id="pi_7", created=DAY, livemode=False, metadata=metadata)
    run = finish(values(row("it", type_, written)), obj=obj)
    assert run.status == "succeeded", run.error
    assert given(run) == {"it": value}


@pytest.mark.parametrize(
    ("type_", "written", "code"),
    [
        ("number", "{{ trigger.id }}", "invalid_input"),
        ("yes_no", "{{ trigger.id }}", "invalid_input"),
        ("date", "{{ trigger.id }}", "invalid_input"),
        ("text", "{{ trigger.description }}", "missing_value"),
        ("number", "{{ trigger.metadata.long }}", "invalid_input"),
    ],
)
def test_a_value_of_another_type_fails_the_step_by_its_name(finish, type_, written, code):
    obj = payment(id="pi_7", metadata={"long": "0.12345678901234567890123"})
    run = finish(values(row("it", type_, written)), obj=obj)
    assert (run.status, run.error["code"], run.error["step"]) == ("failed", code, "set")
    if code == "invalid_input":
        assert "“it” must be" in run.error["message"]
        assert "pi_7" not in run.error["public"]


def test_a_default_stands_in_for_what_is_missing(finish):
    run = finish(values(row("it", "number", '{{ trigger.metadata.n | default("0") }}')))
    assert given(run) == {"it": 0}


def test_later_steps_and_conditions_use_them(finish, recorder):
    large = group(compare("steps.set.limit.amount", "greater_than", usd(40)))
    late = group(compare("steps.set.day", "after", "2026-01-01T00:00:00Z"))
    run = finish(
        values(row("limit", "amount", "48.00 USD"), row("day", "date", "2026-01-31")),
        branch(
            "choose",
            way("large", large, branch("late", way("late", late, action("inside", text="yes")))),
        ),
        action("last", text="{{ steps.set.limit.amount | money }} on {{ steps.set.day | date }}"),
    )
    assert run.status == "succeeded", run.error
    assert recorder.texts == ["yes", "$48.00 USD on 2026-01-31 00:00 UTC"]


def test_an_amount_is_taken_over_from_another_set_of_values(finish):
    run = finish(
        values(row("limit", "amount", "48.00 EUR"), key="first"),
        values(row("same", "amount", "{{ steps.first.limit.amount }}")),
    )
    assert given(run) == {"same": {"amount": 4800, "currency": "eur"}}


def test_what_is_recorded_is_not_made_again(start, recorder):
    def die():
        raise KeyboardInterrupt

    run = start(
        values(row("it", "number", "{{ trigger.amount }}")), action("last", text="{{ steps.set.it }}")
    )
    recorder.then(die)
    with pytest.raises(KeyboardInterrupt):
        execute(run.pk)
    run.steps.filter(path="set").update(outputs={"it": 7})
    Run.objects.filter(pk=run.pk).update(lease_expires_at=timezone.now() - timedelta(seconds=1))
    execute(run.pk)
    assert run.steps.filter(path="set").count() == 1
    # The intent was recorded as well.
    assert recorder.texts[1] == recorder.texts[0]


@pytest.mark.parametrize(
    ("rows", "code", "says"),
    [
        ([row("", "text", "a")], "name_missing", "A value needs a name."),
        ([row("A b", "text", "a")], "name", "may hold letters from a to z"),
        ([row("a", "text", "a"), row("a", "text", "b")], "name", "The name “a” is given twice."),
        ([row("id", "text", "a")], "name", "A value cannot be called “id”."),
        ([row("a", "number", "")], "value", "“a” needs a value."),
        ([row("a", "number", "many")], "value", "“a” must be a number such as 1200 or 12.5."),
        ([row("a", "amount", "48.00")], "value", "“a” must be an amount with its currency"),
        ([row("a", "amount", "{{ trigger.amount }} USD")], "value", "“a” must be an amount"),
        ([row("a", "date", "soon")], "value", "“a” must be a date such as 2026-01-31."),
        ([row("a", "yes_no", "maybe")], "value", "“a” must be yes or no."),
        ([row("a", "text", "a" * (MAX_TEXT + 1))], "value", "“a” must be a text of at most"),
        ([row("a", "money", "1")], "type", "The types are: text, number, amount, yes_no, date."),
        ([{"name": "a"}], "type", "The types are:"),
        ([row("a", "amount", "{{ event.created }}")], "filter", "a: "),
        ([row("a", "yes_no", "{{ trigger.amount }}")], "kind", "a: It has to be"),
        ([row("a", "text", "{{ steps.gone.x }}")], "unknown_reference", "Values: "),
        ([row("a", "amount", "{{ trigger.amount | }}")], "template", "Values: "),
        ([], "required", "“Values” is required."),
    ],
)
def test_faulty_rows_are_refused(rows, code, says):
    errors = validate(document(values(*rows))).problems.errors
    assert [(one.step, one.field) for one in errors if one.code == code and says in one.message] == [
        ("set", "values")
    ], errors


def test_a_name_that_is_gone_is_a_problem_of_what_refers_to_it():
    found = validate(document(values(row("a", "text", "b")), action("last", text="{{ steps.set.b }}")))
    [problem] = found.problems.errors
    assert (problem.step, problem.code) == ("last", "unknown_reference")


def test_a_comparison_that_its_type_has_not_is_a_problem():
    wrong = branch("choose", way("one", group(compare("steps.set.yes", "greater_than", 4))))
    found = validate(document(values(row("yes", "yes_no", "yes")), wrong)).problems.errors
    assert [one.step for one in found] == ["choose"]


def test_a_dry_run_shows_what_they_would_be_and_goes_on_with_it():
    large = group(compare("steps.set.limit.amount", "greater_than", usd(40)))
    steps = (
        values(row("limit", "amount", "48.00 USD")),
        branch("choose", way("large", large, action("inside", text="{{ steps.set.limit.amount | money }}"))),
    )
    found = rehearse_sample(script_of(lifecycle.create(document(*steps)))).found
    set_, choose = found.steps
    assert set_.outputs.value == {"limit": {"amount": 4800, "currency": "usd"}}
    assert choose.lanes[0].state == "taken"
    assert choose.lanes[0].steps[0].inputs == {"text": "$48.00 USD"}


def test_a_dry_run_says_why_it_would_fail():
    workflow = lifecycle.create(document(values(row("it", "number", "{{ trigger.id }}"))))
    found = rehearse_sample(script_of(workflow)).found
    assert (found.end, found.steps[0].state) == ("failed", "would_fail")
    assert "“it” must be a number" in found.steps[0].faults[0].message


def test_pages_show_them_by_name_and_type(client_with, finish):
    run = finish(values(row("refund_limit", "amount", "48.00 USD"), row("day", "date", "2026-01-31")))
    page = RunPage(run, payloads=True)
    outputs = [(one.label, one.text) for one in page.path.steps["set"].latest.outputs.rows]
    assert outputs[0] == ("Refund limit", "$48.00 USD")
    assert ("Day", "Jan. 31, 2026, midnight") in outputs
    client = client_with("view_workflow", "view_run", "view_payload")
    assert "$48.00 USD" in client.get(address(run)).content.decode()


def test_the_editor_saves_what_people_type(editor):
    workflow = lifecycle.create(document(values(row("a", "text", "b")), action("last", text="x")))
    form = address(workflow.steps.get(key="set"))
    assert 'value="yes_no"' in editor.get(form).content.decode()
    typed = {"0-name": "Refund limit", "0-type": "amount", "0-value": "1,048 usd"}
    fill(editor, form, "step_form", **{f"inputs-values-{name}": text for name, text in typed.items()})
    assert workflow.steps.get(key="set").inputs == {"values": [row("refund_limit", "amount", "1,048.00 USD")]}
    page = editor.get(address(workflow.steps.get(key="last"))).content.decode()
    assert "Refund limit" in page


def test_an_amount_is_typed_in_the_readers_own_way():
    field = TypedValuesInput("values", label="Values").form_field()
    with translation.override("de"):
        assert field.clean([row("Grenze", "amount", "1.048,50 EUR")]) == [
            row("grenze", "amount", "1,048.50 EUR")
        ]


def test_the_api_takes_and_shows_them(user_with, finish, settings):
    settings.ROOT_URLCONF = "tests.workflows.api.urls"
    api = Api(user_with(*ALL, username="program"))
    whole = document(values(row("limit", "amount", "48.00 USD")), action("last", text="x"))
    made = api.post("workflows/", whole).json()
    assert made["definition"]["steps"][0]["inputs"] == whole["steps"][0]["inputs"]
    run = finish(*whole["steps"], name="Second")
    [step, _last] = api.get(f"runs/{run.pk}/").json()["steps"]
    assert step["outputs"] == {"limit": {"amount": 4800, "currency": "usd"}}


def test_its_schema_names_the_types():
    schema = TypedValuesInput("values", label="Values").json_schema()
    assert '"yes_no"' in json.dumps(schema)
