"""A workflow that starts on demand, from its form and document to what references and dry runs know of it."""

import pytest

from stripeflow.triggers.models import Source
from stripeflow.triggers.types import registry
from stripeflow.workflows.definition.on_demand.trigger import SOURCE
from stripeflow.workflows.definition.problems import DefinitionError
from stripeflow.workflows.definition.schema import check_structure
from stripeflow.workflows.definition.trigger import TriggerPlan
from stripeflow.workflows.definition.typing import Known
from stripeflow.workflows.definition.validation import validate
from stripeflow.workflows.display.labels import field_groups
from stripeflow.workflows.display.outline import outline
from stripeflow.workflows.drafts.rows import to_document
from stripeflow.workflows.history.difference import changes
from stripeflow.workflows.operations import lifecycle
from stripeflow.workflows.rehearsal.drafts import script_of
from stripeflow.workflows.rehearsal.trials import rehearse_payload, rehearse_sample
from tests.workflows.admin.addresses import address
from tests.workflows.admin.pages import fill
from tests.workflows.documents import action, compare, document, group, usd
from tests.workflows.on_demand import AMOUNT, CHARGE, REASON, on_demand

NO_CONDITIONS = {"match": "all", "conditions": []}


@pytest.fixture(autouse=True)
def _actions(recorder):
    pass


def problems(*inputs, steps=(), conditions=NO_CONDITIONS):
    checked = validate(on_demand(*inputs, steps=steps or (action("one", text="a"),), conditions=conditions))
    return [(one.code, one.message) for one in checked.problems]


def test_its_source_is_the_one_of_events():
    assert SOURCE == Source.ON_DEMAND
    assert registry.of_source(Source.ON_DEMAND).is_addressed


def test_a_workflow_without_inputs_may_be_started():
    assert problems() == []


@pytest.mark.parametrize(
    "other",
    [
        {"label": "Reason"},
        {"name": "cause"},
        {"kind": "text"},
        {"choices": ["late"]},
        {"required": True},
        {"help_text": "Tell us."},
    ],
)
def test_a_change_of_an_input_is_shown_as_a_change(other):
    (change,) = changes(on_demand(REASON), on_demand({**REASON, **other}))
    assert change.before == "On demand, with Why (reason: Choice, late, broken)"
    assert change.after != change.before


@pytest.mark.django_db
def test_is_exported_as_it_was_imported_and_drawn():
    made = on_demand(CHARGE, REASON)
    assert to_document(lifecycle.create(made)) == made
    card = outline(made).trigger
    assert (card.label, card.is_chosen) == ("On demand, with Charge, Why", True)
    assert outline(on_demand()).trigger.label == "On demand"


@pytest.mark.parametrize("odd", [[], {}, 5, None, [[]]], ids=str)
@pytest.mark.parametrize("name", ["name", "kind", "label", "help_text", "required", "choices", "of"])
def test_odd_json_in_an_input_is_a_problem(name, odd):
    if (name, odd) != ("choices", []):
        with pytest.raises(DefinitionError):
            check_structure(on_demand({**REASON, name: odd}))


@pytest.mark.parametrize("odd", [{}, 5, "charge", [5], [None], [[]]], ids=str)
def test_odd_json_in_place_of_the_inputs_is_a_problem(odd):
    made = on_demand()
    made["trigger"]["asks_for"] = odd
    with pytest.raises(DefinitionError):
        check_structure(made)


def test_references_and_conditions_know_its_inputs_with_their_types():
    known = Known(TriggerPlan.of(on_demand(CHARGE, REASON, AMOUNT)["trigger"]))
    assert (known.find("trigger.charge").type, known.find("trigger.amount").type) == ("id", "money")
    assert known.find("trigger.amount").currency_field == "trigger.amount_currency"
    assert known.find("trigger.colour") is None
    (inputs,) = [one for one in field_groups(known) if one.label == "Inputs"]
    assert [one.path for one in inputs.options][:2] == ["trigger.charge", "trigger.reason"]


def test_conditions_are_checked_by_the_types_of_inputs():
    more = group(compare("trigger.amount", "greater_than", usd(10)))
    wrong = group(compare("trigger.reason", "greater_than", 5))
    assert problems(AMOUNT, conditions=more) == []
    assert [code for code, _message in problems(REASON, conditions=wrong)] == ["operator"]


