"""What happens if a step fails, chosen in its form and drawn beside its card."""

import pytest

from stripeflow.workflows.admin.editor.scope import Scope
from stripeflow.workflows.definition.problems import DefinitionError
from stripeflow.workflows.definition.schema import MAX_DEPTH, check_structure
from stripeflow.workflows.display.outline import outline, rows_of
from stripeflow.workflows.drafts.rows import to_document
from stripeflow.workflows.models import Branch, Step
from stripeflow.workflows.operations import lifecycle
from tests.workflows.admin.addresses import address
from tests.workflows.admin.pages import errors_of, fill, form_on
from tests.workflows.documents import action, branch, compare, document, failing, group, way

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("recorder")]


@pytest.fixture
def workflow():
    return lifecycle.create(document(action("one", text="a"), action("two", text="b")))


@pytest.fixture
def one(workflow):
    return workflow.steps.get(key="one")


def error_branch(step):
    return Branch.objects.get(step=step, on_error=True)


def keys(workflow, home=None):
    return list(Step.objects.filter(workflow=workflow, branch=home).values_list("key", flat=True))


def test_the_error_branch_is_made_with_the_choice(editor, workflow, one):
    fill(editor, address(one), "step_form", on_error="branch")
    assert to_document(workflow)["steps"][0] == failing(action("one", text="a"))
    page = editor.get(address(workflow)).content.decode()
    assert 'id="branch-one-error"' in page
    assert f"branch={error_branch(one).pk}" in page
    assert "The branch “If it fails” has no steps" in page


def test_a_new_step_may_have_one_at_once(editor, workflow):
    where = address("step", "add", workflow=workflow.pk, position=2, action="test.record")
    fill(editor, where, "step_form", name="Three", on_error="branch")
    assert error_branch(workflow.steps.get(key="three"))


def test_a_step_is_added_to_it_and_may_use_the_error(editor, workflow, one):
    fill(editor, address(one), "step_form", on_error="branch")
    home = error_branch(one)
    place = {"workflow": workflow.pk, "branch": home.pk, "position": 0, "action": "test.record"}
    where = address("step", "add", **place)
    page = editor.get(where).content.decode()
    assert "steps.one.error.message" in page
    assert "steps.one.text" not in page
    fill(editor, where, "step_form", name="Rescue", **{"inputs-text": "{{ steps.one.error.message }}"})
    assert keys(workflow, home) == ["rescue"]
    workflow.refresh_from_db()
    lifecycle.activate(workflow)
    assert "Error of “Record” › Message" in editor.get(address(workflow)).content.decode()


def test_the_choice_goes_with_an_empty_branch(editor, workflow, one):
    fill(editor, address(one), "step_form", on_error="branch")
    fill(editor, address(one), "step_form", on_error="continue")
    assert not Branch.objects.filter(step=one).exists()
    assert to_document(workflow)["steps"][0]["on_error"] == "continue"


def test_the_choice_stays_while_the_branch_has_steps(editor):
    workflow = lifecycle.create(document(failing(action("one", text="a"), action("two", text="b"))))
    before = to_document(workflow)
    response = fill(editor, address(workflow.steps.get(key="one")), "step_form", on_error="stop")
    assert "The error branch of this step has steps. Delete or move them first." in errors_of(response)
    assert to_document(workflow) == before


def test_the_rest_of_the_form_can_be_changed_while_the_branch_has_steps(editor):
    workflow = lifecycle.create(document(failing(action("one", text="a"), action("two", text="b"))))
    fill(editor, address(workflow.steps.get(key="one")), "step_form", name="First")
    assert keys(workflow, error_branch(workflow.steps.get(key="one"))) == ["two"]


RETRY = {
    "retry_max_attempts": "3",
    "retry_base_seconds": "0.5",
    "retry_cap_seconds": "60.0",
    "retry_total_seconds": "3600",
}


def test_a_step_has_its_own_retry_policy(editor, workflow, one):
    fill(editor, address(one), "step_form", **RETRY)
    policy = {"max_attempts": 3, "base_seconds": 0.5, "cap_seconds": 60, "total_seconds": 3600}
    assert to_document(workflow)["steps"][0]["retry"] == policy
    shown = form_on(editor.get(address(one)), "step_form")
    assert {name: float(shown[name]) for name in RETRY} == {name: float(RETRY[name]) for name in RETRY}
    page = editor.get(address(workflow)).content.decode()
    assert "at most 3 attempts, first pause 0.5 s, longest pause 60 s, within 3600 s" in page


def test_empty_boxes_are_the_installations_values(editor, workflow, one):
    fill(editor, address(one), "step_form", **RETRY)
    fill(editor, address(one), "step_form", **dict.fromkeys(RETRY, ""))
    assert to_document(workflow)["steps"][0] == action("one", text="a")
    page = editor.get(address(one)).content.decode()
    assert 'placeholder="79200"' in page


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("retry_max_attempts", "0", "greater than or equal to 1"),
        ("retry_max_attempts", "101", "less than or equal to 100"),
        ("retry_base_seconds", "0", "greater than or equal to 0.1"),
        ("retry_base_seconds", "inf", "Enter a number."),
        ("retry_base_seconds", "901", "shorter than the first one"),
        ("retry_total_seconds", "1", "would hardly be tried again"),
        ("retry_total_seconds", "82800", "below 23 hours"),
    ],
)
def test_a_policy_that_makes_no_sense_is_reported_beside_its_box(editor, workflow, one, name, value, said):
    response = fill(editor, address(one), "step_form", **{name: value})
    [error] = response.context["adminform"].form.errors[name]
    assert said in error
    assert "retry" not in to_document(workflow)["steps"][0]


