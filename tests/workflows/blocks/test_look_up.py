"""A table of keys and values in the settings of a step."""

import pytest

from stripeflow.workflows.definition.validation import validate
from stripeflow.workflows.history.page import RunPage
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

TEAMS = {"shoes": "North", "hats": "South"}
LAST = action("last", text="{{ steps.find.value }}")


@pytest.fixture(autouse=True)
def _recorder(recorder):
    return recorder


def rows(table):
    return [{"key": key, "value": value} for key, value in table.items()]


def find(table=TEAMS, *, key="{{ trigger.metadata.product }}", type_="text", otherwise="fail", default=None):
    inputs = {"key": key, "type": type_, "table": rows(table), "otherwise": otherwise}
    more = {} if default is None else {"default": default}
    return {"key": "find", "type": "look_up", "name": "", "inputs": {**inputs, **more}}


def sold(product):
    return payment(metadata={"product": product})


@pytest.mark.parametrize(("product", "team"), [("shoes", "North"), (" hats ", "South")])
def test_it_gives_the_value_of_the_key(finish, recorder, product, team):
    run = finish(find(), LAST, obj=sold(product))
    assert (run.status, recorder.texts) == ("succeeded", [team])
    assert run.steps.get(path="find").outputs == {"value": team, "is_found": True}


@pytest.mark.parametrize("product", ["gloves", "Shoes"])
def test_a_key_that_is_not_there_fails_the_run_and_hides_it(finish, recorder, product):
    run = finish(find(), LAST, obj=sold(product))
    assert (run.status, run.error["code"], run.error["step"]) == ("failed", "not_in_table", "find")
    assert run.error["message"] == f"The key “{product}” is not in the table."
    assert run.error["public"] == "The key “…” is not in the table."
    assert recorder.texts == []


def test_or_the_default_stands_in_and_says_so(finish):
    run = finish(find(otherwise="default", default="Nobody"), LAST, obj=sold("gloves"))
    assert run.steps.get(path="find").outputs == {"value": "Nobody", "is_found": False}


@pytest.mark.parametrize(
    ("type_", "written", "value"),
    [
        ("number", "12.5", 12.5),
        ("amount", "48.00 USD", {"amount": 4800, "currency": "usd"}),
        ("yes_no", "yes", True),
        ("date", "2026-01-31", 1769817600),
    ],
)
def test_values_have_the_type_of_the_table(finish, type_, written, value):
    run = finish(find({"shoes": written}, type_=type_), obj=sold("shoes"))
    assert run.steps.get(path="find").outputs["value"] == value


def test_conditions_and_texts_know_the_type(finish, recorder):
    large = group(compare("steps.find.value.amount", "greater_than", usd(40)))
    last = action("last", text="{{ steps.find.value.amount | money }}")
    steps = (find({"shoes": "48.00 USD"}, type_="amount"), branch("choose", way("large", large, last)))
    assert validate(document(*steps)).problems.errors == ()
    finish(*steps, obj=sold("shoes"))
    assert recorder.texts == ["$48.00 USD"]


@pytest.mark.parametrize(
    ("step", "field", "says"),
    [
        (find(key=""), "key", "required"),
        (find({}), "table", "required"),
        (find({"": "a"}), "table", "needs a key"),
        (find({"a": "1", " a": "2"}), "table", "The key “ a” is in the table twice."),
        (find({"a": "many"}, type_="number"), "table", "The value of “a” must be a number"),
        (find({"a": ""}, type_="date"), "table", "The value of “a” must be a date"),
        (
            find({"a": "{{ trigger.amount }}"}),
            "table",
            "A table cannot hold references. Remove the one in the row “a”.",
        ),
        (find({"a": "1"}, type_="number", otherwise="default"), "default", "must be a number"),
        (find({"a": "1"}, type_="money"), "type", "must be one of its choices"),
        (find(key="{{ steps.gone.x }}"), "key", "this workflow does not have"),
        (find({str(number): "a" for number in range(201)}), "table", "at most 200 rows"),
    ],
)
def test_faulty_settings_are_refused(step, field, says):
    [problem] = validate(document(step)).problems.errors
    assert (problem.step, problem.field) == ("find", field)
    assert says in problem.message


def test_a_key_without_a_value_fails_the_step(finish):
    run = finish(find(), obj=payment(metadata={}))
    assert (run.status, run.error["code"]) == ("failed", "missing_value")


def test_a_dry_run_finds_it_or_says_why_not():
    here = lifecycle.create(document(find({"payment_intent": "yes"}, key="{{ trigger.object }}"), LAST))
    found = rehearse_sample(script_of(here)).found
    assert found.steps[0].outputs.value == {"value": "yes", "is_found": True}
    assert found.steps[1].inputs == {"text": "yes"}
    gone = lifecycle.create(document(find(key="{{ trigger.object }}"), LAST, name="Gone"))
    found = rehearse_sample(script_of(gone)).found
    assert (found.end, found.steps[0].faults[0].code) == ("failed", "not_in_table")


def test_the_page_of_the_run_and_the_api_show_it(finish, user_with, settings):
    settings.ROOT_URLCONF = "tests.workflows.api.urls"
    run = finish(find({"shoes": "48.00 USD"}, type_="amount"), obj=sold("shoes"))
    page = RunPage(run, payloads=True)
    outputs = [(one.label, one.text) for one in page.path.steps["find"].latest.outputs.rows]
    assert outputs[0] == ("Value", "$48.00 USD")
    [step] = Api(user_with(*ALL, username="program")).get(f"runs/{run.pk}/").json()["steps"]
    assert step["outputs"] == {"value": {"amount": 4800, "currency": "usd"}, "is_found": True}


def test_the_editor_offers_and_saves_it(editor):
    workflow = lifecycle.create(document(action("last", text="x")))
    where = address("step", "add_block", kind="look_up", workflow=workflow.pk, position=0)
    assert editor.post(where, {"revision": workflow.revision}).status_code == 302
    row = workflow.steps.get(kind="look_up")
    form = editor.get(address(row)).content.decode()
    assert 'name="inputs-table-0-value" rows="1" placeholder="Value" aria-label="Value">' in form
    boxes = {
        "key": "{{ trigger.id }}",
        "type": "text",
        "table-0-name": "a",
        "table-0-value": "b",
        "otherwise": "default",
        "default": "c",
    }
    fill(editor, address(row), "step_form", **{f"inputs-{name}": text for name, text in boxes.items()})
    row.refresh_from_db()
    assert row.inputs == find({"a": "b"}, key="{{ trigger.id }}", otherwise="default", default="c")["inputs"]