def test_a_step_that_reads_an_input_that_is_not_declared_is_refused():
    reads = action("one", text="{{ trigger.colour }}")
    assert len(problems(CHARGE, steps=(reads,))) == 1
    assert problems(CHARGE, steps=(action("one", text="{{ trigger.charge }}"),)) == []


@pytest.mark.parametrize(
    ("inputs", "code", "says"),
    [
        ([CHARGE, {**REASON, "name": "charge"}], "name_taken", "input “Charge” is taken"),
        ([AMOUNT, {**REASON, "name": "amount_currency"}], "name_taken", "input “Amount” is taken"),
        ([{**REASON, "choices": []}], "no_choices", "“Why”"),
        ([{**REASON, "choices": ["a", "a"]}], "choice_twice", "“Why”"),
        ([{"name": "it", "kind": "stripe_id", "label": "Which"}], "no_object", "“Which”"),
        ([{**CHARGE, "of": "spaceship"}], "no_object", "“Charge”"),
    ],
)
def test_what_is_wrong_with_an_input_is_said_by_its_title(inputs, code, says):
    found = problems(*inputs)
    assert found[0][0] == code
    assert says in found[0][1]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "wrong",
    [{"name": "Not a name"}, {"kind": "colour"}, {"label": ""}, {"colour": "red"}],
)
def test_a_document_with_another_structure_is_refused(wrong):
    with pytest.raises(DefinitionError):
        lifecycle.create(on_demand({**CHARGE, **wrong}))


@pytest.mark.django_db
def test_is_tried_on_made_up_inputs_of_the_right_types_and_on_given_ones():
    script = script_of(
        lifecycle.create(on_demand(CHARGE, REASON, steps=(action("one", text="{{ trigger.charge }}"),)))
    )
    assert rehearse_sample(script).found.steps[0].inputs == {"text": "ch_sample"}
    found = rehearse_payload(script, {"charge": "ch_2", "reason": "late"}).found
    assert found.steps[0].inputs == {"text": "ch_2"}


@pytest.mark.django_db
def test_the_form_declares_inputs(admin_client):
    workflow = lifecycle.create(document(action("one", text="a")))
    page = address(workflow.trigger)
    fill(admin_client, page, "trigger_form", type="on_demand")
    fill(
        admin_client,
        page,
        "trigger_form",
        **{
            "asks_for-0-label": "Charge",
            "asks_for-0-kind": "stripe_id",
            "asks_for-0-of": "charge",
            "asks_for-0-required": "1",
            "asks_for-1-label": "Why so late?",
            "asks_for-1-kind": "choice",
            "asks_for-1-choices": "Lost\r\n\r\nBroken",
        },
    )
    workflow.trigger.refresh_from_db()
    assert workflow.trigger.settings == {
        "asks_for": [
            {"name": "charge", "kind": "stripe_id", "label": "Charge", "required": True, "of": "charge"},
            {
                "name": "why_so_late",
                "kind": "choice",
                "label": "Why so late?",
                "choices": ["Lost", "Broken"],
            },
        ]
    }
    fill(admin_client, page, "trigger_form", match="any")
    before = workflow.trigger.settings
    workflow.trigger.refresh_from_db()
    assert workflow.trigger.settings == before


@pytest.mark.django_db
def test_a_name_that_cannot_be_one_is_refused_by_the_form(admin_client):
    workflow = lifecycle.create(on_demand(CHARGE))
    answer = fill(
        admin_client, address(workflow.trigger), "trigger_form", **{"asks_for-0-name": "Not a name"}
    )
    assert "The name of the input “Charge” may hold a-z, 0-9 and _ only." in answer.content.decode()


@pytest.mark.django_db
def test_labels_without_latin_letters_get_names_too(admin_client):
    workflow = lifecycle.create(on_demand())
    rows = {
        "asks_for-0-label": "理由",
        "asks_for-0-kind": "text",
        "asks_for-1-label": "理由",
        "asks_for-1-kind": "text",
    }
    fill(admin_client, address(workflow.trigger), "trigger_form", **rows)
    workflow.trigger.refresh_from_db()
    assert [one["name"] for one in workflow.trigger.settings["asks_for"]] == ["input_1", "input_2"]