def test_what_happens_if_it_fails_is_folded_until_it_is_used(editor, one):
    def folded():
        [_name, failing_fields] = editor.get(address(one)).context["adminform"]
        return failing_fields.is_collapsible

    assert folded()
    fill(editor, address(one), "step_form", retry_max_attempts="3")
    assert not folded()


def test_the_page_of_a_branch_is_not_for_error_branches(editor, workflow, one):
    fill(editor, address(one), "step_form", on_error="branch")
    assert editor.get(address(error_branch(one))).status_code in (302, 404)


@pytest.fixture
def nested():
    inside = failing(action("two", text="{{ steps.one.error.code }}"), action("three", text="c"))
    return lifecycle.create(document(failing(action("one", text="a"), inside), action("four", text="d")))


def test_a_step_is_duplicated_with_its_error_branch(editor, nested):
    editor.post(address(nested.steps.get(key="one"), "duplicate"), {"revision": nested.revision})
    first, copy, last = to_document(nested)["steps"]
    assert (first["key"], copy["key"], last["key"]) == ("one", "one_2", "four")
    [two] = copy["error_branch"]["steps"]
    assert (two["key"], two["inputs"]["text"]) == ("two_2", "{{ steps.one_2.error.code }}")
    assert [step["key"] for step in two["error_branch"]["steps"]] == ["three_2"]


def test_a_workflow_is_duplicated_with_its_error_branches(nested):
    assert to_document(lifecycle.duplicate(nested))["steps"] == to_document(nested)["steps"]


def test_a_step_is_deleted_with_its_error_branch(editor, nested):
    for key, title in (("two", "Ask the bank"), ("three", "Tell the team")):
        Step.objects.filter(workflow=nested, key=key).update(name=title)
    step = nested.steps.get(key="one")
    page = editor.get(address(step, "delete")).content.decode()
    assert "<li>Ask the bank</li>" in page
    assert "<li>Tell the team</li>" in page
    editor.post(address(step, "delete"), {"revision": nested.revision})
    assert keys(nested) == ["four"]
    assert nested.steps.count() == 1


def test_a_step_moves_into_an_error_branch_and_out_of_it(editor, nested):
    home = error_branch(nested.steps.get(key="two"))
    four = nested.steps.get(key="four")
    page = editor.get(address(four, "place")).content.decode()
    assert "Record › If it fails" in page
    editor.post(address(four, "place"), {"place": f"{home.pk}:1", "revision": nested.revision})
    assert keys(nested, home) == ["three", "four"]
    nested.refresh_from_db()
    editor.post(address(four, "place"), {"place": ":0", "revision": nested.revision})
    assert keys(nested) == ["four", "one"]


def test_a_step_does_not_move_into_its_own_error_branch(editor, nested):
    before = to_document(nested)
    one = nested.steps.get(key="one")
    home = error_branch(nested.steps.get(key="two"))
    editor.post(address(one, "place"), {"place": f"{home.pk}:0", "revision": nested.revision})
    assert to_document(nested) == before


def test_the_outline_draws_the_error_branch_with_its_steps(nested):
    drawn = outline(Scope(nested).document, rows=rows_of(nested))
    [way] = drawn.cards[0].ways
    assert (way.on_error, way.title, way.pk) == (
        True,
        "If it fails",
        error_branch(nested.steps.get(key="one")).pk,
    )
    assert [card.key for card in way.cards] == ["two"]
    assert [card.key for card in drawn.all()] == ["one", "two", "three", "four"]


def test_what_a_new_step_in_an_error_branch_knows(nested):
    home = error_branch(nested.steps.get(key="two"))
    known = Scope(nested).known_in(home, 1)
    found = {
        path: known.find(path) is not None for path in ("steps.one.error.code", "steps.two.error.message")
    }
    assert all(found.values())
    assert known.find("steps.three.text") is not None
    assert known.find("steps.two.text") is None


def test_conditions_of_a_branch_in_an_error_branch_offer_the_error(editor):
    choose = branch("choose", way("gone", group(compare("steps.one.error.code", "equal", "gone"))))
    workflow = lifecycle.create(document(failing(action("one", text="a"), choose)))
    home = Branch.objects.get(step__key="choose", otherwise=False)
    page = editor.get(address(home)).content.decode()
    assert 'value="steps.one.error.code" selected' in page
    assert lifecycle.activate(workflow)


def deepest():
    """A document of error branches in each other, which takes none more."""
    made = action("last", text="a")
    for number in range(MAX_DEPTH):
        deeper = document(failing(action(f"step_{number}", text="a"), made))
        try:
            check_structure(deeper)
        except DefinitionError:
            break
        [made] = deeper["steps"]
    return document(made)


def test_nothing_is_nested_more_deeply_than_a_definition_can_be(editor):
    workflow = lifecycle.create(deepest())
    last = workflow.steps.get(key="last")
    fill(editor, address(last), "step_form", on_error="branch")
    before = to_document(workflow)
    place = {"workflow": workflow.pk, "branch": error_branch(last).pk, "position": 0}
    response = fill(editor, address("step", "add", action="test.record", **place), "step_form", name="Deep")
    page = editor.get(response.url.partition("#")[0]).content.decode()
    assert "The definition is nested too deeply." in page
    assert to_document(workflow) == before
    workflow.refresh_from_db()
    where, sent = address("step", "add_block", kind="branch", **place), {"revision": workflow.revision}
    page = editor.post(where, sent, follow=True).content.decode()
    assert "The definition is nested too deeply." in page
    assert to_document(workflow) == before
